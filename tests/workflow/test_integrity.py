"""Reports held against the records, and copies of a home."""

import datetime as dt
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tracker import audit, schema
from tunewise.domain.errors import EnvironmentProblem, NotRecorded, TunewiseError
from tunewise.workflow import anchoring, datasets, decisions, integrity, reports
from tunewise.workflow.home import Home

from .conftest import as_bea

FACTS = {
    "must_cite_sources": {"value": True, "evidence": "person:Ada"},
    "training_examples": {"low": 80, "high": 150},
}
FORMS = ["html", "md", "json"]


@pytest.fixture
def decided(home: Home) -> tuple[Home, str]:
    """A decision proposed on the 22nd, accepted and signed on the 23rd."""
    id = decisions.propose(home, FACTS, title="HR answers")["id"]
    tomorrow = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    bea = replace(as_bea(home), clock=lambda: tomorrow)
    decisions.accept(bea, id, conditions=["ask legal"])
    decisions.sign(bea, id, role="owner", comment="fine")
    return home, id


def written(decided: tuple[Home, str], folder: Path, form: str) -> Path:
    home, id = decided
    return reports.write_decision(home, id, folder / f"report.{form}", form=form)


def said_of(home: Home, report: Path) -> list[str]:
    return [p["message"] for p in integrity.verify(home, report)["problems"]]


@pytest.mark.parametrize("form", FORMS)
def test_a_report_stays_true_while_the_log_goes_on(
    decided: tuple[Home, str], tmp_path: Path, form: str
) -> None:
    home, id = decided
    report = written(decided, tmp_path, form)
    decisions.sign(home, id, role="reader")
    decisions.supersede(home, id, {"must_cite_sources": False})

    view = integrity.verify(home, report)

    assert view["problems"] == []
    assert not [note for note in view["notes"] if "report" in note]


@pytest.mark.parametrize("form", FORMS)
def test_a_report_with_another_head_does_not_belong(
    decided: tuple[Home, str], tmp_path: Path, form: str
) -> None:
    home, id = decided
    report = written(decided, tmp_path, form)
    head = decisions.show(home, id)["audit_head"]
    report.write_text(report.read_text().replace(head, "sha256:" + "0" * 64))

    (message,) = said_of(home, report)

    assert "is not in this home's chain" in message


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


def put(record: dict, keys: list[str], value: object) -> None:
    *outer, last = [int(k) if k.isdigit() else k for k in keys]
    for key in outer:
        record = record[key]
    assert record[last] != value
    record[last] = value


def forge(report: Path, change: Callable[[dict], object]) -> None:
    """Change the JSON of a report, and nothing else of it."""
    text = report.read_text(encoding="utf-8")
    found = re.search(r'id="record-json">(.*?)</script>', text, re.DOTALL)
    source = found[1] if found else text
    record = json.loads(source)
    change(record)
    new = json.dumps(record, ensure_ascii=not found)
    new = new.replace("<", "\\u003c").replace(">", "\\u003e")
    new = new.replace("&", "\\u0026").replace("'", "\\u0027") if found else new
    report.write_text(text.replace(source, new), encoding="utf-8")


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
        "report.json: it says that tunewise 9.9 wrote it; this is tunewise 0.1.0",
        "report.json: these keys of tunewise 9.9 are unknown here, so they were not "
        "compared: facts.must_cite_sources.more, more \\x1b[31m",
        "report.json: tunewise 0.1.0 says these in other words than tunewise 9.9 did: "
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


def test_a_page_without_its_record_proves_nothing(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "html")
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace('id="record-json">', 'id="record-json">x'))

    assert said_of(decided[0], report) == ["its record cannot be read"]


