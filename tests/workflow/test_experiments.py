import json
from pathlib import Path

import pytest

from tracker import blobs
from tracker import experiments as records
from tracker import runs as run_records
from tunewise.domain.errors import NotRecorded
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home


@pytest.fixture
def started(home: Home, paths: dict[str, Path]) -> Home:
    """An experiment whose prompt arm is running: e-desk."""
    dataset = datasets.register(home, "desk", paths)
    said = {"actor": home.actor, "at": home.now()}
    body = {
        "spec": {
            "arms": ["prompt", "rag"],
            "task": {"metric": "accuracy"},
            "limits": {"heldout": 2},
        },
        "heldout_digest": dataset["splits"]["heldout"]["digest"],
    }
    with home.store() as store:
        records.create(
            store, "e-desk", title="Desk", dataset="desk@1", body=body, **said
        )
        records.start(store, "e-desk", **said)
        run_records.create(
            store, "r-desk", experiment="e-desk", arm="prompt", seed=4, body={}, **said
        )
        run_records.claim(
            store, "r-desk", owner="pid 1", lease_until="2027-01-01", **said
        )
    return home


def test_a_running_experiment_shows_how_far_its_arms_are(started: Home) -> None:
    view = experiments.show(started, "e-desk")

    assert (view["status"], view["error"]) == ("running", "")
    assert view["arms"] == {
        "prompt": {"run": "r-desk", "status": "running", "error": ""}
    }
    assert view["primary_metric"] == "accuracy"
    assert (view["diagnostics"], view["comparisons"]) == ({}, [])
    assert view["decision"] is None


def test_a_running_run_shows_its_progress_without_the_half_line(started: Home) -> None:
    folder = started.runs / "e-desk" / "prompt-4"
    folder.mkdir(parents=True)
    lines = '{"stage": "answer", "done": 1, "total": 2}\n{"stage": "ans'
    (folder / "progress.jsonl").write_text(lines)

    view = experiments.show_run(started, "r-desk")

    assert view["progress"] == [{"stage": "answer", "done": 1, "total": 2}]
    assert (view["status"], view["result"]) == ("running", None)


def test_answers_keep_any_character_that_a_model_gives(started: Home) -> None:
    given = ["card\u2028refund", "\x85"]
    lines = [json.dumps({"answer": a}, ensure_ascii=False) for a in given]
    said = {"actor": started.actor, "at": started.now()}
    with started.store() as store:
        blob = blobs.put_bytes(store.blobs, "\n".join(lines).encode())
        run_records.finish(
            store,
            "r-desk",
            attempt=1,
            result={"answers_blob": blob},
            blobs=[blob],
            **said,
        )

    rows = experiments.answers(started, "e-desk")

    assert [row["arms"]["prompt"]["answer"] for row in rows] == given


def test_an_unknown_experiment_or_run_is_refused(started: Home) -> None:
    with pytest.raises(NotRecorded, match="Did you mean e-desk"):
        experiments.show(started, "e-dusk")
    with pytest.raises(NotRecorded, match="Did you mean r-desk"):
        experiments.show_run(started, "r-dusk")
    with pytest.raises(NotRecorded):
        experiments.answers(started, "e-dusk")


def test_the_list_has_one_row_an_experiment(started: Home) -> None:
    (row,) = experiments.list_all(started)

    assert (row["experiment"], row["status"], row["dataset"], row["by"]) == (
        "e-desk",
        "running",
        "desk@1",
        "Ada Byron",
    )
