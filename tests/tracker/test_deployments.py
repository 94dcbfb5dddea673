from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tracker import audit, deployments, history, models
from tracker.models import ModelRow
from tracker.store import Store, open_store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import NotRecorded, StatusError

ANA, BO = Actor("ana"), Actor("bo", "account")
WHO = {"actor": ANA, "at": "2026-11-22T10:00:00Z"}
PLACE = {"product": "Help desk", "environment": "production", "outside": "triage-llm"}


@pytest.fixture
def versions(store: Store) -> Store:
    """A store with triage@1, triage@2 and other@1."""
    for name in ("triage", "triage", "other"):
        models.register(store, name, body={"option": "finetune"}, **WHO)
    return store


def deploy(store: Store, ref: str, since: str, **more: str) -> ModelRow:
    said = {**PLACE, "since": since, "because": "it won", **more}
    return deployments.deploy(store, ref, **said, **WHO)


def running(store: Store, at: str) -> list[str]:
    return [d.version for d in deployments.list_all(store, at=at)]


def test_a_deployment_runs_from_its_first_day_until_its_last(versions: Store) -> None:
    made = deploy(versions, "triage@1", "2026-12-01", until="2026-12-10")

    (one,) = made.deployments
    assert (one.version, one.product, one.outside) == (
        "triage@1",
        "Help desk",
        "triage-llm",
    )
    assert running(versions, "2026-11-30") == []
    assert running(versions, "2026-12-01") == ["triage@1"]
    assert running(versions, "2026-12-09T23:59:59Z") == ["triage@1"]
    assert running(versions, "2026-12-10T00:00:00Z") == []


def test_a_version_that_runs_there_already_is_not_deployed_again(
    versions: Store,
) -> None:
    deploy(versions, "triage@1", "2026-12-01")

    for since in ("2026-12-01", "2026-12-05"):
        with pytest.raises(StatusError, match=r"is 'triage-llm' in production already"):
            deploy(versions, "triage@1", since)

    assert len(models.get(versions, "triage@1").deployments) == 1
    deploy(versions, "triage@1", "2026-12-05", product="Back office")
    assert running(versions, "2026-12-06") == ["triage@1"]


def test_the_next_version_under_a_name_ends_the_one_before(versions: Store) -> None:
    deploy(versions, "triage@1", "2026-12-01")

    deploy(versions, "other@1", "2026-12-05")

    (before,) = models.get(versions, "triage@1").deployments
    assert (before.until, before.replaced_by) == ("2026-12-05", "other@1")
    assert before.ended_because == "replaced by other@1"
    assert before.ended_by == ANA
    assert running(versions, "2026-12-04") == ["triage@1"]
    assert running(versions, "2026-12-05") == ["other@1"]
    actions = [e.action for e in audit.events(versions, subject="triage@1")]
    assert actions == ["model.registered", "model.deployed", "model.undeployed"]


def test_a_name_stands_for_another_version_elsewhere(versions: Store) -> None:
    deploy(versions, "triage@1", "2026-12-01")
    deploy(versions, "triage@2", "2026-12-01", environment="staging")
    deploy(versions, "triage@2", "2026-12-01", outside="triage-next")

    found = running(versions, "2026-12-02")

    assert found == ["triage@1", "triage@2", "triage@2"]


def test_a_version_that_takes_over_on_the_same_day_leaves_the_first_no_time(
    versions: Store,
) -> None:
    deploy(versions, "triage@1", "2026-12-01")
    deploy(versions, "triage@2", "2026-12-01")

    assert running(versions, "2026-12-01") == ["triage@2"]


def test_a_time_before_the_next_deployment_must_end_before_it(versions: Store) -> None:
    deploy(versions, "triage@2", "2026-12-10")

    with pytest.raises(StatusError, match=r"stands for triage@2 from 2026-12-10 on"):
        deploy(versions, "triage@1", "2026-12-01")
    deploy(versions, "triage@1", "2026-12-01", until="2026-12-10")

    assert running(versions, "2026-12-09") == ["triage@1"]
    assert running(versions, "2026-12-10") == ["triage@2"]


def test_a_refused_deployment_leaves_everything_as_it_was(versions: Store) -> None:
    deploy(versions, "triage@1", "2026-12-01")
    head = audit.head(versions)

    with pytest.raises(StatusError, match="is not after"):
        deploy(versions, "triage@2", "2026-12-05", until="2026-12-05")
    with pytest.raises(NotRecorded, match="Did you mean"):
        deploy(versions, "triage@7", "2026-12-05")

    assert audit.head(versions) == head


def test_a_deployment_ends_with_a_reason_and_its_end_can_be_corrected(
    versions: Store,
) -> None:
    (one,) = deploy(versions, "triage@1", "2026-12-01").deployments
    said = {"because": "rolled back", "actor": BO, "at": "2026-12-01T08:00:00Z"}

    deployments.undeploy(versions, one.version, one.id, until="2026-12-03", **said)
    corrected = deployments.undeploy(
        versions, one.version, one.id, until="2026-12-02", **said
    )

    (ended,) = corrected.deployments
    assert (ended.until, ended.ended_because) == ("2026-12-02", "rolled back")
    assert ended.ended_by == BO
    with pytest.raises(StatusError, match=r"is before 2026-12-01, when triage@1"):
        deployments.undeploy(versions, one.version, one.id, until="2026-11-30", **said)


