"""A decision is described in a form, and its risks are given a control and an owner."""

import pytest

from tunewise.domain.decision import Actor
from tunewise.web.app import create_app
from tunewise.workflow import decisions
from tunewise.workflow.home import Home

from .test_acts import form, send
from .test_app import COPY_BUTTONS

FACTS = {"task_type": "knowledge_qa", "must_cite_sources": True, "error_cost": 12}
HOSTILE = "<script>alert(1)</script>\"' {{ 7*7 }}"


@pytest.fixture
def desk(tmp_path):
    """Return a home with one proposed decision (rag), its id, and a client."""
    home = Home(tmp_path / "home", Actor("Ines Okafor"))
    id = decisions.propose(home, FACTS, title="Staff questions")["id"]
    return home, id, create_app(home).test_client()


def test_what_is_typed_is_recorded_with_who_said_it(desk):
    home, id, client = desk

    response = send(
        client, f"/decisions/{id}/describe", owner="Ada", informed="Legal\r\n\nBo"
    )

    view = decisions.show(home, id)
    assert response.status_code == 303
    assert view["description"]["owner"] == "Ada"
    assert view["description"]["informed"] == ["Legal", "Bo"]
    assert [e["by"] for e in view["described"]] == ["Ada"]
    assert view["described"][0]["fields"] == {
        "owner": "Ada",
        "informed": ["Legal", "Bo"],
    }


def test_the_form_begins_with_what_people_said_and_tells_what_facts_say(desk):
    home, id, client = desk
    decisions.describe(home, id, {"purpose": HOSTILE, "informed": ["Legal", "Bo"]})

    page = client.get(f"/decisions/{id}/describe").text

    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page.replace(COPY_BUTTONS, "")
    assert ">Legal\nBo</textarea>" in page
    assert "By the fact error_cost: 12 for each wrong answer" in page


def test_a_field_that_is_emptied_is_taken_back(desk):
    home, id, client = desk
    decisions.describe(home, id, {"purpose": "Answer", "owner": "Ada"})

    response = send(client, f"/decisions/{id}/describe", purpose="Answer", owner="")

    assert response.status_code == 303
    assert "owner" not in decisions.show(home, id)["description"]
    assert decisions.show(home, id)["described"][-1]["fields"] == {"owner": ""}


def test_who_comes_second_is_told_and_does_not_undo_what_the_first_said(desk):
    home, id, client = desk
    path = f"/decisions/{id}/describe"
    decisions.describe(home, id, {"purpose": "Answer", "owner": "Ada"})
    hidden = form(client, path)
    decisions.describe(home, id, {"purpose": "Answer staff only"})

    second = {"purpose": "Answer", "owner": "Bo"}  # the purpose is as it was read
    refused = send(client, path, hidden, **second)

    assert refused.status_code == 409
    assert "has changed since you opened it: decision.described" in refused.text
    assert ">Answer staff only</textarea>" in refused.text
    assert 'value="Bo"' in refused.text
    assert decisions.show(home, id)["description"]["owner"] == "Ada"


def test_what_is_too_long_or_on_two_lines_is_said_at_its_field(desk):
    home, id, client = desk

    response = send(
        client, f"/decisions/{id}/describe", cost_of_error="x" * 20_001, owner="a\nb"
    )

    assert response.status_code == 422
    assert 'id="error-cost_of_error">20,001 characters' in response.text
    assert 'id="error-owner">One line' in response.text
    assert decisions.show(home, id)["described"] == []


def test_a_control_character_is_refused_at_its_field(desk):
    _, id, client = desk

    response = send(client, f"/decisions/{id}/describe", cost_of_error="a\x1b[2J")

    assert response.status_code == 422
    assert 'id="error-cost_of_error">' in response.text
    assert "control character" in response.text


def test_a_risk_is_given_a_control_and_an_owner(desk):
    home, id, client = desk
    path = f"/decisions/{id}/risks/stale-index/control"

    page = client.get(path).text
    response = send(client, path, control="Weekly index", owner="Lena")

    assert "The documents are out of date or contradict each other" in page
    assert response.status_code == 303
    risks = {r["id"]: r for r in decisions.show(home, id)["risks"]}
    assert (risks["stale-index"]["state"], risks["stale-index"]["owner"]) == (
        "controlled",
        "Lena",
    )
    assert ">Weekly index</textarea>" in client.get(path).text


def test_every_open_risk_is_listed_under_the_description_with_its_form(desk):
    home, id, client = desk

    page = client.get(f"/decisions/{id}/describe").text

    risks = [r["id"] for r in decisions.show(home, id)["risks"]]
    assert f"{len(risks)} of {len(risks)} open" in page
    assert all(f'href="/decisions/{id}/risks/{r}/control"' in page for r in risks)


def test_the_decision_leads_to_both_forms_and_its_report_to_none(desk):
    _, id, client = desk
    risk, described = f"/decisions/{id}/risks/stale-index/control", f"/{id}/describe"

    page = client.get(f"/decisions/{id}").text
    report = client.get(f"/decisions/{id}/report.html").text

    assert f'href="{risk}"' in page
    assert f'{described}"' in page
    assert risk not in report
    assert described not in report


@pytest.mark.parametrize("risk", ["naive-hybrid", "no-such", "%3Cscript%3E"])
def test_a_risk_that_the_option_does_not_have_is_a_page_that_helps(desk, risk):
    _, id, client = desk
    path = f"/decisions/{id}/risks/{risk}/control"

    responses = [client.get(path), send(client, path, {}, control="x", owner="y")]

    for response in responses:
        assert response.status_code == 404
        assert "Its risks: " in response.text
        assert "<script" not in response.text.replace(COPY_BUTTONS, "")


def test_a_closed_decision_is_not_described(desk):
    home, id, client = desk
    decisions.reject(home, id, because="No budget.")

    page = client.get(f"/decisions/{id}/describe").text
    response = send(client, f"/decisions/{id}/describe", {}, owner="Ada")

    assert "describe is not possible now" in page
    assert response.status_code == 409
    assert decisions.show(home, id)["described"] == []
