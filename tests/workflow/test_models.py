import pytest

from tunewise.domain.errors import (
    EnvironmentProblem,
    ModelError,
    NotRecorded,
    StatusError,
)
from tunewise.workflow import decisions, history
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.models import versions as models

from .conftest import Measured, as_bea

WHY_TUNED = "the labels must be ours"


def registered(measured: Measured, arm: str = "finetune", **more: str) -> dict:
    return models.register(measured.home, measured.report["experiment"], arm, **more)


@pytest.mark.model
def test_an_arm_becomes_the_next_version_of_a_name(measured: Measured) -> None:
    first = registered(measured)
    second = registered(measured, "rag")

    assert (first["model"], second["model"]) == ("toy-desk@1", "toy-desk@2")
    assert (first["option"], second["option"]) == ("finetune", "rag")
    assert first["run"] == measured.report["arms"]["finetune"]["run"]
    assert first["dataset"] == "toy-desk@1"
    assert first["base_model"]["id"] == "tiny"
    assert "model.safetensors" in first["base_model"]["files"]
    assert first["prompt"] == {
        "system": "Answer card or refund.",
        "systems": 1,
        "shots": 0,
    }
    assert (first["retrieval"], first["endpoint"]) == (None, None)
    assert first["seeds"] == [0, 1]
    assert first["training"]["method"] == "lora"
    assert {n.partition("_")[0] for n in first["files"]} == {"adapter"}
    assert (second["training"], second["files"]) == (None, {})
    assert second["retrieval"]["documents"]["examples"] == 2
    assert second["retrieval"]["index"]["digest"].startswith("sha256:")


@pytest.mark.model
def test_the_newest_version_is_the_candidate(measured: Measured) -> None:
    registered(measured, name="desk")
    registered(measured, "rag", name="desk")

    rows = models.versions(measured.home, "desk")

    assert [r["aliases"] for r in rows] == [[], ["candidate"]]
    assert models.show(measured.home, "desk@candidate")["option"] == "rag"
    assert models.show(measured.home, "desk") == rows[1]
    assert models.list_all(measured.home) == rows


@pytest.mark.model
@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"arm": "majority"}, ModelError, "no finished majority arm\n.*prompt"),
        ({"name": "my desk"}, ModelError, "cannot be the name"),
        ({"decision": "d-none"}, NotRecorded, "No decision 'd-none'"),
    ],
    ids=["a diagnostic", "a bad name", "an unknown decision"],
)
def test_what_cannot_be_registered_is_refused(
    measured: Measured, more: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        registered(measured, **more)

    assert models.list_all(measured.home) == []


@pytest.mark.model
def test_an_alias_moves_with_a_reason(measured: Measured) -> None:
    registered(measured)
    registered(measured, "rag")
    models.alias(measured.home, "toy-desk@1", "production", because="passed the review")

    view = models.alias(
        as_bea(measured.home), "toy-desk@2", "production", because="cites its sources"
    )

    assert view["aliases"] == ["candidate", "production"]
    assert models.show(measured.home, "toy-desk@1")["aliases"] == []
    event = history.history(measured.home)[-1]
    assert (event["actor"], event["action"]) == ("Bea Maro", "model.aliased")


@pytest.mark.model
def test_a_retired_version_stays_on_record_with_its_reason(measured: Measured) -> None:
    registered(measured)

    view = models.retire(measured.home, "toy-desk@1", because="replaced")

    assert (view["retired"], view["aliases"]) == ("replaced", [])
    with pytest.raises(StatusError, match="is retired"):
        models.alias(measured.home, "toy-desk@1", "production", because="again")


@pytest.mark.model
def test_moving_an_alias_and_retiring_need_a_reason(measured: Measured) -> None:
    registered(measured)

    with pytest.raises(StatusError, match="because"):
        models.alias(measured.home, "toy-desk@1", "production", because="")
    with pytest.raises(StatusError, match="because"):
        models.retire(measured.home, "toy-desk@1", because=" ")

    assert models.show(measured.home, "toy-desk@1")["retired"] == ""


@pytest.mark.model
def test_an_unknown_version_is_met_with_those_that_come_close(
    measured: Measured,
) -> None:
    registered(measured)

    with pytest.raises(NotRecorded, match="Did you mean toy-desk@1"):
        models.show(measured.home, "toy-desk@7")
    with pytest.raises(NotRecorded):
        models.versions(measured.home, "none")


# --- the decision that an experiment leads to


@pytest.mark.model
def test_an_accepted_choice_that_was_measured_becomes_a_model_version(
    measured: Measured,
) -> None:
    home, report = measured.home, measured.report
    proposed = decisions.propose(home, report["facts_after"], title="Toy desk")

    view = decisions.accept(
        as_bea(home), proposed["id"], choice="finetune", because=WHY_TUNED
    )

    assert view["experiments"] == [report["experiment"]]
    assert view["model"] == "toy-desk@1"
    version = models.show(home, "toy-desk@1")
    assert (version["option"], version["decision"]) == ("finetune", view["id"])
    assert version["by"] == "Bea Maro"


@pytest.mark.model
def test_a_model_version_that_cannot_be_made_leaves_the_decision_open(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = measured.home
    id = decisions.propose(home, measured.report["facts_after"], title="Toy")["id"]

    def broken(*_: object, **__: object) -> None:
        raise ModelError("the name is taken")

    monkeypatch.setattr(models.records, "register", broken)
    with pytest.raises(ModelError):
        decisions.accept(home, id, choice="prompt", because="it is there")

    assert decisions.show(home, id)["status"] == "proposed"
    assert integrity.verify(home)["ok"]


@pytest.mark.model
def test_a_choice_that_was_not_measured_becomes_no_model_version(
    measured: Measured,
) -> None:
    home = measured.home
    id = decisions.propose(home, measured.report["facts_after"], title="Toy")["id"]

    view = decisions.accept(home, id, choice="defer", because="no owner yet")

    assert view["model"] is None
    assert models.list_all(home) == []


def test_a_home_without_records_has_no_version_of_a_run(home: Home) -> None:
    with pytest.raises(EnvironmentProblem):
        models.list_all(home)
