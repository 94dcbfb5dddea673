"""The rules browser, and the criteria that a decision says did not match."""

import re
import tomllib
from html import unescape

from tunewise import resources
from tunewise.engine.kinds import Kind
from tunewise.report.criteria import KINDS
from tunewise.report.words import OPTIONS as TITLES


def test_criteria_are_kept_to_those_that_speak_of_an_option(client):
    every = client.get("/rules.json").json

    found = client.get("/rules.json?option=rag").json

    assert 0 < len(found) < len(every)
    assert all("rag" in [t["option"] for t in row["consequences"]] for row in found)
    assert '<a href="/rules">Show all' in client.get("/rules?option=rag").text


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def sections(page):
    """Return kind -> (the count its heading says, ids of the criteria under it)."""
    parts = page.split('<section aria-labelledby="kind-')[1:]
    return {
        part.split('"', 1)[0]: (
            int(re.search(r"(\d+) criteri", part).group(1)),
            re.findall(r'<h3><a class="ref" href="/rules/([^"]+)"', part),
        )
        for part in parts
    }


def test_criteria_stand_under_the_heading_of_their_kind_with_a_count(client):
    rows = client.get("/rules.json").json

    page = client.get("/rules").text

    found = sections(page)
    assert list(found) == [kind.value for kind in Kind]
    assert {id: kind for kind, (_, ids) in found.items() for id in ids} == {
        row["id"]: row["kind"] for row in rows
    }
    assert all(count == len(ids) > 0 for count, ids in found.values())
    for _, means in KINDS.values():
        assert means in unescape(page)


def test_a_filter_keeps_the_headings_and_the_counts_of_all(client):
    page = client.get("/rules?option=hybrid").text

    every = sum(len(ids) for _, ids in sections(client.get("/rules").text).values())
    few = sum(len(ids) for _, ids in sections(page).values())
    assert 0 < few < every
    assert f"{every} criteria weigh the facts" in page
    assert f">any option</a> {every} " in page
    assert f"<strong>Hybrid</strong> {few} " in page


def test_a_filter_that_keeps_nothing_says_how_to_go_on(client):
    page = client.get("/rules?option=<b>").text

    assert "show all criteria" in page
    assert sections(page) == {}
    assert "<b>" not in page.split("<main", 1)[1].replace("<body>", "")


def test_every_fact_that_a_criterion_reads_links_where_it_stands(client):
    view = client.get("/rules/documents-fit-prompt.json").json
    page = client.get("/rules/documents-fit-prompt").text
    facts = client.get("/rules/facts").text

    linked = set(re.findall(r'href="/rules/facts#([a-z_]+)"', page))
    when = page.split('id="when"', 1)[1].split("<details", 1)[0]

    assert [fact["name"] for fact in view["reads"]] == [
        *("task_type", "corpus_fits_context", "token_budget_pressure"),
        *("corpus_tokens", "context_window_tokens", "stronger_model_allowed"),
    ]
    assert {fact["name"] for fact in view["reads"]} <= linked
    assert all(f'<div id="{name}">' in facts for name in linked)
    assert "At least one of these:" in when
    assert "corpus_tokens is below context_window_tokens" in text_of(when)


def test_a_worked_case_is_shown_with_its_facts_and_its_verdict(client):
    view = client.get("/rules/must-cite-sources.json").json
    page = client.get("/rules/must-cite-sources").text

    shown = text_of(page.split('id="cases"', 1)[1].split('id="file"', 1)[0])

    assert [case["name"] for case in view["worked_cases"]] == view["cases"]
    for case in view["worked_cases"]:
        file = resources.rules_dir() / "cases" / f"{case['name']}.toml"
        written = tomllib.loads(file.read_text(encoding="utf-8"))
        told = shown.split(case["title"], 1)[1].split("Matches:", 1)[0]
        assert f"Expected verdict: {TITLES[written['expect']['recommended']]} " in told
        assert set(case["facts"]) == set(written["facts"])
        assert all(f"{name} = " in told for name in written["facts"])
        assert "must_cite_sources = yes" in told
    assert page.count("<details") > len(view["worked_cases"][4:])


def test_every_criterion_has_a_page_that_shows_its_source_and_its_origin(client):
    for row in client.get("/rules.json").json:
        page = client.get(f"/rules/{row['id']}").text

        assert f"Source: {row['source']}" in unescape(page), row["id"]
        assert f'<span class="pill">{row["origin"]}</span>' in page, row["id"]


def test_a_decision_shows_each_criterion_that_did_not_match_once_with_a_reason(
    client, filled
):
    view = client.get(f"/decisions/{filled.decision}.json").json

    table = client.get(f"/decisions/{filled.decision}").text
    table = table.split('<table class="tight">', 1)[1].split("</table>", 1)[0]

    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>', table)
    shown = {text_of(id): text_of(why) for id, why in rows}
    assert len(rows) == len(shown) == len(view["verdict"]["not_matched"]) > 40
    for entry in view["verdict"]["not_matched"]:
        waits = [f"waits for {n.replace('_', ' ')}" for n in entry["waiting_for"]]
        first, *rest = [*entry["failed"], *waits]
        more = f" (+{len(rest)})" if rest else ""
        assert shown[entry["criterion"]] == f"{first}{more}"
