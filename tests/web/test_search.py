"""The search page: what it is, what it found, and what to do where it found nothing."""

import html

from tunewise.workflow import history


def test_before_a_query_it_says_what_is_searched(client):
    assert "Searched are the titles" in client.get("/search").text


def test_words_are_marked_in_escaped_text(client):
    text = client.get("/search?q=triage").text.casefold()

    assert "<mark>triage</mark>" in text
    assert "searched are" not in text


def test_a_query_is_never_markup(client):
    text = client.get("/search?q=%3Cscript%3Ealert(1)").text

    assert "<script>alert" not in text


def test_without_a_hit_it_says_what_to_do(client):
    assert "Try fewer words" in client.get("/search?q=nothinghasthisword").text


def test_a_kind_is_kept_to_and_offered_to_be_left(client):
    every = client.get("/search.json?q=triage").json
    kinds = {row["kind"] for row in every}

    for kind in kinds:
        found = client.get(f"/search.json?q=triage&kind={kind}").json
        assert {row["kind"] for row in found} == {kind}
    nothing = client.get("/search?q=triage&kind=nonesuch").text
    assert 'href="/search?q=triage"' in nothing


def test_pages_of_hits_hold_each_record_once(client, monkeypatch):
    every = [row["id"] for row in client.get("/search.json?q=a").json]
    monkeypatch.setattr(history, "MOST", 2)

    found, address = [], "/search?q=a"
    while address:
        text = client.get(address).text
        found += client.get(address.replace("/search?", "/search.json?")).json
        _, more, rest = text.partition('rel="next" href="')
        address = html.unescape(rest.partition('"')[0]) if more else ""

    assert len(every) > 3
    assert [row["id"] for row in found] == every
    assert 'rel="prev"' in text


def test_a_hit_shows_the_title_of_its_record(client, filled):
    rows = client.get("/search.json?q=a&kind=decision").json

    titles = {row["id"]: row["title"] for row in client.get("/decisions.json").json}
    assert rows
    assert {row["id"]: row["title"] for row in rows}.items() <= titles.items()
