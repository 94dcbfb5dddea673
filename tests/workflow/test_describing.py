"""What is said of a decision beside its facts, and what controls its risks."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tracker import datasets
from tunewise import resources
from tunewise.domain.description import FIELDS
from tunewise.domain.errors import NotRecorded, Stale, StatusError
from tunewise.workflow import decisions, history
from tunewise.workflow.decisions.describing import assign_risk, describe
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.reports import files as reports
from tunewise.workflow.rules.replay import replay_as_recorded

from .conftest import ADA, BEA
from .on_heldout import register

RAG = {"task_type": "knowledge_qa", "must_cite_sources": True}
KNOWN = {
    "error_cost": {"low": 10, "high": 15},
    "current_option": "none",
    "current_monthly_cost": 500,
}


def propose(home: Home, **facts: object) -> str:
    id = decisions.propose(home, {**RAG, **facts}, title="Desk")["id"]
    return str(id)


def risks(view) -> dict[str, dict]:
    return {risk["id"]: risk for risk in view["risks"]}


def test_a_decision_says_what_was_said_of_it_and_by_whom(home: Home) -> None:
    id = propose(home)
    describe(replace(home, actor=ADA), id, {"owner": "Lena", "informed": ["Legal"]})
    view = describe(replace(home, actor=BEA), id, {"owner": "Mara", "triggers": "New"})

    assert view["description"] == {
        "owner": "Mara",
        "triggers": "New",
        "informed": ["Legal"],
    }
    assert view["description_from"] == {}
    assert [(e["by"], e["identity"]) for e in view["described"]] == [
        ("Ada Byron", "stated"),
        ("Bea Maro", "account"),
    ]
    assert [e["seq"] for e in view["described"]] == [2, 3]
    assert view["described"][1]["fields"] == {"owner": "Mara", "triggers": "New"}


def test_every_field_can_be_said_and_is_told_in_its_order(home: Home) -> None:
    said = {f.name: ["A"] if f.kind == "names" else f.name for f in FIELDS.values()}

    view = describe(home, propose(home), dict(reversed(said.items())))

    assert view["description"] == said
    assert list(view["description"]) == list(FIELDS)


def test_what_the_facts_say_fills_a_field_and_is_named(home: Home) -> None:
    id = propose(home, **KNOWN)

    view = decisions.show(home, id)
    after = describe(home, id, {"today": "By hand"})

    assert view["description"] == {
        "cost_of_error": "10 to 15 for each wrong answer",
        "today": "no language model, 500 a month",
    }
    assert view["description_from"] == {
        "cost_of_error": "fact error_cost",
        "today": "facts current_option, current_monthly_cost",
    }
    assert view["described"] == []
    assert after["description"]["today"] == "By hand"
    assert after["description_from"] == {"cost_of_error": "fact error_cost"}


def test_the_dataset_that_the_facts_name_says_whose_the_data_are(home: Home) -> None:
    register(home)
    with home.store() as store:
        datasets.describe(
            store,
            "desk@1",
            {"owner": "Desk lead", "basis": "contract"},
            because="Asked",
            actor=home.actor,
            at=home.now(),
        )
    id = propose(home, data_quality={"value": "high", "evidence": "dataset:desk@1"})

    view = decisions.show(home, id)

    assert view["description"] == {"data_owner": "Desk lead", "data_basis": "contract"}
    assert set(view["description_from"].values()) == {"dataset desk@1"}


def test_a_successor_has_what_lasts_of_the_decision_before(home: Home) -> None:
    id = propose(home)
    describe(home, id, {"purpose": "Answer", "today": "By hand"})

    view = decisions.supersede(home, id, RAG)

    assert view["description"] == {"purpose": "Answer"}
    assert view["description_from"] == {"purpose": f"decision {id}"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "nothing is said of it"),
        ({"ownr": "A"}, "Did you mean 'owner'"),
        ({"owner": 3}, "owner: 3 is not a text"),
        ({"informed": [3]}, "is not a list of names"),
        ({"informed": ["a"] * 1 + [f"n{i}" for i in range(100)]}, "101 names"),
        ({"out_of_scope": "x" * 20_001}, "out-of-scope: 20,001 characters"),
        ({"purpose": "a\x1b[2J"}, "control character"),
        ({"informed": ["a\x07"]}, "control character"),
    ],
)
def test_what_cannot_be_said_is_refused(home: Home, fields, message) -> None:
    id = propose(home)

    with pytest.raises(StatusError) as told:
        describe(home, id, fields)

    assert message in str(told.value)
    assert decisions.show(home, id)["described"] == []


def test_who_read_an_earlier_state_is_told(home: Home) -> None:
    id = propose(home)
    describe(home, id, {"owner": "Lena"})

    with pytest.raises(Stale, match=r"decision\.described by"):
        describe(home, id, {"owner": "Mara"}, seen="1")
    with pytest.raises(Stale, match=r"decision\.described by"):
        assign_risk(home, id, "stale-index", control="x", seen="1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.toml", 'owner = "Lena"\ninformed = ["Legal"]\n'),
        ("d.json", '{"owner": "L"}'),
    ],
)
def test_a_file_may_say_it(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    said = decisions.read_description(str(tmp_path / name))

    assert said["owner"] in ("Lena", "L")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no such file\n  A description is TOML or JSON"),
        ("owner = ", "neither TOML nor JSON"),
        ('[owner]\nname = "x"', "owner: {'name': 'x'} is not a text"),
        ('owned = "x"', "'owned' is not said of a decision"),
    ],
)
def test_a_file_that_says_it_wrongly_is_named(tmp_path: Path, text, message) -> None:
    path = tmp_path / "d.toml"
    if text is not None:
        path.write_text(text)

    with pytest.raises(StatusError) as told:
        decisions.read_description(str(path))

    assert str(told.value).startswith(f"{path}: ")
    assert message in str(told.value)


def test_a_decision_shows_the_risks_of_what_was_chosen(home: Home) -> None:
    id = propose(home, personal_data_in_training=False)

    proposed = decisions.show(home, id)
    accepted = decisions.accept(home, id, choice="finetune", because="We want to.")

    assert proposed["verdict"]["recommended"] == "rag"
    assert "stale-index" in risks(proposed)
    assert "stale-index" not in risks(accepted)
    assert "safety-erosion" in risks(accepted)
    assert "memorised-personal-data" not in risks(accepted)  # the facts exclude it
    vendor = risks(accepted)["vendor-ends-the-model"]
    assert vendor["waits_for"] == ["on_prem_required"]
    assert (vendor["state"], vendor["control"], vendor["owner"]) == ("open", None, None)


def test_a_risk_is_controlled_once_it_has_a_control_and_an_owner(home: Home) -> None:
    id = propose(home)

    half = assign_risk(home, id, "stale-index", control="Weekly index")
    whole = assign_risk(home, id, "stale-index", owner="Lena")
    back = assign_risk(home, id, "stale-index", control="")

    assert risks(half)["stale-index"]["state"] == "open"
    found = risks(whole)["stale-index"]
    assert (found["control"], found["owner"]) == ("Weekly index", "Lena")
    assert (found["state"], found["recorded"]["by"]) == ("controlled", home.actor.name)
    assert risks(back)["stale-index"]["control"] is None
    assert risks(back)["stale-index"]["state"] == "open"


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("stale-indx", "Did you mean 'stale-index'"),
        ("naive-hybrid", "(rag) has no risk"),
    ],
)
def test_a_risk_that_the_option_does_not_have_is_refused(home: Home, id, message):
    with pytest.raises(NotRecorded) as told:
        assign_risk(home, propose(home), id, control="x", owner="y")

    assert message in str(told.value)


def test_nothing_said_of_a_risk_is_refused(home: Home) -> None:
    with pytest.raises(StatusError, match="nothing is said"):
        assign_risk(home, propose(home), "stale-index")


def older(home: Home, monkeypatch: pytest.MonkeyPatch) -> str:
    """Record a decision as software did whose rule set had no risks."""
    texts = {p: t for p, t in resources.rule_texts().items() if p != "risks.toml"}
    with monkeypatch.context() as then:
        then.setattr(resources, "rule_texts", lambda: texts)
        return propose(home)


def test_a_decision_made_before_there_were_risks_stays_as_it_is(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = older(home, monkeypatch)

    view = decisions.show(home, id)
    (replayed,) = replay_as_recorded(home)["decisions"]

    assert "risks.toml" not in view["rule_files"]
    assert view["risks"] == []
    assert replayed["identical"]
    assert integrity.verify(home)["ok"]


def test_to_such_a_decision_todays_risks_are_recorded_with_their_text(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = older(home, monkeypatch)
    assign_risk(home, id, "stale-index", control="Weekly", owner="Lena")
    house = home.path / "house"
    house.mkdir()
    (house / "risks.toml").write_text("")  # the house has none from now on

    (risk,) = decisions.show(home, id)["risks"]

    assert (risk["id"], risk["state"]) == ("stale-index", "controlled")
    assert risk["title"] == "The documents are out of date or contradict each other"
    assert risk["arms"] == ["rag", "hybrid"]


def test_a_risk_of_the_house_is_shown_as_it_was_when_it_decided(home: Home) -> None:
    house = home.path / "house"
    house.mkdir(parents=True)
    (house / "more-risks.toml").write_text(
        '[works-council]\ntitle = "The council objects"\nwhy = "It was not asked."\n'
        'options = ["rag"]\nsource = "us"\n'
    )
    id = propose(home)
    (house / "more-risks.toml").unlink()

    found = risks(decisions.show(home, id))["works-council"]

    assert (found["title"], found["origin"]) == ("The council objects", "house")


def test_a_report_of_it_is_what_the_records_say(home: Home, tmp_path: Path) -> None:
    id = propose(home, **KNOWN)
    describe(home, id, {"purpose": "Answer *all*", "informed": ["Legal: <b>", "Bo"]})
    assign_risk(home, id, "stale-index", control="Weekly", owner="Lena")
    written = [
        reports.write_decision(home, id, tmp_path / f"r.{form}", form=form)
        for form in ("html", "json", "md")
    ]
    describe(home, id, {"purpose": "Answer some"})

    assert all(integrity.verify(home, path)["ok"] for path in written[:2])
    markdown = written[2].read_text()
    assert 'informed: ["Legal: \\u003cb\\u003e", "Bo"]' in markdown
    assert "* Purpose: Answer \\*all\\*\n" in markdown
    assert (
        "* Cost of error: 10 to 15 for each wrong answer (fact error\\_cost)"
        in markdown
    )
    assert "* Risk (controlled): The documents are out of date" in markdown
    forged = json.loads(written[1].read_text())
    forged["description"]["purpose"] = "Answer everybody"
    written[1].write_text(json.dumps(forged))
    assert not integrity.verify(home, written[1])["ok"]


def test_the_history_tells_it_in_words(home: Home) -> None:
    id = propose(home)
    describe(home, id, {"owner": "Lena", "cost_of_error": "much"})
    assign_risk(home, id, "stale-index", control="Weekly")

    told = [event["summary"] for event in history.history(home)]

    assert told[-2:] == [
        f"{id} described: cost of error, owner",
        f"{id}: risk stale-index: Weekly, nobody sees to it",
    ]
