from pathlib import Path

import pytest

from .conftest import Tunewise, mended


@pytest.fixture
def id(tunewise: Tunewise, facts: Path) -> str:
    """The id of a proposed decision."""
    words = ("decision", "propose", facts, "--title", "HR answers", "--by", "Ada")
    return str(tunewise(*words, "--json").json["id"])


def test_history_lists_events_and_with_a_date_what_held(
    tunewise: Tunewise, id: str, today: str
) -> None:
    plain = tunewise("history", "--json").json
    dated = tunewise("history", "--at", today, "--json").json
    before = tunewise("history", "--at", "2020-01-01", "--json").json

    assert set(plain) == {"events", "more", "offset", "total"}
    (event,) = plain["events"]
    assert (event["actor"], event["action"]) == ("Ada", "decision.proposed")
    assert [d["id"] for d in dated["state"]["decisions"]] == [id]
    assert before["events"] == before["state"]["decisions"] == []
    assert [d["id"] for d in dated["on_record"]["decisions"]] == [id]
    assert f"What was on record on {today}" in tunewise("history", "--at", today).out
    assert "Nothing was rec" in tunewise("history", "--at", "2020-01-01").out


def test_a_bad_date_is_refused(tunewise: Tunewise, id: str) -> None:
    message = mended(tunewise("history", "--at", "2026-13-01"))

    assert "'2026-13-01' is not a moment" in message


def test_a_date_that_lies_ahead_is_refused(tunewise: Tunewise, id: str) -> None:
    for words in (("history",), ("why", "desk@1")):
        message = mended(tunewise(*words, "--at", "2099-01-01"))

        assert "at: 2099-01-01 lies ahead" in message


def test_a_long_history_says_how_many_more_there_are(
    tunewise: Tunewise, id: str
) -> None:
    tunewise("decision", "sign", id, "--role", "owner", "--by", "Bo")
    tunewise("decision", "sign", id, "--role", "legal", "--by", "Cy")

    newest = tunewise("history", "--limit", "1").out
    page = tunewise("history", "--limit", "1", "--offset", "2", "--json").json

    assert "2 older events come before these: --offset 1, or a" in newest
    assert ("Cy" in newest, "Bo" in newest) == (True, False)
    assert (page["more"], page["total"], page["offset"]) == (False, 3, 2)
    assert page["events"][0]["action"] == "decision.proposed"
    beyond = tunewise("history", "--offset", "7").out
    assert "Only 3 events are recorded" in beyond


def test_words_find_records(tunewise: Tunewise, id: str) -> None:
    assert [h["id"] for h in tunewise("search", "hr", "--json").json] == [id]
    assert id in tunewise("search", "HR answers").out
    assert tunewise("search", '"(', "--json").json == []
    assert "Nothing found" in tunewise("search", "nothing").out


def test_a_found_decision_that_was_recorded_later_is_marked(
    tunewise: Tunewise, facts: Path, today: str
) -> None:
    words = ("decision", "propose", facts, "--title", "HR answers", "--retrospective")
    made = ("--decided-at", "2025-03-01", "--source", "minutes [1]", "--json")
    id = tunewise(*words, *made).json["id"]

    said = tunewise("search", "answers").out

    assert f"{id} was recorded {today}, decided 2025-03-01, source minutes [1]" in said


def test_the_doctor_looks_at_an_installation_without_records(
    tunewise: Tunewise, home: Path
) -> None:
    view = tunewise("doctor", "--json").json

    assert (view["home"], view["records"]) == (str(home), False)
    assert f"home: {home}" in tunewise("doctor").out
    assert not home.exists()


def test_serving_becomes_the_web_service(
    tunewise: Tunewise, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    def become(_: str, arguments: list[str]) -> None:
        started.extend(arguments)
        raise SystemExit(0)

    monkeypatch.setattr("os.execv", become)

    said = tunewise("serve", "--port", "18799", "--by", "Cy")

    assert started[-4:] == [str(home), "127.0.0.1", "18799", "Cy"]
    assert (said.out, said.err) == ("", "")  # the service says where it is, once it is
