"""What people do about a model version, through forms."""

import pytest

from tunewise.web.app import create_app
from tunewise.workflow.home import Home
from tunewise.workflow.models import deployments
from tunewise.workflow.models import versions as models

from .conftest import INES
from .test_jobs import OURS


@pytest.fixture
def served(tmp_path):
    """Return a home with two versions of a model, and a client."""
    home = Home(tmp_path / "home", INES)
    client = create_app(home).test_client()
    for _ in range(2):
        data = {"name": "desk", "option": "finetune", "base": "tiny", "by": "Ada"}
        client.post("/models/explain", data=data, headers=OURS)
    return home, client


def act(client, number, name, **fields):
    data = {"by": "Ada", "because": "It is better.", **fields}
    path = f"/models/desk/{number}/{name}"
    assert client.get(path).status_code == 200
    return client.post(path, data=data, headers=OURS)


def test_an_alias_moves_with_its_reason_and_is_taken_away(served):
    home, client = served

    first = act(client, 1, "alias", alias="champion")
    act(client, 2, "alias", alias="champion")

    assert (first.status_code, first.headers["Location"]) == (303, "/models/desk/1")
    assert models.show(home, "desk@champion")["model"] == "desk@2"
    page = client.get("/models/desk/2").text
    assert "It is better." in page
    assert 'href="/models/desk/2/unalias"' in page
    assert act(client, 2, "unalias", alias="champion").status_code == 303
    assert models.show(home, "desk@2")["aliases"] == []


def test_a_deployment_is_recorded_and_ends(served):
    home, client = served
    where = {"product": "Desk", "environment": "production", "outside": "desk-v1"}

    made = act(client, 1, "deploy", **where)

    assert made.status_code == 303
    (row,) = deployments.list_all(home)
    assert (row["model"], row["outside_name"], row["by"]) == (
        "desk@1",
        "desk-v1",
        "Ada",
    )
    assert act(client, 1, "undeploy").status_code == 303
    assert deployments.list_all(home)[0]["until"]


def test_what_is_missing_is_said_and_a_version_retires(served):
    home, client = served

    assert act(client, 1, "describe", purpose="Routes mail.").status_code == 303
    assert models.show(home, "desk@1")["purpose"] == "Routes mail."
    assert act(client, 1, "retire").status_code == 303
    page = client.get("/models/desk/1").text
    assert "Retired:" in page
    assert 'href="/models/desk/1/deploy"' not in page


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("alias", {"alias": ""}, "This is needed"),
        ("alias", {"alias": "a b"}, "alias"),
        ("unalias", {"alias": "nobody"}, "nobody"),
        ("describe", {}, "nothing is said"),
        ("deploy", {"product": "D", "environment": "p", "outside": "o",
                    "since": "soon"}, "is no date"),
        ("retire", {"because": ""}, "This is needed"),
        ("undeploy", {}, "desk@1"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_why_and_is_not_recorded(name, fields, said, served):
    home, client = served
    before = models.show(home, "desk@1")

    response = act(client, 1, name, **fields)

    assert response.status_code == 422
    assert said in response.text
    assert models.show(home, "desk@1") == before


@pytest.mark.parametrize("path", ["/models/desk/9/alias", "/models/desk/1/dance"])
def test_an_unknown_version_or_act_is_a_page_that_helps(path, served):
    assert served[1].get(path).status_code == 404


def test_of_two_forms_that_were_opened_at_once_the_second_is_told(served):
    home, client = served
    opened = client.get("/models/desk/1/alias").text
    seen = opened.partition('name="seen" value="')[2].partition('"')[0]
    data = {"alias": "champion", "because": "It is better.", "seen": seen}

    first = client.post("/models/desk/2/alias", data={**data, "by": "Bo"}, headers=OURS)
    second = client.post(
        "/models/desk/1/alias", data={**data, "by": "Ada"}, headers=OURS
    )

    assert (first.status_code, second.status_code) == (303, 409)
    assert models.show(home, "desk@champion")["model"] == "desk@2"
    assert "Meanwhile something else was done about desk. Bo" in second.text
    assert "champion moved to desk@2" in second.text
    again = second.text.partition('name="seen" value="')[2].partition('"')[0]
    data |= {"seen": again, "by": "Ada"}
    assert (
        client.post("/models/desk/1/alias", data=data, headers=OURS).status_code == 303
    )
    assert models.show(home, "desk@champion")["model"] == "desk@1"
