"""Experiments and lineages as reports, and texts of the data in them: only if asked."""

import dataclasses
import datetime as dt
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tunewise.domain.errors import TunewiseError
from tunewise.workflow import decisions, schemas
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.reports.examples import MOST, TextsGone

from .answered import conclude_with, write_task
from .conftest import NOON
from .decided import KINDS, SAID, TASK, TRAIN, Decided, decide
from .reported import forge, put

# what no report may hold unless somebody asked: an example's question
QUESTION = re.compile(r"(train|validation|heldout) question \d+ of ours")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    return decide(tmp_path_factory.mktemp("kinds"))


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
    assert (part["total"], len(part["rows"])) == (60, MOST // 3)
    # where arms differ comes first: every third example, which prompt answers wrong
    assert [row["id"] for row in part["rows"][:2]] == ["heldout-2", "heldout-5"]
    assert "heldout question 2 of ours" in asked.split('id="record-json">')[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_does_not_say_where_files_lie(
    made: Decided, tmp_path: Path, kind: str
) -> None:
    folder = str(made.home.path.parent)
    spec = experiments.show(made.home, made.experiment)["spec"]
    assert folder in json.dumps(spec)  # or this would prove nothing

    text = made.write(kind, tmp_path / "r.html", with_examples=True).read_text()

    assert folder not in text
    assert "heldout.jsonl" in text


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
        ("lineage", "people.0.name", "people[0].name"),
        ("lineage", "people.0.did", "people[0].did"),
        ("lineage", "events.0.summary", "events[0].summary"),
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


def measured_with_many_labels(home: Home, folder: Path) -> dict[str, Any]:
    """Six arms and diagnostics on 40 labels, wrong now and then."""
    labels = [f"a label of some words, number {n}" for n in range(40)]
    shifted = {
        arm: [labels[(n + (n % k == 0)) % 40] for n in range(120)]
        for arm, k in {"prompt": 2, "rag": 3, "hybrid": 5, "finetune": 7}.items()
    }
    lookups = {"majority": [labels[0]] * 120, "nearest_example": shifted["prompt"]}
    found = {"passages": ["d1", "d2"], "ranked": ["d1", "d2"], "answer_shown": True}
    return conclude_with(
        home,
        write_task(folder, labels * 3, TASK, SAID),
        {**shifted, **lookups},
        {arm: [found] * 120 for arm in ("rag", "hybrid")},
        train=TRAIN,
    )


def test_of_several_experiments_the_last_is_whole_and_the_others_in_brief(
    home: Home, tmp_path: Path
) -> None:
    found = [measured_with_many_labels(home, tmp_path / f"t{n}") for n in range(5)]
    *earlier, last = [report["experiment"] for report in found]
    facts = {**found[-1]["facts_after"]["facts"]}
    named = (name for name, said in facts.items() if isinstance(said, dict))
    for name, id in zip(named, earlier, strict=False):
        facts[name] = {**facts[name], "evidence": f"experiment:{id}"}
    id = decisions.propose(home, facts, title="Mail")["id"]
    assert sorted(decisions.show(home, id)["experiments"]) == sorted([*earlier, last])
    decisions.accept(home, id, choice="finetune", because="it was measured")
    made = Decided(home, id, last, "")

    file = made.write("decision", tmp_path / "d.html", with_examples=True)

    assert file.stat().st_size < 250_000
    assert problems(home, file) == []
    text = file.read_text(encoding="utf-8")
    record = json.loads(text.split('id="record-json">')[1].split("</script>")[0])
    brief = [e["experiment"] for e in record["experiment_views"] if "in_brief" in e]
    assert len(brief) == len(earlier)
    for each in brief:
        assert f"tunewise experiment report {each}" in text
    Draft202012Validator(schemas.schema(home, "report")).validate(record)


def test_a_report_of_many_labels_arms_and_people_is_below_250_kb(
    home: Home, tmp_path: Path
) -> None:
    report = measured_with_many_labels(home, tmp_path / "task")
    said = "It was measured on examples of last year, and read by three of us. " * 3
    id = decisions.propose(home, report["facts_after"]["facts"], title="Mail")["id"]
    for n in range(5):
        decisions.sign(home, id, role=f"reader {n}", comment=said)
    model = decisions.accept(home, id, choice="finetune", because=said)["model"]
    made = Decided(home, id, report["experiment"], model)

    sizes = {
        (kind, texts): made.write(
            kind, tmp_path / f"{kind}.html", with_examples=texts
        ).stat()
        for kind in KINDS
        for texts in (False, True)
    }

    assert {key: s.st_size for key, s in sizes.items() if s.st_size > 250_000} == {}
    written = (tmp_path / "experiment.html").read_text(encoding="utf-8")
    assert "the 8 weakest of 40 labels" in written
    assert problems(home, tmp_path / "decision.html") == []
