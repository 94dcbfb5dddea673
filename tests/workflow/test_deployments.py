import pytest

from tunewise.domain.errors import NotRecorded, StatusError
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import deployments
from tunewise.workflow.models import versions as models

from .conftest import as_bea
from .imports import register_model

# The home's clock stands at noon of 22 November 2026.
PLACE = {"product": "Help desk", "environment": "production", "outside": "triage-llm"}


@pytest.fixture
def two(home: Home) -> Home:
    """A home with triage@1, triage@2 and mail@1."""
    for name in ("triage", "triage", "mail"):
        register_model(home, name)
    return home


def deploy(home: Home, model: str, since: str = "", **more: str) -> dict:
    said = {**PLACE, "because": "it won", **more}
    return deployments.deploy(home, model, since=since, **said)


def stands_for(home: Home, reference: str, **more: str) -> tuple[str, str]:
    asked = deployments.resolve(home, reference, **more)
    return asked.kind, asked.model


def test_a_deployment_begins_now_where_no_date_is_said(two: Home) -> None:
    view = deploy(two, "triage@1")

    assert (view["from"], view["until"]) == ("2026-11-22T12:00:00.000+00:00", "")
    assert view["runs"]
    assert view["ended"] == []


def test_a_deployment_says_what_it_ended(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01")

    (ended,) = deploy(as_bea(two), "triage@2", "2026-11-20")["ended"]

    assert (ended["model"], ended["until"]) == ("triage@1", "2026-11-20")
    assert (ended["ended_because"], ended["ended_by"]) == (
        "replaced by triage@2",
        "Bea Maro",
    )
    assert [d["model"] for d in deployments.list_all(two, at="2026-11-19")] == [
        "triage@1"
    ]


def test_a_name_of_the_outside_world_is_one_line_that_can_be_printed(
    two: Home,
) -> None:
    view = deploy(two, "triage@1", product="  Help\n desk ")

    assert view["product"] == "Help desk"
    for broken in ("x" * 201, "a\0b", " "):
        with pytest.raises(StatusError):
            deploy(two, "triage@1", outside=broken)


def test_what_is_no_date_is_refused_by_its_option(two: Home) -> None:
    with pytest.raises(StatusError, match="from: 'soon' is not a moment"):
        deploy(two, "triage@1", "soon")
    with pytest.raises(StatusError, match="at: 'soon' is not a moment"):
        deployments.list_all(two, at="soon")

    assert deployments.list_all(two) == []


def test_a_version_stops_running_with_a_reason(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01")

    view = deployments.undeploy(two, "triage@1", because="rolled back")

    assert (view["until"], view["runs"]) == ("2026-11-22T12:00:00.000+00:00", False)
    assert view["ended_because"] == "rolled back"
    with pytest.raises(StatusError, match="does not run there"):
        deployments.undeploy(two, "triage@1", because="again")


def test_the_one_of_several_deployments_that_ends_is_named(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01")
    deploy(two, "triage@1", "2026-11-01", environment="staging")

    with pytest.raises(StatusError, match=r"several places:\n.*production.*\n.*stag"):
        deployments.undeploy(two, "triage@1", because="x")
    deployments.undeploy(two, "triage@1", environment="staging", because="x")

    assert [d["environment"] for d in deployments.list_all(two) if d["runs"]] == [
        "production"
    ]


# --- what a name stands for


def test_a_number_or_an_alias_stands_for_its_version(two: Home) -> None:
    models.alias(two, "triage@1", "production", because="passed")

    assert stands_for(two, "triage@2") == ("version", "triage@2")
    assert stands_for(two, "triage@production") == ("alias", "triage@1")
    assert stands_for(two, "triage") == ("name", "triage@2")


def test_an_outside_name_or_a_product_stands_for_what_runs(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01")
    deploy(two, "mail@1", "2026-11-20")

    assert stands_for(two, "triage-llm") == ("outside name", "mail@1")
    assert stands_for(two, "help DESK") == ("product", "mail@1")
    assert stands_for(two, "triage-llm", at="2026-11-02")[1] == "triage@1"


def test_what_runs_goes_before_the_newest_of_the_same_name(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-20", outside="triage")

    assert stands_for(two, "triage") == ("outside name", "triage@1")
    assert stands_for(two, "triage", at="2026-11-22")[1] == "triage@1"


def test_a_name_under_which_several_run_is_met_with_the_list(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01")
    deploy(two, "triage@2", "2026-11-01", environment="staging")

    with pytest.raises(StatusError, match=r"triage@1: .*\n.*triage@2: .*staging"):
        stands_for(two, "triage-llm")

    assert stands_for(two, "triage-llm", environment="staging")[1] == "triage@2"


def test_a_name_under_which_nothing_runs_says_what_did(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01", until="2026-11-10")

    with pytest.raises(NotRecorded, match=r"nothing runs .* now; .*\n.*triage@1"):
        stands_for(two, "triage-llm")
    with pytest.raises(NotRecorded, match="on 2026-10-01"):
        stands_for(two, "triage-llm", at="2026-10-01")


def test_a_misspelt_outside_name_is_met_with_what_comes_close(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01")

    with pytest.raises(NotRecorded, match="Did you mean triage-llm"):
        stands_for(two, "triag-llm")


# --- why, by what runs


def test_why_answers_whether_it_still_runs(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01")
    before = lineage.why(two, "triage-llm")
    deploy(two, "triage@2", "2026-11-20")

    after = lineage.why(two, "triage@1")

    assert (before["model"]["model"], before["runs_today"]) == ("triage@1", True)
    assert before["asked"]["kind"] == "outside name"
    assert not after["runs_today"]
    assert after["deployments"][0]["replaced_by"] == "triage@2"


def test_a_deployment_is_planned_until_it_begins(two: Home) -> None:
    later = deploy(two, "triage@1", "2026-12-01", until="2026-12-31")
    now = deploy(two, "triage@1", "2026-11-01", environment="staging")

    assert (later["planned"], later["runs"]) == (True, False)
    assert (now["planned"], now["runs"]) == (False, True)
    given_up = deployments.undeploy(
        two, "triage@1", environment="production", until="2026-12-01", because="no"
    )
    assert not given_up["planned"]


def test_why_on_a_date_says_where_it_ran_then(two: Home) -> None:
    deploy(two, "triage@1", "2026-11-01")
    deploy(two, "triage@2", "2026-11-20")

    view = lineage.why(two, "Help desk", at="2026-11-10")

    assert view["model"]["model"] == "triage@1"
    assert [d["ran_then"] for d in view["deployments"]] == [True]
    assert not view["runs_today"]


def test_why_tells_every_later_event_with_its_reason(two: Home) -> None:
    models.alias(two, "triage@1", "production", because="passed the review")
    deploy(two, "triage@1", "2026-11-01")
    models.alias(two, "triage@2", "production", because="cheaper")
    models.retire(as_bea(two), "triage@1", because="drifted")

    view = lineage.why(two, "triage@1")

    told = [(e["action"], e["because"]) for e in view["events"]]
    assert told == [
        ("model.registered", ""),
        ("model.aliased", "passed the review"),
        ("model.deployed", "it won"),
        ("model.aliased", "cheaper"),  # logged with triage@2, and it left this one
        ("model.undeployed", "retired: drifted"),
        ("model.retired", "drifted"),
    ]
    assert ("Bea Maro", "retired it") in {(p["name"], p["did"]) for p in view["people"]}
    assert view["audit_head"] == integrity.verify(two)["head"]


def test_a_version_shows_how_its_aliases_moved(two: Home) -> None:
    models.alias(two, "triage@1", "production", because="passed")
    models.alias(two, "triage@2", "production", because="cheaper")
    models.unalias(two, "triage@2", "production", because="paused")

    moves = models.show(two, "triage@1")["alias_history"]

    assert [(m["before"], m["after"], m["because"]) for m in moves] == [
        ("", "triage@1", "passed"),
        ("triage@1", "triage@2", "cheaper"),
    ]
    assert models.show(two, "triage@2")["alias_history"][-1]["after"] == ""
