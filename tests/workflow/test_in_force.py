"""What stands today where a version stood: told by ``why`` of the older one."""

import pytest

from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import deployments
from tunewise.workflow.models import versions as models

from .imports import register_model

FACTS = {"must_cite_sources": True}
NOTHING = {"decision": None, "aliases": [], "deployments": []}


def of(home: Home, reference: str) -> dict[str, object]:
    return dict(lineage.why(home, reference)["in_force"])


def deploy(home: Home, reference: str, since: str) -> None:
    deployments.deploy(
        home,
        reference,
        product="Help desk",
        environment="production",
        outside="desk-llm",
        because="it won",
        since=since,
    )


@pytest.fixture
def two(home: Home) -> Home:
    """A home with two versions of one model."""
    register_model(home, "mail")
    register_model(home, "mail")
    return home


def test_a_version_that_is_in_force_has_nothing_in_its_place(two: Home) -> None:
    models.alias(two, "mail@1", "production", because="passed")
    deploy(two, "mail@1", "2026-11-01")

    assert of(two, "mail@1") == NOTHING
    assert of(two, "mail@2") == NOTHING


def test_what_took_an_alias_and_an_outside_name_is_named(two: Home) -> None:
    for version, since in (("mail@1", "2026-11-01"), ("mail@2", "2026-11-09")):
        models.alias(two, version, "production", because="passed")
        deploy(two, version, since)

    assert of(two, "mail@1") == {
        "decision": None,
        "aliases": [{"alias": "production", "model": "mail@2"}],
        "deployments": [
            {
                "outside_name": "desk-llm",
                "environment": "production",
                "product": "Help desk",
                "model": "mail@2",
            }
        ],
    }
    assert of(two, "mail@2") == NOTHING


def test_where_nothing_took_its_place_that_is_said(two: Home) -> None:
    models.alias(two, "mail@1", "production", because="passed")
    deploy(two, "mail@1", "2026-11-01")
    models.retire(two, "mail@1", because="drifted")

    found = of(two, "mail@1")

    assert found["aliases"] == [{"alias": "production", "model": ""}]
    assert [d["model"] for d in found["deployments"]] == [""]


def test_an_alias_that_came_back_is_in_force(two: Home) -> None:
    for version in ("mail@1", "mail@2", "mail@1"):
        models.alias(two, version, "production", because="passed")

    assert of(two, "mail@1") == NOTHING


def test_the_last_of_several_decisions_is_in_force(home: Home) -> None:
    ids = [decisions.propose(home, FACTS, title="HR answers")["id"]]
    decisions.accept(home, ids[0])
    id = register_model(home, "mail", decision=ids[0])
    for _ in range(2):
        ids.append(decisions.supersede(home, ids[-1], FACTS)["id"])
        decisions.accept(home, ids[-1], choice="prompt", because="cheaper")

    view = lineage.why(home, id)

    assert view["successor"]["id"] == ids[1]
    assert view["in_force"]["decision"] == {
        "id": ids[2],
        "title": "HR answers",
        "status": "accepted",
        "choice": "prompt",
        "model": None,
    }


def test_people_and_events_of_a_decision_recorded_later_are_marked(home: Home) -> None:
    later = {"retrospective": True, "decided_at": "2025-03-01", "source": "minutes"}
    decision = decisions.propose(home, FACTS, title="HR answers", **later)["id"]
    decisions.accept(home, decision)
    id = register_model(home, "mail", decision=decision)

    view = lineage.why(home, id)

    mark = " (recorded later: decided 2025-03-01)"
    assert {p["did"] for p in view["people"]} == {
        f"proposed the decision{mark}",
        f"accepted it{mark}",
        "registered the model version",
    }
    marked = [e["action"] for e in view["events"] if e["summary"].endswith(mark)]
    assert marked == ["decision.proposed", "decision.accepted"]
