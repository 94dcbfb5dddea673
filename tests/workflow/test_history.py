import datetime as dt
import sqlite3
from dataclasses import replace

import pytest

from tracker import deployments, models
from tunewise.domain.errors import StatusError, TunewiseError
from tunewise.workflow import decisions, history
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models.deployments import deploy

from .conftest import as_bea
from .imports import register_model

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


def test_history_tells_in_words_what_an_entry_says_beyond_its_action(
    home: Home,
) -> None:
    id = decisions.propose(home, {}, title="x")["id"]
    register_model(home, "mail")
    deploy(
        home,
        "mail@1",
        product="mail room",
        environment="live",
        outside="mail-llm",
        because="it won",
    )

    events = {e["action"]: e for e in history.history(home)}

    proposed = events["decision.proposed"]
    assert (proposed["note"], proposed["summary"]) == ("", f"decision {id} proposed")
    deployed = events["model.deployed"]
    assert deployed["note"].startswith(
        "mail@1 deployed as mail-llm in live (mail room)"
    )
    assert (deployed["summary"], deployed["because"]) == (deployed["note"], "it won")


def test_search_marks_what_was_recorded_later(made_earlier: tuple[Home, str]) -> None:
    home, _ = made_earlier
    decisions.propose(home, FACTS, title="HR letters")

    by_id = {h["id"]: h["retrospective"] for h in history.search(home, "hr")}

    assert by_id.pop(made_earlier[1]) == {
        "decided_at": "2025-03-01",
        "recorded_at": "2026-11-22T12:00:00.000+00:00",
        "source": "minutes",
    }
    assert [*by_id.values()] == [None]


def test_search_still_answers_where_a_row_was_taken_away(
    made_earlier: tuple[Home, str],
) -> None:
    home, id = made_earlier
    with sqlite3.connect(home.path / "tunewise.db") as db:
        for trigger in db.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ):
            db.execute(f"DROP TRIGGER {trigger[0]}")
        db.execute("DELETE FROM decision_events")
        db.execute("DELETE FROM decisions")

    (hit,) = history.search(home, "hr")

    assert (hit["id"], hit["retrospective"]) == (id, None)


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


def test_history_says_why_and_how_the_actor_was_known(home: Home, paths: dict) -> None:
    datasets.register(home, "desk", paths)
    datasets.delete(home, "desk@1", because="a customer asked")

    deleted = next(e for e in history.history(home) if e["action"] == "dataset.deleted")

    assert (deleted["because"], deleted["identity"]) == ("a customer asked", "stated")


def test_what_ran_on_a_day_is_told_from_what_was_on_record(home: Home) -> None:
    who = {"actor": home.actor, "at": home.now()}  # 22 November 2026
    with home.store(create=True) as store:
        models.register(store, "mail", body={"option": "prompt"}, **who)
        deployments.deploy(
            store,
            "mail@1",
            product="Help desk",
            environment="production",
            outside="triage-llm",
            since="2025-06-01",
            until="",
            because="it ran before Tunewise",
            **who,
        )

    runs = {
        "as": "triage-llm",
        "environment": "production",
        "product": "Help desk",
        "model": "mail@1",
    }
    assert history.state(home, "2025-07-01")["deployments"] == [runs]
    assert history.on_record(home, "2025-07-01")["deployments"] == []
    assert history.on_record(home, "2026-11-22")["deployments"] == [runs]
    assert history.state(home, "2025-05-01")["deployments"] == []


def test_a_page_holds_the_newest_and_says_how_many_there_are(home: Home) -> None:
    ids = [decisions.propose(home, {}, title=f"No {n}")["id"] for n in range(5)]

    newest = history.page(home, limit=2)
    older = history.page(home, limit=2, offset=4)

    assert [e["subject"] for e in newest["events"]] == ids[3:]
    assert (newest["more"], newest["total"]) == (True, 5)
    assert [e["subject"] for e in older["events"]] == ids[:1]
    assert (older["more"], older["total"]) == (False, 5)
    assert history.page(home, limit=2, offset=9)["events"] == []


def test_a_page_up_to_a_day_has_the_state_on_it(decided: tuple[Home, str]) -> None:
    home, _ = decided
    before = history.page(home, "2026-11-21")
    then = history.page(home, "2026-11-22", limit=1)

    assert (before["events"], before["total"], before["more"]) == ([], 0, False)
    assert then["state"] == history.state(home, "2026-11-22")
    assert then["on_record"] == history.on_record(home, "2026-11-22")
    assert "state" not in history.page(home)


@pytest.mark.parametrize("at", ["2026-11-23", "2026-11-22T12:00:01Z", "2099-01-01"])
def test_a_day_that_lies_ahead_is_refused(decided: tuple[Home, str], at: str) -> None:
    with pytest.raises(StatusError, match=f"at: {at} lies ahead"):
        history.page(decided[0], at)
    with pytest.raises(StatusError, match=f"at: {at} lies ahead"):
        lineage.why(decided[0], "desk@1", at=at)
