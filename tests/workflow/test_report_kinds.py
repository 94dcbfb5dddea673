"""Experiments and lineages as reports, and texts of the data in them: only if asked."""

import dataclasses
import datetime as dt
import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tunewise.domain.decision import Actor
from tunewise.domain.errors import TunewiseError
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.reports import files as reports
from tunewise.workflow.reports.examples import MOST, TextsGone

from .answered import conclude_with, write_task
from .conftest import NOON
from .reported import forge, put

KINDS = ["decision", "experiment", "lineage"]
REFERENCES = ["card", "refund", "transfer"] * 20
PROMPTED = ["card", "refund", "refund"] * 20
TRAIN = {"examples": 300, "steps": 30, "tokens": 9000, "seconds": 12.5}
TASK = 'type = "classification", metric = "accuracy"'
SAID = 'dataset.classification = "confidential"\ndataset.accept_because = "a test"'
# what no report may hold unless somebody asked: an example's question
QUESTION = re.compile(r"(train|validation|heldout) question \d+ of ours")


@dataclass(frozen=True)
class Decided:
    home: Home
    decision: str
    experiment: str
    model: str

    def write(self, kind: str, path: Path, **how: Any) -> Path:
        form = path.suffix.removeprefix(".")
        texts = {"with_examples": how.get("with_examples", False)}
        if kind == "decision":
            return reports.write_decision(
                self.home, self.decision, path, form=form, **texts
            )
        if kind == "experiment":
            return reports.write_experiment(
                self.home, self.experiment, path, form=form, **texts
            )
        view = reports.lineage_report(self.home, self.model, **texts)
        return reports.write_lineage(view, path, form=form)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """A model, decided on an experiment; train and held-out share a question."""
    folder = tmp_path_factory.mktemp("kinds")
    home = Home(folder / "home", Actor("Ada Byron"), clock=lambda: NOON)
    spec = write_task(folder / "task", REFERENCES, TASK, SAID)
    train = folder / "task" / "train.jsonl"
    leaked = train.read_text().replace("train question 7 ", "heldout question 7 ")
    train.write_text(leaked)
    report = conclude_with(
        home,
        spec,
        {"prompt": PROMPTED, "rag": PROMPTED, "finetune": REFERENCES},
        train=TRAIN,
    )
    id = decisions.propose(home, report["facts_after"]["facts"], title="Triage")["id"]
    bea = replace(home, actor=Actor("Bea Maro", "account"))
    view = decisions.accept(bea, id, choice="finetune", because="it was measured")
    return Decided(home, id, report["experiment"], view["model"])


@pytest.fixture
def decided(made: Decided, tmp_path: Path) -> Decided:
    """A copy, for tests that record more."""
    shutil.copytree(made.home.path, tmp_path / "home")
    return dataclasses.replace(made, home=replace(made.home, path=tmp_path / "home"))


def problems(home: Home, report: Path) -> list[str]:
    return [p["message"] for p in integrity.verify(home, report)["problems"]]