@pytest.mark.parametrize("action", ["anchor.made", "guards.mended"])
@pytest.mark.parametrize("payload", ["'no json'", "'[]'", "CAST(x'ff' AS TEXT)"])
def test_an_entry_that_cannot_be_read_does_not_hide_the_rest(
    decided: tuple[Home, str], tmp_path: Path, action: str, payload: str
) -> None:
    home, id = decided
    report = written(decided, tmp_path, "json")
    anchoring.to_file(home, tmp_path / "anchors")
    tamper(home)
    decisions.show(home, id)  # puts the guards right
    tamper(
        home,
        f"UPDATE audit SET payload = {payload} WHERE action = '{action}'",
        "UPDATE decisions SET title = 'Other'",
    )

    view = integrity.verify(home, report)

    kinds = {(p["kind"], p["record"]) for p in view["problems"]}
    number = 4 if action == "anchor.made" else 5
    assert {("log", f"audit/{number}"), ("altered", id)} <= kinds
    json.dumps(view, ensure_ascii=False).encode()


def test_a_body_that_cannot_be_read_does_not_hide_the_rest(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, id = decided
    report = written(decided, tmp_path, "json")
    tamper(home, "UPDATE decisions SET body = 'garbage'")

    view = integrity.verify(home, report)

    assert ("altered", id) in {(p["kind"], p["record"]) for p in view["problems"]}
    assert "cannot be held against the records" in view["problems"][-1]["message"]


def test_a_page_whose_text_was_edited_is_found(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "html")
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace("<h1>HR answers</h1>", "<h1>HR answer</h1>"))

    (message,) = said_of(decided[0], report)

    assert "of its text is not what its record gives" in message
    assert "HR answer" in message


def test_a_page_of_other_templates_is_checked_by_its_record(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "html")
    text = report.read_text(encoding="utf-8")
    report.write_text(re.sub(r'name="maker" content="sha256:.', "\\g<0>x", text))

    view = integrity.verify(decided[0], report)

    assert view["problems"] == []
    assert "what it shows was not compared" in view["notes"][0]


@pytest.mark.parametrize(
    "content",
    [b"hello", b"\xff\xfe\x00", b"", b"{}", b"[" * 200_000, bytes(300)],
    ids=["words", "binary", "empty", "json", "deep", "zeros"],
)
def test_a_file_that_is_no_report_is_refused_with_one_message(
    decided: tuple[Home, str], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "report").write_bytes(content)

    with pytest.raises(TunewiseError, match="this is no report of Tunewise"):
        integrity.verify(decided[0], tmp_path / "report")


