"""The chain of a lineage as a page shows it."""

from tunewise.report.lineage import complete_lineage


def test_figures_of_a_training_have_their_unit() -> None:
    train = {"seconds": 106.032, "peak_memory_bytes": 2_261_127_168, "steps": 80}
    run = {"id": "r-1", "train": train, "training": {"rank": 16}}

    lineage = complete_lineage({"model": "desk@1", "run": run})

    (step,) = [s for s in lineage["lineage"]["steps"] if s["kind"] == "run"]
    shown = {field["name"]: field["value"] for field in step["fields"]}
    assert shown["training"] == {
        "time": "1.8 min",
        "peak_memory": "2.3 GB",
        "steps": 80,
    }
    assert shown["settings"] == {"rank": 16}


def test_a_lineage_is_drawn_from_the_data_to_the_decision() -> None:
    view = {
        "model": "desk@1",
        "run": {"id": "r-" + "x" * 40},
        "dataset": {"version": "desk-data@2"},
        "decision": {"id": "d-desk"},
    }

    found = complete_lineage(view)["lineage"]["drawn"]

    boxes = {box["whole"]: box for box in found["boxes"]}
    assert boxes["desk-data@2"]["x"] < boxes["r-" + "x" * 40]["x"]
    assert boxes["r-" + "x" * 40]["x"] < boxes["desk@1"]["x"]
    assert len(boxes["r-" + "x" * 40]["name"]) <= 23
    assert boxes[""] == {**boxes[""], "known": False, "heading": "not recorded"}
    # no base model is known, so one line is missing
    assert [line["text"] for line in found["lines"]] == [
        "trained and measured on",
        "made",
        "is evidence of",
    ]


def test_one_step_alone_is_not_drawn() -> None:
    assert complete_lineage({"model": "desk@1"})["lineage"]["drawn"] is None