@pytest.mark.parametrize("with_examples", [False, True])
@pytest.mark.parametrize("form", ["html", "json"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_report_verifies(
    made: Decided, tmp_path: Path, kind: str, form: str, with_examples: bool
) -> None:
    report = made.write(kind, tmp_path / f"r.{form}", with_examples=with_examples)

    view = integrity.verify(made.home, report)

    assert (view["problems"], view["notes"]) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_texts_of_the_data_are_in_a_report_only_if_somebody_asked(
    made: Decided, tmp_path: Path, kind: str
) -> None:
    without = made.write(kind, tmp_path / "without.html").read_text()
    asked = made.write(kind, tmp_path / "with.html", with_examples=True).read_text()

    assert not QUESTION.search(without)
    assert "“…”" in without or kind == "decision"
    found = json.loads(asked.split('id="record-json">')[1].split("</script>")[0])
    (part,) = found["examples"]
    assert (part["total"], len(part["rows"])) == (60, MOST)
    # where arms differ comes first: every third example, which prompt answers wrong
    assert [row["id"] for row in part["rows"][:2]] == ["heldout-2", "heldout-5"]
    assert "heldout question 2 of ours" in asked.split('id="record-json">')[0]


def test_a_finding_that_quotes_an_example_is_in_the_registered_version(
    made: Decided,
) -> None:
    """Else the test above would prove nothing."""
    found = datasets.show(made.home, "a-task@1")["findings"]

    assert any(QUESTION.search(f["message"]) for f in found)


@pytest.mark.parametrize(
    ("kind", "path", "said"),
    [
        ("experiment", "arms.rag.metrics.accuracy.value", "arms.rag.metrics"),
        ("experiment", "verdict.recommended", "verdict.recommended"),
        ("experiment", "with_examples", "with_examples"),
        ("experiment", "dataset_view.digest", "dataset_view.digest"),
        ("lineage", "model.option", "model.option"),
        ("lineage", "decision.justification", "decision.justification"),
        ("lineage", "dataset.findings.0.message", "dataset.findings[0].message"),
        ("decision", "lineage.decision.choice", "lineage.decision.choice"),
        ("decision", "experiment_views.0.verdict.because", "experiment_views[0]"),
    ],
)
def test_a_forged_record_of_every_kind_is_found(
    made: Decided, tmp_path: Path, kind: str, path: str, said: str
) -> None:
    report = made.write(kind, tmp_path / "r.json")
    forge(report, lambda record: put(record, path.split("."), "forged"))

    assert any(message.startswith(said) for message in problems(made.home, report))


@pytest.mark.parametrize("kind", KINDS)
def test_a_forged_example_is_found(made: Decided, tmp_path: Path, kind: str) -> None:
    report = made.write(kind, tmp_path / "r.json", with_examples=True)
    path = "examples.0.rows.3.arms.prompt.answer"
    forge(report, lambda record: put(record, path.split("."), "forged"))

    (message,) = problems(made.home, report)

    assert message.startswith("examples[0].rows[3].arms.prompt.answer: the report")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_every_kind_whose_text_was_edited_is_found(
    made: Decided, tmp_path: Path, kind: str
) -> None:
    report = made.write(kind, tmp_path / "r.html")
    text = report.read_text(encoding="utf-8")
    shown, record = text.split('<script type="application/json"')
    assert "Confidential" in shown
    edited = shown.replace("<strong>Confidential</strong>", "<strong>Public</strong>")
    report.write_text(f'{edited}<script type="application/json"{record}')

    (message,) = problems(made.home, report)

    assert "of its text is not what its record gives" in message


def test_a_record_that_has_no_page_of_its_own_is_told(
    made: Decided, tmp_path: Path
) -> None:
    report = made.write("experiment", tmp_path / "r.html")
    view = datasets.show(made.home, "a-task@1")
    head = integrity.head(made.home)
    text = report.read_text(encoding="utf-8")
    source = text.split('id="record-json">')[1].split("</script>")[0]
    record = json.dumps({**view, "audit_head": head}).replace("<", "\\u003c")
    report.write_text(text.replace(source, record), encoding="utf-8")

    assert "its record is not one that Tunewise makes a page of" in problems(
        made.home, report
    )


def test_reports_stay_true_while_the_log_goes_on(
    decided: Decided, tmp_path: Path
) -> None:
    written = [
        decided.write(kind, tmp_path / f"{kind}.{form}", with_examples=texts)
        for kind in KINDS
        for form, texts in (("html", False), ("json", True))
    ]
    later = replace(decided.home, clock=lambda: NOON + dt.timedelta(days=3))
    decisions.sign(later, decided.decision, role="owner", comment="fine")
    decisions.supersede(later, decided.decision, {"must_cite_sources": True})

    assert [problems(later, report) for report in written] == [[]] * 6


def test_examples_of_data_that_were_deleted_are_neither_shown_nor_called_forged(
    decided: Decided, tmp_path: Path
) -> None:
    before = decided.write("experiment", tmp_path / "r.json", with_examples=True)
    datasets.delete(decided.home, "a-task@1", because="no basis any more")

    view = integrity.verify(decided.home, before)

    assert view["problems"] == []
    assert any("its examples were not compared" in note for note in view["notes"])
    with pytest.raises(TextsGone, match="Leave out --with-examples"):
        decided.write("experiment", tmp_path / "again.json", with_examples=True)
    again = decided.write("experiment", tmp_path / "again.json")
    assert problems(decided.home, again) == []


def test_markdown_has_no_place_for_examples(made: Decided, tmp_path: Path) -> None:
    with pytest.raises(TunewiseError, match="Markdown shows no examples"):
        made.write("decision", tmp_path / "r.md", with_examples=True)