def test_a_huge_file_is_not_read(decided: tuple[Home, str], tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(10_000_000_000)  # takes no room on the disk

    with pytest.raises(TunewiseError, match="it has 10000 MB"):
        integrity.verify(decided[0], tmp_path / "huge")


def test_a_report_that_is_missing_is_named(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    with pytest.raises(NotRecorded, match="none: cannot be read"):
        integrity.verify(decided[0], tmp_path / "none")


def tamper(home: Home, *statements: str) -> None:
    connection = sqlite3.connect(home.path / "tunewise.db")
    for name in schema.triggers():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_report_proves_that_the_end_of_the_log_was_cut_off(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, _ = decided
    report = written(decided, tmp_path, "html")
    tamper(
        home,
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM decision_events WHERE action = 'signed'",
        "DELETE FROM search WHERE text LIKE '%signed as%'",
    )

    messages = said_of(home, report)

    assert any("after entry 2 the log was cut off or rewritten" in m for m in messages)


def test_guards_that_were_put_right_stay_on_record(decided: tuple[Home, str]) -> None:
    home, id = decided
    tamper(home)

    decisions.show(home, id)  # any command puts them right, and logs it

    with home.store() as store:
        (event,) = audit.events(store, action="guards.mended")
    assert set(event.payload["triggers"]) == set(schema.triggers())
    view = integrity.verify(home)
    assert view["ok"]
    assert "had been taken off or changed from outside" in view["notes"][0]


def test_blobs_that_nothing_rests_on_are_noted(decided: tuple[Home, str]) -> None:
    home, _ = decided
    place = home.path / "blobs" / "sha256" / "ab" / ("0" * 62)
    place.parent.mkdir(exist_ok=True)
    place.write_text("slipped in")

    view = integrity.verify(home)

    assert view["ok"]
    assert "no record rests on these blobs" in view["notes"][0]


def test_a_clock_that_was_set_back_is_noted(decided: tuple[Home, str]) -> None:
    home, id = decided
    decisions.sign(home, id, role="reader")  # at noon of the 22nd, after the 23rd

    (note,) = integrity.verify(home)["notes"]

    assert "entry 4 is dated 2026-11-22T12:00:00.000+00:00, before entry 3" in note


def test_a_backup_is_restored_and_both_are_logged(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, _ = decided

    made = integrity.save(home, tmp_path / "backup")
    other = replace(home, path=tmp_path / "other")
    restored = integrity.restore(other, tmp_path / "backup")

    assert restored["head"] == made["head"]
    assert integrity.verify(other)["ok"]
    assert integrity.verify(home, tmp_path / "backup")["ok"]
    for place, action in ((home, "backup.made"), (other, "backup.restored")):
        with place.store() as store:
            (event,) = audit.events(store, action="backup.")
        assert (event.action, event.payload["head"]) == (action, made["head"])


def test_the_backup_of_another_home_does_not_belong(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, _ = decided
    other = replace(home, path=tmp_path / "other")
    decisions.propose(other, FACTS, title="Other")
    integrity.save(other, tmp_path / "backup")

    (message,) = said_of(home, tmp_path / "backup")

    assert message == "the head of the backup is not in this home's chain"


def test_a_backup_never_overwrites_and_a_restore_neither(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, _ = decided
    integrity.save(home, tmp_path / "backup")

    with pytest.raises(EnvironmentProblem, match="not empty"):
        integrity.save(home, tmp_path / "backup")
    with pytest.raises(EnvironmentProblem, match="a database already"):
        integrity.restore(home, tmp_path / "backup")


def test_a_damaged_backup_is_refused(decided: tuple[Home, str], tmp_path: Path) -> None:
    home, _ = decided
    integrity.save(home, tmp_path / "backup")
    blob = next(p for p in (tmp_path / "backup/blobs").rglob("*") if p.is_file())
    blob.chmod(0o644)
    blob.write_bytes(b"else")

    with pytest.raises(EnvironmentProblem, match="the backup is damaged"):
        integrity.restore(replace(home, path=tmp_path / "other"), tmp_path / "backup")

    assert not (tmp_path / "other").exists()


def test_released_bytes_of_a_deleted_dataset_are_on_record(
    home: Home, paths: dict[str, Path]
) -> None:
    datasets.register(home, "desk", paths)

    datasets.delete(home, "desk@1", because="no basis any more")

    with home.store() as store:
        actions = [(e.action, e.subject) for e in audit.events(store)]
    assert actions[-2:] == [("dataset.deleted", "desk@1"), ("blobs.removed", "desk@1")]
    assert integrity.verify(home)["ok"]


def drop(home: Home, table: str) -> None:
    decisions.propose(home, {}, title="HR answers")
    with closing(sqlite3.connect(home.path / "tunewise.db")) as outside:
        outside.execute(f"DROP TABLE {table}")


@pytest.mark.parametrize("table", ["search", "latest"])
def test_an_index_that_was_taken_away_is_named_and_made_anew(
    home: Home, table: str
) -> None:
    drop(home, table)

    view = integrity.verify(home)

    assert (view["ok"], [p["record"] for p in view["problems"]]) == (False, [table])
    integrity.rebuild(home)
    assert integrity.verify(home)["ok"]


@pytest.mark.parametrize("table", ["audit", "decision_events", "decisions"])
def test_without_a_guarded_table_verify_says_what_is_lost(
    home: Home, table: str
) -> None:
    drop(home, table)

    view = integrity.verify(home)

    assert (view["ok"], [p["record"] for p in view["problems"]]) == (False, [table])
    with pytest.raises(EnvironmentProblem, match=f"{table}: it was taken away from"):
        decisions.list_all(home)


def test_a_report_is_still_refused_or_held_where_a_table_is_gone(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "json")
    with closing(sqlite3.connect(decided[0].path / "tunewise.db")) as outside:
        outside.execute("DROP TABLE decision_events")

    view = integrity.verify(decided[0], report)

    assert [p["record"] for p in view["problems"]][:2] == [
        "decision_events",
        "report.json",
    ]
