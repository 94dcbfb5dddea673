"""The search page: what it is, what it found, and what to do where it found nothing."""


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
