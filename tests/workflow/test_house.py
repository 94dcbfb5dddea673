from pathlib import Path

import pytest

from tracker import audit, canonical
from tunewise.domain.errors import NotRecorded
from tunewise.workflow import decisions, history
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .conftest import as_bea

CRITERION = """
title = "House rule"
since = 2026-11-22
source = "The house"

[when]
must_cite_sources = true

[[then]]
option = "rag"
weight = 1
because = "The house likes sources."
"""


@pytest.fixture
def decided(home: Home) -> Home:
    decisions.propose(home, {}, title="Before")
    return home


def write(
    home: Home, name: str = "criteria/house-rule.toml", text: str = CRITERION
) -> Path:
    path = home.path / "house" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def noted(home: Home) -> list[dict]:
    with home.store() as store:
        return [e.payload for e in audit.events(store, action="house.changed")]


def test_a_change_is_noted_with_the_first_record_after_it(decided: Home) -> None:
    path = write(decided)

    id = decisions.propose(as_bea(decided), {}, title="After")["id"]
    decisions.sign(decided, id, role="owner")

    (said,) = noted(decided)
    digest = canonical.digest_bytes(path.read_bytes())
    assert said["files"] == {"criteria/house-rule.toml": digest}
    assert said["differing"] == ["criteria/house-rule.toml added"]
    assert (said["before"], said["noticed_by"]) == ("", "Bea Maro")
    actions = [e["action"] for e in history.history(decided)]
    assert actions[:3] == ["decision.proposed", "house.changed", "decision.proposed"]
    # the digest is the one under which the decision keeps the rule's text
    assert decisions.show(decided, id)["rule_files"]["criteria/house-rule.toml"] == (
        digest
    )
    assert integrity.verify(decided)["ok"]


def test_each_later_change_follows_the_state_before(decided: Home) -> None:
    path = write(decided)
    decisions.propose(decided, {}, title="One")
    write(decided, text=CRITERION.replace("weight = 1", "weight = 2"))
    write(decided, "templates/pages/x.html", "x")
    write(decided, ".notes.toml.swp", "an editor's")
    decisions.propose(decided, {}, title="Two")
    path.unlink()
    decisions.propose(decided, {}, title="Three")

    first, second, third = noted(decided)

    assert (second["before"], third["before"]) == (first["after"], second["after"])
    assert second["differing"] == [
        "criteria/house-rule.toml changed",
        "templates/pages/x.html added",
    ]
    assert third["differing"] == ["criteria/house-rule.toml removed"]


def test_verify_notes_what_is_not_on_record_yet(decided: Home) -> None:
    write(decided)

    (note,) = integrity.verify(decided)["notes"]

    assert "(none was noted yet): criteria/house-rule.toml added" in note
    decisions.propose(decided, {}, title="After")
    assert integrity.verify(decided)["notes"] == []
    write(decided, text="")
    (note,) = integrity.verify(decided)["notes"]
    assert (
        "(entry 2, 2026-11-22T12:00:00.000+00:00): criteria/house-rule.toml ch" in note
    )


def test_history_says_that_who_edited_them_is_not_known(decided: Home) -> None:
    write(decided)
    decisions.propose(as_bea(decided), {}, title="After")

    event = history.history(decided)[1]

    assert event["note"] == (
        "the house's files had changed: criteria/house-rule.toml added "
        "(noticed by Bea Maro's command; who edited them is not known)"
    )


def test_nothing_is_noted_where_the_record_is_refused(decided: Home) -> None:
    write(decided)

    with pytest.raises(NotRecorded):
        decisions.sign(decided, "d-none", role="owner")

    assert noted(decided) == []
