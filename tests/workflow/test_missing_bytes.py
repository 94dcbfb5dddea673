"""What a home shows when its bytes are gone: a view, or one clear message."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tracker import blobs
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tunewise import resources
from tunewise.domain.errors import EnvironmentProblem, NotRecorded
from tunewise.web.app import create_app
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import versions as models
from tunewise.workflow.reports import files as reports
from tunewise.workflow.rules import replay

from .conftest import ADA, NOON, SPLITS, write_toy


@pytest.fixture(scope="module")
def emptied_once(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a dataset, an experiment, a model and a decision, without bytes."""
    folder = tmp_path_factory.mktemp("emptied")
    home = Home(folder / "home", ADA, clock=lambda: NOON)
    toy = write_toy(folder / "toy")
    paths = {role: toy / f"{role}.jsonl" for role in (*SPLITS, "documents")}
    dataset = datasets.register(home, "desk", paths)
    decisions.propose(home, {"must_cite_sources": True}, title="HR answers")
    record(home, dataset["files"]["heldout"])
    for blob in (home.path / "blobs" / "sha256").rglob("*"):
        if blob.is_file():
            blob.unlink()
    return home


@pytest.fixture
def emptied(emptied_once: Home, tmp_path: Path) -> Home:
    """A copy of it, which a test may change."""
    shutil.copytree(emptied_once.path, tmp_path / "home")
    return replace(emptied_once, path=tmp_path / "home")


def record(home: Home, blob: str) -> None:
    """Put a finished experiment and its model version on record."""
    at = {"actor": home.actor, "at": home.now()}
    spec = {
        "task": {"metric": "accuracy"},
        "limits": {"heldout": 0},
        "arms": ["prompt"],
        "finetune": {},
    }
    arm = {
        "run": "r-1",
        "status": "finished",
        "model": "tiny",
        "setup": "zero-shot",
        "metrics": {"accuracy": {"value": 0.5, "low": 0.1, "high": 0.9, "n": 6}},
    }
    report = {
        "experiment": "e-1",
        "title": "Toy",
        "dataset": "desk@1",
        "heldout_digest": "",
        "primary_metric": "accuracy",
        "arms": {"prompt": arm},
        "diagnostics": {},
        "comparisons": [],
    }
    result = {"status": "finished", "setup": "zero-shot", "answers_blob": blob}
    with home.store() as store:
        body = {"spec": spec, "heldout_digest": "", "base_model": None}
        experiment_records.create(
            store, "e-1", title="Toy", dataset="desk@1", body=body, **at
        )
        experiment_records.start(store, "e-1", **at)
        run_records.create(
            store, "r-1", experiment="e-1", arm="prompt", seed=0, body={}, **at
        )
        lease = {"owner": "t", "lease_until": "2099-01-01T00:00:00Z"}
        run_records.claim(store, "r-1", **lease, **at)
        run_records.finish(store, "r-1", attempt=1, result=result, blobs=[blob], **at)
        experiment_records.finish(store, "e-1", report=report, **at)
    models.register(home, "e-1", "prompt", name="desk-model")


READS: dict[str, Callable[[Home, Path], object]] = {
    "dataset list": lambda home, _: datasets.list_all(home),
    "dataset show": lambda home, _: datasets.show(home, "desk@1"),
    "model show": lambda home, _: models.show(home, "desk-model@1"),
    "why": lambda home, _: lineage.why(home, "desk-model@1"),
    "experiment show": lambda home, _: experiments.show(home, "e-1"),
    "run show": lambda home, _: experiments.show_run(home, "r-1"),
    "decision list": lambda home, _: decisions.list_all(home),
    "decision show": lambda home, _: decisions.show(home, only(home)),
    "decision check": lambda home, _: decisions.check(home),
    "decision report": lambda home, to: reports.write_decision(home, only(home), to),
    "replay": lambda home, _: replay.replay(home, ()),
}
REFUSED: dict[str, Callable[[Home, Path], object]] = {
    "dataset export": lambda home, to: datasets.export(home, "desk@1", to),
    "dataset diff": lambda home, _: datasets.diff(home, "desk@1", "desk@1"),
    "answers": lambda home, _: experiments.answers(home, "e-1"),
    "replay": lambda home, _: replay.replay_as_recorded(home, ()),
}


