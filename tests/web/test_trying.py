"""Facts of a decision are changed to see what would be said; nothing is kept."""

import pytest

from tracker import audit
from tunewise.domain.errors import Stale
from tunewise.workflow import decisions

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def decided(filled):
    facts = {
        "task_type": "classification",
        "must_cite_sources": {"value": True, "evidence": "person:Ada"},
    }
    made = decisions.propose(filled.home, facts, title="Tried")
    return f"/decisions/{made['id']}", made


def entries(filled):
    with filled.home.store() as store:
        return audit.head(store)


def test_without_a_change_the_verdict_is_the_recorded_one(client, decided):
    at, made = decided

    view = client.get(f"{at}/try.json").json

    assert view["changed"] == []
    assert not view["turned"]
    assert view["verdict"]["recommended"] == made["verdict"]["recommended"]
    assert view["criteria"] == []


def test_a_change_shows_which_criterion_no_longer_matches(client, decided, filled):
    at, _ = decided
    before = entries(filled)

    page = client.get(f"{at}/try?must_cite_sources=no").text
    view = client.get(f"{at}/try.json?must_cite_sources=no").json

    assert [f["name"] for f in view["changed"]] == ["must_cite_sources"]
    assert "must-cite-sources" in {c["criterion"] for c in view["criteria"]}
    assert "no longer matches" in page
    assert entries(filled) == before  # nothing is recorded


def test_every_recorded_flip_leads_where_it_says(client, decided):
    at, made = decided
    assert made["verdict"]["flips"]
    flips = client.get(f"{at}/try.json").json["flips"]

    for flip in flips:
        view = client.get(f"{at}/try.json", query_string=flip["answers"]).json

        assert view["verdict"]["recommended"] == flip["recommended"]
        assert view["turned"]


def test_what_stays_keeps_its_evidence_and_what_is_written_as_recorded_too(
    client, decided
):
    at, _ = decided

    view = client.get(f"{at}/try.json?must_cite_sources=yes&task_type=extraction").json

    assert [f["name"] for f in view["changed"]] == ["task_type"]
    assert view["errors"] == {}
    kept = view["sheet"]["must_cite_sources"]["evidence"]
    assert kept == {"kind": "person", "reference": "Ada"}
    assert view["sheet"]["task_type"]["evidence"]["kind"] == "assumed"


def test_an_empty_answer_makes_a_fact_unknown(client, decided):
    at, _ = decided

    view = client.get(f"{at}/try.json?must_cite_sources=").json

    assert "must_cite_sources" not in view["facts"]["facts"]


def test_a_wrong_answer_is_said_at_its_fact(client, decided):
    at, _ = decided

    response = client.get(f"{at}/try?training_examples=many")

    assert response.status_code == 200
    assert "Some answers cannot be taken" in response.text
    assert 'aria-invalid="true"' in response.text
    refused = client.post(
        f"{at}/try", data={"training_examples": "many", "by": "Ada"}, headers=OURS
    )
    assert refused.status_code == 422


def test_the_verdict_alone_is_part_of_the_page(client, decided):
    part = client.get(f"{decided[0]}/try/verdict?must_cite_sources=no").text

    assert "<html" not in part
    assert "no longer matches" in part


def test_all_facts_are_shown_when_asked_for(client, decided):
    few = client.get(f"{decided[0]}/try.json").json["fields"]
    every = client.get(f"{decided[0]}/try.json?every=yes").json["fields"]

    assert len(few) < len(every)


def test_a_successor_is_proposed_with_the_changed_facts(client, decided, filled):
    at, made = decided
    seen = client.get(f"{at}/try.json").json["seen"]

    response = client.post(
        f"{at}/try",
        data={"must_cite_sources": "no", "by": "Tomas Lind", "seen": seen},
        headers=OURS,
    )

    assert response.status_code == 303
    successor = decisions.show(filled.home, response.location.rpartition("/")[2])
    assert successor["supersedes"] == made["id"]
    assert successor["facts"]["must_cite_sources"]["value"] is False
    assert successor["facts"]["must_cite_sources"]["evidence"]["kind"] == "assumed"
    assert successor["by"] == "Tomas Lind"


def test_who_read_an_older_state_is_told_and_nothing_is_recorded(
    client, decided, filled
):
    at, made = decided
    seen = client.get(f"{at}/try.json").json["seen"]
    decisions.sign(filled.home, made["id"], role="data protection officer")
    before = entries(filled)

    response = client.post(
        f"{at}/try",
        data={"must_cite_sources": "no", "by": "Ada", "seen": seen},
        headers=OURS,
    )

    assert response.status_code == 409
    assert "changed since you opened it" in response.text
    assert 'value="no"' in response.text  # what was tried is still there
    assert entries(filled) == before
    with pytest.raises(Stale):
        decisions.propose_tried(filled.home, made["id"], {}, seen=seen)


def test_a_decision_leads_to_it(client, decided, filled):
    assert f'{decided[0]}/try"' in client.get(decided[0]).text
    accepted = f"/decisions/{filled.decision}"
    assert f"{accepted}/try#successor" in client.get(accepted).text
