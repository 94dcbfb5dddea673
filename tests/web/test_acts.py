"""What people do about a decision, through forms: done once, told when it is stale."""

import re
from dataclasses import replace

import pytest

from tunewise.domain.decision import Actor
from tunewise.web.app import create_app
from tunewise.workflow import decisions
from tunewise.workflow.home import Home

OURS = {"Sec-Fetch-Site": "same-origin"}
FACTS = {"task_type": "classification"}


@pytest.fixture
def desk(tmp_path):
    """Return a home with one proposed decision, its id, and a client."""
    home = Home(tmp_path / "home", Actor("Ines Okafor"))
    id = decisions.propose(home, FACTS, title="Support desk")["id"]
    return home, id, create_app(home).test_client()


def form(client, path):
    """Return the hidden fields of a form, as a browser would send them."""
    page = client.get(path).text
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def send(client, path, hidden=None, **fields):
    data = {**(form(client, path) if hidden is None else hidden), "by": "Ada", **fields}
    return client.post(path, data=data, headers=OURS)


def accept(client, id, **more):
    recommended = client.get(f"/decisions/{id}.json").json["verdict"]["recommended"]
    return send(client, f"/decisions/{id}/accept", **{"choice": recommended, **more})


def test_a_choice_is_put_on_record_with_its_conditions_and_who_made_it(desk):
    home, id, client = desk

    response = accept(
        client, id, conditions="measure it\nask Tomas", review_on="2099-01-31"
    )

    assert response.status_code == 303
    assert response.headers["Location"] == f"/decisions/{id}"
    view = decisions.show(home, id)
    assert (view["status"], view["accepted_by"]) == ("accepted", "Ada")
    assert view["accepted_identity"] == "stated"
    assert [c["text"] for c in view["conditions"]] == ["measure it", "ask Tomas"]
    assert view["review_on"] == "2099-01-31"


def test_another_choice_needs_a_reason_and_keeps_what_was_typed(desk):
    home, id, client = desk

    refused = accept(client, id, choice="finetune", conditions="one\ntwo")

    assert refused.status_code == 409
    assert "Say why: “Why”" in refused.text
    assert ">one\ntwo</textarea>" in refused.text
    assert decisions.show(home, id)["status"] == "proposed"
    assert (
        accept(
            client, id, choice="finetune", because="We have the examples."
        ).status_code
        == 303
    )
    assert decisions.show(home, id)["choice"] == "finetune"


def test_of_two_who_accept_at_once_one_wins_and_the_other_is_told(desk):
    home, id, client = desk
    path = f"/decisions/{id}/accept"
    hidden = form(client, path)
    recommended = decisions.show(home, id)["verdict"]["recommended"]

    first = send(client, path, hidden, choice=recommended)
    second = send(client, path, hidden, choice=recommended, by="Tomas")

    assert (first.status_code, second.status_code) == (303, 409)
    assert "is accepted" in second.text
    accepted = [
        e
        for e in decisions.show(home, id)["audit"]
        if e["action"] == "decision.accepted"
    ]
    assert [e["actor"] for e in accepted] == ["Ada"]


def test_who_signs_in_between_makes_a_form_stale_and_it_can_be_sent_again(desk):
    home, id, client = desk
    path = f"/decisions/{id}/reject"
    hidden = form(client, path)
    decisions.sign(replace(home, actor=Actor("Tomas")), id, role="owner")

    stale = send(client, path, hidden, because="Too dear.")

    assert stale.status_code == 409
    assert "decision.signed by Tomas" in stale.text
    assert "Too dear.</textarea>" in stale.text
    assert decisions.show(home, id)["status"] == "proposed"
    anew = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', stale.text))
    assert send(client, path, anew, because="Too dear.").status_code == 303
    assert decisions.show(home, id)["closed_because"] == "Too dear."


def test_a_dissent_is_signed_with_what_was_seen(desk):
    home, id, client = desk
    path = f"/decisions/{id}/sign"

    assert send(client, path, role="DPO", dissent="yes").status_code == 409
    done = send(client, path, role="DPO", dissent="yes", comment="No basis.")

    assert done.status_code == 303
    (signature,) = decisions.show(home, id)["signatures"]
    assert (signature["by"], signature["dissent"]) == ("Ada", True)
    assert signature["seen"] == decisions.show(home, id)["state_digest"]


def test_a_condition_gets_its_owner_and_is_closed_by_evidence(desk):
    home, id, client = desk
    accept(client, id, conditions="measure it")
    at = f"/decisions/{id}/conditions/1"

    assert (
        send(client, f"{at}/assign", owner="Tomas", due="2099-03-01").status_code == 303
    )
    closed = send(client, f"{at}/close", evidence="person:Tomas", because="He did.")

    assert closed.status_code == 303
    (condition,) = decisions.show(home, id)["conditions"]
    assert (condition["owner"], condition["due"]) == ("Tomas", "2099-03-01")
    assert condition["closed"]["because"] == "He did."


def test_no_form_reads_a_file_of_the_server(desk, tmp_path):
    home, id, client = desk
    accept(client, id, conditions="measure it")
    secret = tmp_path / "secret.txt"
    secret.write_text("the key of the house")

    done = send(
        client,
        f"/decisions/{id}/conditions/1/close",
        evidence=f"document:{secret}",
        because="Look.",
    )

    assert done.status_code in (303, 422)
    kept = [p for p in (home.path / "blobs").rglob("*") if p.is_file()]
    assert not any(b"the key of the house" in p.read_bytes() for p in kept)


def test_a_review_says_what_it_came_to(desk):
    home, id, client = desk
    accept(client, id)
    path = f"/decisions/{id}/review"

    refused = send(client, path, score="much", because="Counted.")
    done = send(client, path, score="0.8", because="Counted.", review_on="2099-05-01")

    assert refused.status_code == 422
    assert "is no number" in refused.text
    assert done.status_code == 303
    (review,) = decisions.show(home, id)["reviews"]
    assert review["because"] == "Counted."


@pytest.mark.parametrize(
    "fields",
    [
        {"because": ""},
        {"because": "x", "by": ""},
        {"because": "x" * 30_000},
        {"because": "a\x1bb"},
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_recorded(desk, fields):
    home, id, client = desk

    response = send(client, f"/decisions/{id}/reject", **fields)

    assert response.status_code == 422
    assert "Not recorded." in response.text
    assert decisions.show(home, id)["status"] == "proposed"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/decisions/{}/dance", 404),
        ("/decisions/{}/conditions/1/dance", 404),
        ("/decisions/d-nobody/accept", 404),
    ],
)
def test_an_unknown_act_or_decision_is_a_page_that_helps(desk, path, status):
    _, id, client = desk

    assert client.get(path.format(id)).status_code == status
    assert client.post(path.format(id), data={}, headers=OURS).status_code in (
        404,
        405,
        422,
    )


def test_an_act_that_is_not_possible_now_shows_no_form(desk):
    _, id, client = desk
    send(client, f"/decisions/{id}/withdraw", because="Another way.")

    page = client.get(f"/decisions/{id}/accept").text

    assert "is not possible now" in page
    assert "<form class=" not in page
    assert "/accept" not in client.get(f"/decisions/{id}").text