def undeploy(store: Store, ref: str, id: int, until: str, at: str) -> ModelRow:
    return deployments.undeploy(
        store, ref, id, until=until, because="rolled back", actor=BO, at=at
    )


def test_a_deployment_that_another_ended_meanwhile_is_not_ended_again(
    versions: Store,
) -> None:
    (one,) = deploy(versions, "triage@1", "2026-12-01").deployments
    deploy(versions, "triage@2", "2026-12-05")

    with pytest.raises(StatusError, match="triage@1: its deployment 1 ended on 2026"):
        undeploy(versions, "triage@1", one.id, "2026-12-20", "2026-12-06T08:00:00Z")
    with pytest.raises(StatusError, match="its deployment 77 is not on record"):
        undeploy(versions, "triage@1", 77, "2026-12-20", "2026-12-06T08:00:00Z")

    assert running(versions, "2026-12-10") == ["triage@2"]


def test_a_deployment_does_not_last_into_the_next_under_its_name(
    versions: Store,
) -> None:
    (one,) = deploy(versions, "triage@1", "2026-12-01").deployments
    deploy(versions, "triage@2", "2026-12-05")
    at = "2026-12-02T08:00:00Z"

    with pytest.raises(StatusError, match=r"stands for triage@2 from 2026-12-05 on"):
        undeploy(versions, "triage@1", one.id, "2026-12-06", at)
    undeploy(versions, "triage@1", one.id, "2026-12-04", at)
    undeploy(versions, "triage@1", one.id, "2026-12-05", at)

    assert running(versions, "2026-12-04") == ["triage@1"]
    assert running(versions, "2026-12-05") == ["triage@2"]


@pytest.mark.parametrize("until", ["2026-12-11", ""])
def test_a_deployment_does_not_begin_before_a_planned_one_and_last_into_it(
    versions: Store, until: str
) -> None:
    deploy(versions, "triage@2", "2026-12-10")

    with pytest.raises(StatusError, match="stands for triage@2 from 2026-12-10 on"):
        deploy(versions, "triage@1", "2026-12-01", until=until)


def test_a_plan_that_was_given_up_is_in_nobodys_way(versions: Store) -> None:
    (one,) = deploy(versions, "triage@2", "2026-12-10").deployments
    undeploy(versions, "triage@2", one.id, "2026-12-10", "2026-12-02T08:00:00Z")

    deploy(versions, "triage@1", "2026-12-01")

    assert running(versions, "2026-12-11") == ["triage@1"]


def test_as_of_a_date_an_end_may_be_there_without_its_start(versions: Store) -> None:
    # the clock went back between the two
    said = {**PLACE, "since": "2026-11-20", "because": "it won"}
    made = deployments.deploy(
        versions, "triage@1", **said, actor=ANA, at="2026-11-25T10:00:00Z"
    )
    undeploy(
        versions,
        "triage@1",
        made.deployments[0].id,
        "2026-11-24",
        "2026-11-23T10:00:00Z",
    )

    assert models.get(versions, "triage@1", as_of="2026-11-24").deployments == ()


def test_retiring_ends_the_deployments_and_forbids_new_ones(versions: Store) -> None:
    deploy(versions, "triage@1", "2026-11-01")
    deploy(versions, "triage@1", "2026-12-24", environment="planned")

    gone = models.retire(versions, "triage@1", because="drifted", **WHO)

    assert [d.until for d in gone.deployments] == ["2026-11-22T10:00:00Z", "2026-12-24"]
    assert {d.ended_because for d in gone.deployments} == {"retired: drifted"}
    assert running(versions, "2026-12-25") == []
    with pytest.raises(StatusError, match="is retired and cannot be deployed"):
        deploy(versions, "triage@1", "2026-12-24")


def test_of_many_who_deploy_at_once_one_runs(versions: Store, path: Path) -> None:
    for _ in range(14):  # 16 versions with those of the fixture
        models.register(versions, "triage", body={"option": "finetune"}, **WHO)

    def deploy_own(number: int) -> None:
        with open_store(path) as store:
            deploy(store, f"triage@{number}", "2026-12-01")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deploy_own, range(1, 17)))

    assert len(deployments.list_all(versions)) == 16
    assert len(running(versions, "2026-12-01")) == 1
    assert audit.verify(versions) == []


def test_a_search_finds_a_version_by_the_name_it_runs_under(versions: Store) -> None:
    deploy(versions, "triage@2", "2026-12-01")

    assert [h.record for h in history.search(versions, "triage-llm")] == ["triage@2"]
    assert [h.record for h in history.search(versions, "help des")] == ["triage@2"]


def test_deployments_are_part_of_the_chain(versions: Store) -> None:
    deploy(versions, "triage@1", "2026-12-01")
    deploy(versions, "triage@2", "2026-12-05")

    assert audit.verify(versions) == []
