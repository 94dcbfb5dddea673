"""A decision's facts are tried out on its page, and proposed as a successor."""

import pytest

from tunewise.domain.decision import Actor
from tunewise.web.app import create_app
from tunewise.workflow import decisions, history
from tunewise.workflow.home import Home

from .test_acts import send

FACTS = {"task_type": "knowledge_qa", "must_cite_sources": True, "error_cost": 12}


@pytest.fixture
def desk(tmp_path):
    """Return a home with one proposed decision (rag), its id, and a client."""
    home = Home(tmp_path / "home", Actor("Ines Okafor"))
    id = decisions.propose(home, FACTS, title="Staff questions")["id"]
    return home, id, create_app(home).test_client()


def test_unchanged_facts_have_the_verdict_of_the_record(desk):
    home, id, client = desk

    found = client.get(f"/decisions/{id}/try.json").json

    assert found["changed"] == []
    recorded = decisions.show(home, id)["verdict"]["recommended"]
    assert found["verdict"]["recommended"] == recorded
    assert (
        f'action="/decisions/{id}/try" method="post"'
        not in client.get(f"/decisions/{id}/try").text
    )


def test_every_recorded_flip_can_be_tried_and_flips(desk):
    home, id, client = desk
    flips = decisions.show(home, id)["verdict"]["flips"]
    page = client.get(f"/decisions/{id}/try").text
    links = [
        part.partition('"')[0].replace("&amp;", "&")
        for part in page.split('<a href="')
        if ">try it<" in part[:400]
    ]

    tried = [
        client.get(link.replace("/try?", "/try.json?")).json["verdict"]["recommended"]
        for link in links
    ]

    assert flips
    assert tried == [flip["recommended"] for flip in flips]


def test_every_other_option_says_why_it_was_not_taken_with_these_facts(desk):
    _, id, client = desk

    page = client.get(f"/decisions/{id}/try?plain_rules_suffice=yes").text

    _, found, told = page.partition("Why not the others")
    assert found
    told = told.partition("</details>")[0]
    for option in ("Prompt", "RAG", "Fine-tune", "Hybrid"):
        assert f"<strong>{option}</strong>" in told
    assert told.count("Ruled out by plain-rules-suffice") == 4


def test_what_moved_the_verdict_is_named(desk):
    home, id, client = desk

    found = client.get(f"/decisions/{id}/try.json?plain_rules_suffice=yes").json

    recorded = decisions.show(home, id)["verdict"]["recommended"]
    assert found["changed"] == ["plain_rules_suffice"]
    assert found["verdict"]["recommended"] != recorded
    assert {one["criterion"] for one in found["because"]} == {"plain-rules-suffice"}


def test_a_decision_that_is_closed_has_no_successor_to_propose(desk):
    home, id, client = desk
    decisions.withdraw(home, id, because="a mistake")

    page = client.get(f"/decisions/{id}/try?error_cost=50").text

    assert "Verdict with these facts" in page
    assert "Propose a successor" not in page


def test_a_fact_can_be_made_unknown(desk):
    _, id, client = desk

    found = client.get(f"/decisions/{id}/try.json?error_cost=%3F").json

    assert found["changed"] == ["error_cost"]
    assert "error_cost" not in found["facts"]["facts"]


def test_looking_records_nothing(desk):
    home, id, client = desk
    before = history.history(home)

    page = client.get(f"/decisions/{id}/try?must_cite_sources=no")
    part = client.get(f"/decisions/{id}/try/verdict?must_cite_sources=no")

    assert page.status_code == part.status_code == 200
    assert "Verdict with these facts" in part.text
    assert "<main" not in part.text
    assert history.history(home) == before


def test_what_cannot_be_taken_is_told_and_kept(desk):
    _, id, client = desk

    page = client.get(f"/decisions/{id}/try?error_cost=dear&all=1")

    assert page.status_code == 200
    assert 'value="dear"' in page.text
    assert "error_cost" in page.text
    assert "cannot be taken" in page.text


def test_a_successor_is_proposed_with_the_changed_facts(desk):
    home, id, client = desk
    address = f"/decisions/{id}/try"

    response = send(client, address, must_cite_sources="no", by="Bo")

    made = response.headers["Location"].rpartition("/")[2]
    view = decisions.show(home, made)
    assert response.status_code == 303
    assert view["supersedes"] == id
    assert view["facts"]["must_cite_sources"]["value"] is False
    assert view["by"] == "Bo"


def test_who_read_an_older_state_is_told_and_nothing_is_recorded(desk):
    home, id, client = desk
    address = f"/decisions/{id}/try"
    page = client.get(f"{address}?must_cite_sources=no").text
    seen = str(decisions.show(home, id)["audit"][-1]["seq"])
    assert f'name="seen" value="{seen}"' in page
    decisions.sign(home, id, role="data protection officer")
    before = len(decisions.list_all(home))

    stale = send(client, address, must_cite_sources="no", by="Bo", seen=seen)

    assert stale.status_code == 409
    assert "has changed since you opened it" in stale.text
    assert '<input type="hidden" name="must_cite_sources" value="no">' in stale.text
    assert len(decisions.list_all(home)) == before


def test_nobody_proposes_without_a_name(desk):
    home, id, client = desk

    response = send(client, f"/decisions/{id}/try", must_cite_sources="no", by="")

    assert response.status_code == 422
    assert len(decisions.list_all(home)) == 1


def test_a_decision_that_is_not_there_is_explained(desk):
    _, _, client = desk

    assert client.get("/decisions/d-nothing/try").status_code == 404
