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
