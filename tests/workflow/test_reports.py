import json
from pathlib import Path

import pytest

from tunewise.domain.errors import EnvironmentProblem, NotRecorded
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.reports import files as reports


@pytest.fixture
def id(home: Home) -> str:
    """A proposed decision."""
    facts = {"must_cite_sources": True}
    return str(decisions.propose(home, facts, title="HR answers")["id"])


def test_a_report_is_one_file_that_needs_no_network(
    home: Home, id: str, tmp_path: Path
) -> None:
    text = reports.write_decision(home, id, tmp_path / "r.html").read_text()

    assert text.startswith("<!doctype html>")
    assert id in text
    assert "<script src" not in text
    assert "<link rel" not in text.replace('<link rel="icon" href="data:', "")


def test_the_json_report_is_what_show_prints(
    home: Home, id: str, tmp_path: Path
) -> None:
    path = reports.write_decision(home, id, tmp_path / "r.json", form="json")

    written = json.loads(path.read_text())
    shown = decisions.show(home, id)
    # of these a report keeps what it speaks of
    for shortened in ("rule_files", "fact_definitions"):
        kept, whole = written.pop(shortened), shown.pop(shortened)
        assert kept
        assert kept.items() <= whole.items()
    assert {key: written[key] for key in shown} == shown


def test_the_markdown_report_has_the_title(home: Home, id: str, tmp_path: Path) -> None:
    path = reports.write_decision(home, id, tmp_path / "r.md", form="md")

    assert "HR answers" in path.read_text()


def test_a_report_that_cannot_be_written_leaves_nothing(
    home: Home, id: str, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())

    for output in (tmp_path / "none" / "r.html", tmp_path):
        with pytest.raises(EnvironmentProblem, match="cannot be written"):
            reports.write_decision(home, id, output)

    assert sorted(tmp_path.iterdir()) == before


def test_no_file_is_made_for_an_unknown_decision(
    home: Home, id: str, tmp_path: Path
) -> None:
    with pytest.raises(NotRecorded):
        reports.write_decision(home, f"{id}x", tmp_path / "r.html")

    assert not (tmp_path / "r.html").exists()
