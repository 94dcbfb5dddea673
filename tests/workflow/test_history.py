import datetime as dt
from dataclasses import replace

import pytest

from tunewise.domain.errors import TunewiseError
from tunewise.workflow import datasets, decisions, history
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


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01"])
def test_a_day_that_is_none_is_refused(decided: tuple[Home, str], at: str) -> None:
    for asked in (history.history, history.state):
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