def only(home: Home) -> str:
    return str(decisions.list_all(home)[0]["id"])


@pytest.mark.parametrize("name", READS)
def test_what_needs_no_bytes_is_shown_without_them(
    emptied: Home, tmp_path: Path, name: str
) -> None:
    assert READS[name](emptied, tmp_path / "out")


@pytest.mark.parametrize("name", REFUSED)
def test_what_needs_the_bytes_says_which_are_missing(
    emptied: Home, tmp_path: Path, name: str
) -> None:
    with pytest.raises(
        (NotRecorded, EnvironmentProblem),
        match=r"blobs/sha256/.*: this blob is missing",
    ):
        REFUSED[name](emptied, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("role", ["train", "validation", "heldout", "documents"])
@pytest.mark.parametrize("name", ["dataset export", "dataset diff"])
def test_a_damaged_file_of_a_dataset_is_named_by_its_version_and_role(
    home: Home, paths: dict[str, Path], tmp_path: Path, name: str, role: str
) -> None:
    made = datasets.register(home, "desk", paths)
    with home.store() as store:
        place = blobs.path(store.blobs, made["files"][role])
    place.chmod(0o644)
    place.write_bytes(b"{}")

    with pytest.raises(
        EnvironmentProblem,
        match=rf"^desk@1: its file {role} cannot be read: .*not what was stored\n"
        r"  Register the same files as desk again",
    ):
        REFUSED[name](home, tmp_path / "out")
    assert not (tmp_path / "out").exists()

    assert datasets.register(home, "desk", paths)["restored"] == [made["files"][role]]
    REFUSED[name](home, tmp_path / "out")


def test_a_decision_of_older_rules_is_named_where_they_are_gone(emptied: Home) -> None:
    house = emptied.path / "house" / "criteria"
    house.mkdir(parents=True)  # today's rule set is another one
    shipped = resources.rules_dir() / "criteria" / "must-cite-sources.toml"
    (house / shipped.name).write_text(f"# ours\n{shipped.read_text()}")

    with pytest.raises((NotRecorded, EnvironmentProblem), match="this blob is missing"):
        decisions.show(emptied, only(emptied))


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/decisions",
        "/portfolio",
        "/datasets",
        "/datasets/desk",
        "/datasets/desk/1",
        "/models",
        "/models/desk-model",
        "/models/desk-model/1",
        "/models/desk-model/1/card.md",
        "/lineage/desk-model/1",
        "/experiments",
        "/experiments/e-1",
        "/runs/r-1",
        "/history",
        "/search?q=desk",
    ],
)
def test_every_page_is_served_without_the_bytes(emptied: Home, address: str) -> None:
    assert create_app(emptied).test_client().get(address).status_code == 200


@pytest.mark.parametrize(
    "address", ["/datasets/desk/1/diff/1", "/experiments/e-1/answers"]
)
def test_a_page_that_needs_the_bytes_says_so(emptied: Home, address: str) -> None:
    answer = create_app(emptied).test_client().get(address)

    assert answer.status_code in (404, 503)
    assert "this blob is missing" in answer.text


def test_verify_names_everything_that_is_missing(emptied: Home) -> None:
    problems = integrity.verify(emptied)["problems"]

    assert {p["kind"] for p in problems} == {"blob"}
    parts = " ".join(p["message"] for p in problems)
    assert "desk@1 rests on it as files.train" in parts
    assert "rests on it as rule_files.facts.toml" in parts
    assert "r-1" in parts
