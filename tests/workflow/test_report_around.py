"""What a report shows around its decision: experiment, dataset, lineage, its text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracker import decisions as decision_records
from tracker import experiments as experiment_records
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import deployments, exporting
from tunewise.workflow.models import versions as models
from tunewise.workflow.reports import files as reports

from .conftest import as_bea
from .imports import register_model
from .on_heldout import begin, run

FORMS = ["html", "md", "json"]


@pytest.fixture
def whole(home: Home, paths: dict[str, Path]) -> tuple[Home, str]:
    """An accepted decision with an experiment, its dataset, and a model that runs."""
    who = {"actor": home.actor, "at": home.now()}
    datasets.register(home, "desk", paths)
    made = run(home, begin(home, "e-1", "desk@1"), score=0.8)
    report = {
        "experiment": "e-1",
        "title": "Desk",
        "dataset": "desk@1",
        "primary_metric": "accuracy",
        "arms": {"rag": {"run": made, "status": "finished"}},
        "diagnostics": {},
        "comparisons": [],
    }
    id = decisions.propose(home, {"must_cite_sources": True}, title="Desk")["id"]
    decisions.accept(as_bea(home), id, choice="rag", because="measured")
    register_model(home, "mail", decision=id, dataset={"name": "mails"})
    with home.store() as store:
        experiment_records.start(store, "e-1", **who)
        experiment_records.finish(store, "e-1", report=report, **who)
        decision_records.attach_experiment(store, id, experiment="e-1", **who)
        decision_records.attach_model(store, id, model="mail@1", **who)
    deployments.deploy(
        home,
        "mail@1",
        product="mail room",
        environment="live",
        outside="mail-llm",
        because="it won",
    )
    return home, id


def test_a_report_says_the_kind_of_each_criterion_that_did_not_match(
    whole: tuple[Home, str],
) -> None:
    view = reports.decision_report(*whole)

    told = [id for ids in view["not_matched_kinds"].values() for id in ids]
    missed = [entry["criterion"] for entry in view["verdict"]["not_matched"]]
    assert sorted(told) == sorted(missed)
    assert "prompting-not-tried" in view["not_matched_kinds"]["veto"]


def go_on(home: Home, id: str, paths: dict[str, Path]) -> None:
    """Let everything around the decision move on."""
    run(home, begin(home, "e-2", "desk@1"), score=0.9)
    datasets.register(home, "again", paths)
    register_model(home, "mail", purpose="more")
    models.alias(home, "mail@2", "production", because="better")
    deployments.undeploy(home, "mail@1", because="replaced")
    decisions.sign(home, id, role="owner", comment="fine")
    models.describe(home, "mail@1", {"purpose": "mails"}, because="asked")


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_report_stays_true_while_everything_goes_on(
    whole: tuple[Home, str], paths: dict[str, Path], tmp_path: Path, form: str
) -> None:
    home, id = whole
    report = reports.write_decision(home, id, tmp_path / f"r.{form}", form=form)
    go_on(home, id, paths)

    view = integrity.verify(home, report)

    assert (view["problems"], view["notes"]) == ([], [])


@pytest.mark.parametrize(
    "path",
    [
        "fact_definitions.must_cite_sources.question",
        "lineage.completeness",
        "lineage.runs_today",
        "lineage.missing.0",
        "lineage.asked.kind",
        "lineage.expected.0.known",
        "lineage.deployments.0.runs",
        "lineage.model.deployments.0.runs",
        "lineage.model.deployments.0.planned",
        "lineage.decision.choice",
        "lineage.dataset.version",
        "lineage.audit_head",
        "dataset_view.by",
        "with_examples",
        "dataset_view.same_content",
        "experiment_views.0.arms.rag.status",
        "experiment_views.0.by",
        "runs_on_heldout.0.score",
        "not_matched_kinds.gate",
        "comparisons",
    ],
)
def test_nothing_that_a_report_shows_can_be_forged(
    whole: tuple[Home, str], tmp_path: Path, path: str
) -> None:
    home, id = whole
    report = reports.write_decision(home, id, tmp_path / "r.json", form="json")
    record = json.loads(report.read_text(encoding="utf-8"))
    *outer, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    part: Any = record
    for key in outer:
        part = part[key]
    part[last] = "forged"
    report.write_text(json.dumps(record), encoding="utf-8")

    (problem,) = integrity.verify(home, report)["problems"]

    assert 'the report says "forged"' in problem["message"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Desk", "# Disk"),
        ("Bea Maro", "Eve Maro"),
        ("\n", "\r\n"),
        ("id: ", "id: x"),
        ("id: ", "ide: "),
        ("<!-- made by", "<!-- by"),
    ],
)
@pytest.mark.parametrize("moved_on", [False, True])
def test_markdown_that_was_edited_is_found(
    whole: tuple[Home, str],
    paths: dict[str, Path],
    tmp_path: Path,
    old: str,
    new: str,
    moved_on: bool,
) -> None:
    home, id = whole
    report = reports.write_decision(home, id, tmp_path / "r.md", form="md")
    text = report.read_text(encoding="utf-8")
    assert old in text
    report.write_bytes(text.replace(old, new, 1).encode())
    if moved_on:
        go_on(home, id, paths)

    assert not integrity.verify(home, report)["ok"]


def test_markdown_of_other_software_is_told_from_an_edited_one(
    whole: tuple[Home, str], tmp_path: Path
) -> None:
    home, id = whole
    report = reports.write_decision(home, id, tmp_path / "r.md", form="md")
    text = report.read_text(encoding="utf-8")
    head, _, _ = text.partition("<!-- made by")
    by = f"<!-- made by tunewise 9.9, sha256:{'0' * 64} -->\n"
    report.write_text(head.replace("# Desk", "# Disk") + by, encoding="utf-8")

    view = integrity.verify(home, report)

    assert (view["problems"], len(view["notes"])) == ([], 1)
    assert "its text was made by tunewise 9.9 with other templates" in view["notes"][0]


def of_other_software(report: Path, old: str, new: str, *, digest: str = "0") -> None:
    """Edit a Markdown report, and let it say that other software made it."""
    head, _, _ = report.read_text(encoding="utf-8").partition("<!-- made by")
    assert old in head
    by = f"<!-- made by tunewise 9.9, sha256:{digest * 64} -->\n"
    report.write_text(head.replace(old, new, 1) + by, encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"accepted"', '"rejected"', "the records say otherwise: 'status"),
        ("accuracy 0.8", "accuracy 0.9", "the records say otherwise: '| `r-e-1-rag"),
        ('option: "RAG"', 'option: "Hybrid"', "the records say otherwise: 'Chosen"),
        (
            "veto against Fine-tune",
            "veto against RAG",
            "the records say otherwise: '* A",
        ),
        ("## ", "The accuracy was 0.9317.\n\n## ", "no record gives 0.9317: 'The acc"),
        ("## ", "See run r-e-9-rag-0.\n\n## ", "no record gives r-e-9-rag-0"),
    ],
)
@pytest.mark.parametrize("moved_on", [False, True])
def test_an_edited_figure_is_found_whoever_is_said_to_have_made_the_report(
    whole: tuple[Home, str],
    paths: dict[str, Path],
    tmp_path: Path,
    old: str,
    new: str,
    said: str,
    moved_on: bool,
) -> None:
    home, id = whole
    report = reports.write_decision(home, id, tmp_path / "r.md", form="md")
    of_other_software(report, old, new)
    if moved_on:
        go_on(home, id, paths)

    view = integrity.verify(home, report)

    assert not view["ok"]
    assert any(p["message"].startswith(said) for p in view["problems"])


def test_a_line_of_other_words_is_counted_and_shown(
    whole: tuple[Home, str], tmp_path: Path
) -> None:
    home, id = whole
    report = reports.write_decision(home, id, tmp_path / "r.md", form="md")
    of_other_software(report, "## ", "Legal has agreed.\n\n## ")

    view = integrity.verify(home, report)

    assert view["ok"]
    assert "could not be compared word by word" in view["notes"][0]
    assert view["notes"][0].endswith(
        "1 of its lines have other words than here, the first 'Legal has agreed.'"
    )


@pytest.mark.parametrize(("old", "new"), [("", ""), ("mails", "males")])
def test_a_model_card_is_held_against_the_records(
    whole: tuple[Home, str], paths: dict[str, Path], tmp_path: Path, old: str, new: str
) -> None:
    home, id = whole
    exporting.export(home, "mail@1", tmp_path / "export")
    card = tmp_path / "export" / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace(old, new))
    go_on(home, id, paths)

    assert integrity.verify(home, card)["ok"] == (old == new)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda view: view, ""),
        (lambda view: view["model"].update(option="rag"), "model.option"),
        (lambda view: view.update(runs_today=False), "runs_today"),
        (lambda view: view.update(missing=[]), "missing"),
    ],
)
def test_the_answer_to_why_is_a_report_too(
    whole: tuple[Home, str], tmp_path: Path, change: Change, said: str
) -> None:
    home, _ = whole
    view = lineage.why(home, "mail-llm", at="2026-11-22")
    change(view)
    (tmp_path / "why.json").write_text(json.dumps(view), encoding="utf-8")

    problems = integrity.verify(home, tmp_path / "why.json")["problems"]

    assert [p["message"].partition(":")[0] for p in problems] == [said][: bool(said)]
