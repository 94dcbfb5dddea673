import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from tunewise.domain.errors import EnvironmentProblem, NotRecorded, TunewiseError
from tunewise.workflow import datasets, decisions, history, reports
from tunewise.workflow.home import Home

from .conftest import as_bea

FACTS = {"must_cite_sources": True}


@pytest.fixture
def decided(home: Home) -> tuple[Home, str]:
    """A decision proposed on the 22nd and accepted on the 23rd of November 2026."""
    id = decisions.propose(home, FACTS, title="HR answers")["id"]
    tomorrow = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    decisions.accept(replace(as_bea(home), clock=lambda: tomorrow), id)
    return home, id


def test_history_says_who_did_what_and_when(decided: tuple[Home, str]) -> None:
    home, id = decided

    events = history.history(home)

    assert [(e["actor"], e["action"], e["subject"]) for e in events] == [
        ("Ada Byron", "decision.proposed", id),
        ("Bea Maro", "decision.accepted", id),
    ]
    assert [e["seq"] for e in events] == [1, 2]


def test_history_ends_with_the_day_that_is_named(decided: tuple[Home, str]) -> None:
    home, _ = decided

    assert [len(history.history(home, d)) for d in ("2026-11-21", "2026-11-22")] == [
        0,
        1,
    ]


def test_state_is_what_held_on_the_day(decided: tuple[Home, str], paths: dict) -> None:
    home, id = decided
    datasets.register(home, "desk", paths)

    then = history.state(home, "2026-11-22")
    now = history.state(home, "2026-11-23")

    assert [(d["id"], d["status"]) for d in then["decisions"]] == [(id, "proposed")]
    assert [d["status"] for d in now["decisions"]] == ["accepted"]
    assert [d["dataset"] for d in then["datasets"]] == ["desk@1"]
    assert then["models"] == []


@pytest.fixture
def made_earlier(home: Home) -> tuple[Home, str]:
    """A decision of 1 March 2025 that was recorded on 22 November 2026."""
    id = decisions.propose(
        home,
        FACTS,
        title="HR answers",
        retrospective=True,
        decided_at="2025-03-01",
        source="minutes",
    )["id"]
    decisions.accept(as_bea(home), id)
    return home, id


def test_what_held_and_what_was_on_record_are_two_things(
    made_earlier: tuple[Home, str],
) -> None:
    home, id = made_earlier

    held = history.state(home, "2025-06-01")["decisions"]
    on_record = history.on_record(home, "2025-06-01")["decisions"]

    assert [(d["id"], d["status"], d["decided_at"], d["source"]) for d in held] == [
        (id, "accepted", "2025-03-01", "minutes")
    ]
    assert held[0]["recorded_at"] == "2026-11-22T12:00:00.000+00:00"
    assert on_record == []
    assert history.on_record(home, "2026-11-22")["decisions"] == held
    assert history.state(home, "2025-02-28")["decisions"] == []


def test_history_marks_what_was_recorded_later(made_earlier: tuple[Home, str]) -> None:
    home, id = made_earlier
    decisions.sign(home, id, role="owner")

    events = history.history(home)

    assert [e["decided_at"] for e in events] == ["2025-03-01", "2025-03-01", None]
    assert events[0]["summary"].endswith(
        "(recorded later: decided 2025-03-01, source minutes)"
    )


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01"])
def test_a_day_that_is_none_is_refused(decided: tuple[Home, str], at: str) -> None:
    for asked in (history.history, history.state, history.on_record):
        with pytest.raises(TunewiseError, match=f"'{at}' is not a moment"):
            asked(decided[0], at)


@pytest.mark.parametrize("words", ["hr", "HR answ", "answers hr"])
def test_words_find_a_record(decided: tuple[Home, str], words: str) -> None:
    home, id = decided

    assert [(h["kind"], h["id"]) for h in history.search(home, words)] == [
        ("decision", id)
    ]


@pytest.mark.parametrize("words", ["", "nothing", '"(', "a AND", "*"])
def test_other_words_find_nothing(decided: tuple[Home, str], words: str) -> None:
    assert history.search(decided[0], words) == []


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_a_report_belongs_to_the_home_that_wrote_it(
    decided: tuple[Home, str], tmp_path: Path, form: str
) -> None:
    home, id = decided
    report = reports.write_decision(home, id, tmp_path / "report", form=form)
    decisions.sign(home, id, role="owner")  # the log has gone on since

    view = history.verify(home, report)

    assert view["ok"]
    assert view["head"] == decisions.show(home, id)["audit_head"]


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_a_report_with_another_head_does_not_belong(
    decided: tuple[Home, str], tmp_path: Path, form: str
) -> None:
    home, id = decided
    report = reports.write_decision(home, id, tmp_path / "report", form=form)
    head = decisions.show(home, id)["audit_head"]
    report.write_text(report.read_text().replace(head, "sha256:" + "0" * 64))

    view = history.verify(home, report)

    assert not view["ok"]
    assert [(p["kind"], p["record"]) for p in view["problems"]] == [
        ("report", "report")
    ]
    assert "is not in this home's chain" in view["problems"][0]["message"]


@pytest.mark.parametrize("content", [b"hello", b"\xff\xfe\x00"])
def test_a_file_without_a_head_is_no_report(
    decided: tuple[Home, str], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "report").write_bytes(content)

    view = history.verify(decided[0], tmp_path / "report")

    assert [p["message"] for p in view["problems"]] == [
        "the report carries no audit head"
    ]


def test_a_report_that_is_missing_is_named(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    with pytest.raises(NotRecorded, match="none: cannot be read"):
        history.verify(decided[0], tmp_path / "none")


def test_a_backup_is_restored_with_the_same_head(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, id = decided

    made = history.backup(home, tmp_path / "backup")
    other = replace(home, path=tmp_path / "other")
    restored = history.restore(other, tmp_path / "backup")

    assert restored["head"] == made["head"] == history.verify(home)["head"]
    assert history.verify(other)["ok"]
    assert decisions.show(other, id) == decisions.show(home, id)


def test_a_backup_never_overwrites_and_a_restore_neither(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    home, _ = decided
    history.backup(home, tmp_path / "backup")

    with pytest.raises(EnvironmentProblem, match="not empty"):
        history.backup(home, tmp_path / "backup")
    with pytest.raises(EnvironmentProblem, match="a database already"):
        history.restore(home, tmp_path / "backup")


def test_a_damaged_backup_is_refused(decided: tuple[Home, str], tmp_path: Path) -> None:
    home, _ = decided
    history.backup(home, tmp_path / "backup")
    blob = next(p for p in (tmp_path / "backup/blobs").rglob("*") if p.is_file())
    blob.chmod(0o644)
    blob.write_bytes(b"else")

    with pytest.raises(EnvironmentProblem, match="the backup is damaged"):
        history.restore(replace(home, path=tmp_path / "other"), tmp_path / "backup")

    assert not (tmp_path / "other" / "tunewise.db").exists()
