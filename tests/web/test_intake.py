"""One question at a time; the address holds everything; nothing is recorded before."""

import re
from urllib.parse import parse_qsl

import pytest

from tunewise.workflow import decisions

OURS = {"Sec-Fetch-Site": "same-origin"}
START = "/decisions/new?task_type=classification&training_examples=1200"


def asked(client, address):
    return client.get(address.replace("/new", "/new.json", 1)).json


def test_the_first_question_comes_with_its_reasons_and_a_verdict(empty):
    page = empty.get("/decisions/new").text
    first = asked(empty, "/decisions/new")

    assert first["question"]["question"] in page
    assert first["question"]["criteria"]
    assert "Verdict so far" in page
    assert "I don&#39;t know" in page or "I don't know" in page


def test_answers_are_carried_on_and_the_verdict_follows_them(empty):
    page = empty.get(f"{START}&training_examples.by=Ines").text

    assert '<input type="hidden" name="training_examples" value="1200">' in page
    assert '<input type="hidden" name="training_examples.by" value="Ines">' in page
    view = asked(empty, START)
    assert view["asked"] == 2
    assert view["facts"]["training_examples"] == 1200
    assert view["question"]["name"] not in ("task_type", "training_examples")


def test_what_nobody_knows_is_not_asked_again(empty):
    name = asked(empty, START)["question"]["name"]

    after = asked(empty, f"{START}&skip={name}")

    assert after["question"]["name"] != name
    assert [s["name"] for s in after["skipped"]] == [name]


def test_after_eight_answers_a_useful_verdict_stands(empty):
    address = "/decisions/new?"
    for _ in range(8):
        name = asked(empty, address)["question"]["name"]
        address += f"&skip={name}"

    page = empty.get(address).text

    assert "a useful verdict stands" in page
    assert "/decisions/new/preliminary?skip=" in page


def test_a_wrong_answer_is_said_at_its_question(empty):
    page = empty.get("/decisions/new?training_examples=many").text

    assert "How many" in page
    assert 'role="alert"' in page
    assert 'value="many"' in page


def test_contradicting_answers_are_named_together(empty):
    view = asked(
        empty,
        "/decisions/new?prompt_tried=no&prompt_score=0.7&task_type=classification",
    )

    assert view["verdict"] is None
    assert "prompt_score" in view["errors"][""]


def test_an_unknown_name_suggests_the_nearest(empty):
    response = empty.get("/decisions/new?training_exampels=3")

    assert response.status_code == 400
    assert "training_examples" in response.text


def test_an_address_that_is_too_long_is_refused(empty):
    assert empty.get("/decisions/new?task_type=" + "x" * 9000).status_code == 413


def test_the_verdict_alone_is_a_fragment(empty):
    text = empty.get(START.replace("/new", "/new/verdict")).text

    assert "Verdict so far" in text
    assert "<main" not in text


def test_a_preliminary_verdict_says_so_and_records_nothing(empty):
    page = empty.get(START.replace("/new", "/new/preliminary")).text

    assert "Preliminary, rules only." in page
    assert "Put it on record" in page
    assert empty.get("/decisions.json").json == []


def test_it_is_put_on_record_with_what_the_form_holds(client, filled):
    page = client.get(
        START.replace("/new", "/new/preliminary") + "&training_examples.by=Ines"
    ).text
    hidden = dict(re.findall(r'type="hidden" name="([\w.]+)" value="([^"]*)"', page))

    refused = client.post("/decisions", data=hidden, headers=OURS)
    done = client.post(
        "/decisions",
        data={**hidden, "title": "Mail triage", "by": "Ada"},
        headers=OURS,
    )

    assert refused.status_code == 422
    assert "This is needed." in refused.text
    assert done.status_code == 303
    id = done.headers["Location"].rpartition("/")[2]
    view = decisions.show(filled.home, id)
    assert (view["by"], view["title"]) == ("Ada", "Mail triage")
    assert view["facts"]["training_examples"]["value"] == 1200
    evidence = view["facts"]["training_examples"]["evidence"]
    assert (evidence["kind"], evidence["reference"]) == ("person", "Ines")


def test_the_way_on_keeps_everything(empty):
    page = empty.get(f"{START}&skip=latency_sensitive").text
    (link,) = set(re.findall(r'href="/decisions/new/preliminary\?([^"]*)"', page))

    kept = parse_qsl(link.replace("&amp;", "&"))

    assert set(kept) == {
        ("task_type", "classification"),
        ("training_examples", "1200"),
        ("skip", "latency_sensitive"),
    }


@pytest.mark.parametrize(
    "value", ["1e999", "-4", "NaN", "<script>", "\u202e9", "9" * 400]
)
def test_hostile_answers_are_refused_in_words(empty, value):
    response = empty.get("/decisions/new", query_string={"training_examples": value})

    assert response.status_code == 200
    assert "<script>" not in response.text.replace('<script src="/static', "")
    assert 'role="alert"' in response.text
