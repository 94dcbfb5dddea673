"""A report whose record was edited: each edit is named by its key."""

import json
import re
from pathlib import Path

import pytest

from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.output import SOFTWARE

from .reported import forge, put, said_of, written


@pytest.mark.parametrize(
    ("path", "forged"),
    [
        ("title", "Other"),
        ("status", "rejected"),
        ("choice", "finetune"),
        ("by", "Eve"),
        ("accepted_by", "Eve"),
        ("justification", "because"),
        ("at", "2020-01-01"),
        ("rule_set", "sha256:0"),
        ("engine", "other"),
        ("review_on", "2030-01-01"),
        ("verdict.recommended", "finetune"),
        ("verdict.findings.0.weight", 9),
        ("verdict.totals.rag", 99),
        ("facts.must_cite_sources.value", False),
        ("facts.must_cite_sources.evidence", {"kind": "person", "reference": "Eve"}),
        ("facts.training_examples.low", 8000),
        ("signatures.0.comment", "no"),
        ("signatures", []),
        ("signatures.0.dissent", True),
        ("signatures.0.identity", "token"),
        ("conditions.0.text", "ask nobody"),
        ("conditions", []),
        ("accepted_identity", "token"),
        ("evidence", []),
        ("audit.1.hash", "sha256:" + "1" * 64),
        ("audit.1.actor", "Eve"),
        ("state_digest", "sha256:0"),
        ("to_be_superseded_by", "d-other"),
        ("runs_on_heldout", [{"run": "r-1"}]),
        ("changes", [{"what": "target"}]),
        ("target_set_after_score", True),
        ("margin_set_after_score", True),
        ("retrospective", {"decided_at": "2020-01-01", "source": "minutes"}),
        ("signatures.0.earlier_state", True),
        ("software", "0.0"),
        ("evidence_links", []),
    ],
)
@pytest.mark.parametrize("form", ["html", "json"])
def test_an_edited_record_is_named_by_its_key(
    decided: tuple[Home, str], tmp_path: Path, form: str, path: str, forged: object
) -> None:
    report = written(decided, tmp_path, form)

    forge(report, lambda record: put(record, path.split("."), forged))

    first = said_of(decided[0], report)[0]
    key = re.sub(r"\.(\d+)", r"[\1]", path)
    assert first.startswith(key), first


def test_a_key_that_was_taken_out_is_missed(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "json")
    forge(report, lambda record: record.pop("choice"))

    assert said_of(decided[0], report) == ["choice: the report lacks it"]


BODY = ["engine", "evidence", "evidence_links", "labels", "notes", "prices"]
BODY += ["rule_files", "rule_set", "software"]


@pytest.mark.parametrize("key", BODY)
def test_what_the_record_holds_is_missed_in_a_report(
    decided: tuple[Home, str], tmp_path: Path, key: str
) -> None:
    report = written(decided, tmp_path, "json")
    forge(report, lambda record: record.pop(key))

    assert said_of(decided[0], report) == [f"{key}: the report lacks it"]


def test_an_entry_that_was_taken_out_is_missed(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "json")
    forge(report, lambda record: record["audit"].pop(1))

    assert said_of(decided[0], report) == ["audit: the report has 2, the record 3"]


def reshaped(record: dict) -> None:
    record["more \x1b[31m"] = "made up"
    record["facts"]["must_cite_sources"]["more"] = "made up"
    del record["changes"]


def test_what_no_record_says_is_a_difference(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "json")
    forge(report, reshaped)

    assert said_of(decided[0], report) == [
        'facts.must_cite_sources.more: the report says "made up", no record does',
        "changes: the report lacks it",
        'more \\x1b[31m: the report says "made up", no record does',
    ]


def test_what_other_software_tells_otherwise_is_named_in_a_note(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "json")

    def change(record: dict) -> None:
        reshaped(record)
        record["reported_with"] = "tunewise 9.9"
        record["fact_definitions"]["must_cite_sources"]["question"] = "Sources?"

    forge(report, change)

    view = integrity.verify(decided[0], report)

    assert view["problems"] == []
    assert [note for note in view["notes"] if "report.json" in note] == [
        f"report.json: it says that tunewise 9.9 wrote it; this is {SOFTWARE}",
        "report.json: these keys of tunewise 9.9 are unknown here, so they were not "
        "compared: facts.must_cite_sources.more, more \\x1b[31m",
        f"report.json: {SOFTWARE} says these in other words than tunewise 9.9 did: "
        "fact_definitions.must_cite_sources.question",
        "report.json: it does not say, as today's would: changes",
    ]


@pytest.mark.parametrize("form", ["html", "json"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("retrospective", "x"),
        ("experiment_views", [1]),
        ("experiment_views", {}),
        ("dataset_view", 5),
        ("facts", [1]),
        ("verdict", "rag"),
        ("signatures", 1),
        ("audit", 7),
        ("audit", [{"seq": 10**30}]),
        ("runs_on_heldout", [1]),
        ("id", "d-\ud800"),
    ],
)
def test_a_record_of_another_shape_is_told_and_no_crash(
    decided: tuple[Home, str], tmp_path: Path, form: str, key: str, value: object
) -> None:
    report = written(decided, tmp_path, form)
    text = report.read_text(encoding="utf-8")
    found = re.search(r'id="record-json">(.*?)</script>', text, re.DOTALL)
    source = found[1] if found else text
    record = json.loads(source) | {key: value}
    report.write_text(text.replace(source, json.dumps(record)), encoding="utf-8")

    assert said_of(decided[0], report)
