"""A report as a file: its head, its text, and files that are none."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tunewise.domain.errors import NotRecorded, TunewiseError
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .reported import FORMS, said_of, written
from .tampering import tamper


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


def test_a_page_without_its_record_proves_nothing(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "html")
    text = report.read_text(encoding="utf-8")
    report.write_text(text.replace('id="record-json">', 'id="record-json">x'))

    assert said_of(decided[0], report) == ["its record cannot be read"]


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
    assert "could not be compared word by word" in view["notes"][0]
    assert view["notes"][0].endswith("; 0 of its lines have other words than here")


def test_a_page_that_shows_other_figures_than_the_records_is_found_all_the_same(
    decided: tuple[Home, str], tmp_path: Path
) -> None:
    report = written(decided, tmp_path, "html")
    text = report.read_text(encoding="utf-8")
    text = re.sub(r'name="maker" content="sha256:.', "\\g<0>x", text)
    shown, record = text.split('<script type="application/json"')
    assert "80–150" in shown or "80 to 150" in shown
    edited = re.sub(r"80(–| to )150", r"800\g<1>1500", shown)
    report.write_text(f'{edited}<script type="application/json"{record}')

    messages = said_of(decided[0], report)

    assert messages
    assert all("say otherwise" in m or "no record gives" in m for m in messages)


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
