"""A decision's report has its fifteen sections, and says what is not recorded."""

import re

import pytest

from tunewise import resources
from tunewise.report import documents
from tunewise.report.decision import complete_decision
from tunewise.report.glossary import TERMS
from tunewise.report.sections import SECTIONS

TITLES = [
    "1 The decision on one page",
    "2 Purpose and target",
    "3 What is in use today, and doing nothing",
    "4 Options, and why each was not taken",
    "5 Facts and their evidence",
    "6 Reasons",
    "7 What was measured",
    "8 Costs and exit",
    "9 Risks",
    "10 Data",
    "11 Model",
    "12 Operation",
    "13 Sign-offs",
    "14 History, and whether the same would be decided today",
    "15 Integrity and its limits, glossary",
]


def plain(text):
    return re.sub(r"\s+", " ", text)


def section(text, id):
    """Return the HTML between the heading of a section and the next section."""
    return text.split(f'<h2 id="{id}">', 1)[1].split('<section class="part', 1)[0]


def state_of(view, number):
    sections = complete_decision(view)["sections"]
    return sections[number - 1]


@pytest.mark.parametrize("name", ["decision_view", "proposed_view"])
def test_a_report_has_the_fifteen_sections_in_their_order(views, name):
    text = documents.decision_html(getattr(views, name)())

    headings = [
        plain(re.sub(r"<[^>]+>", "", found))
        for found in re.findall(r"<h2 id=\"[^\"]+\">(.*?)</h2>", text)
    ]

    assert [h for h in headings if h[0].isdigit()] == TITLES


def test_every_section_has_its_template_and_no_template_is_left_over():
    folder = resources.templates_dir()

    written = {f"bodies/sections/{p.name}" for p in folder.glob("bodies/sections/*")}

    assert written == {s.template for s in SECTIONS}


def test_a_term_is_explained_once_and_each_is_in_the_glossary():
    explained = [term for s in SECTIONS for term in s.terms]

    assert len(explained) == len(set(explained))
    assert set(explained) == set(TERMS)


def test_a_bare_record_counts_for_almost_nothing_and_says_how_to_mend_it(views, parse):
    view = views.proposed_view()

    text = plain(parse(documents.decision_html(view)).text)

    # None of the fifteen: no choice, no description, no fact, no log.
    assert "0 of 15 sections are recorded whole" in text
    assert "tunewise decision describe hr-0001 --cost-of-error TEXT" in text
    assert text.count("Not recorded:") == 15


def test_the_first_page_names_what_is_missing(views, parse):
    text = plain(parse(documents.decision_html(views.decision_view())).text)

    # Whole: 1, 4, 5, 6, 7, 11, 13, 14, 15. The views say no value, no exit, …
    assert "9 of 15 sections are recorded whole" in text
    assert "missing: 2 value, out of scope;" in text


@pytest.mark.parametrize(
    ("number", "fields"),
    [
        (2, ["purpose", "value", "cost_of_error", "out_of_scope"]),
        (3, ["today", "nothing"]),
        (8, ["exit"]),
        (10, ["data_owner", "data_basis"]),
        (12, ["maintainer", "monitoring", "rollback", "triggers"]),
    ],
)
def test_each_field_of_the_description_completes_its_section(views, number, fields):
    view = views.decision_view()
    view["description"] = dict.fromkeys(fields, "said")

    whole = state_of(view, number)
    lacking = []
    for field in fields:
        said = {k: v for k, v in view["description"].items() if k != field}
        lacking.append(state_of({**view, "description": said}, number)["state"])

    assert whole["state"] == "recorded"
    assert "recorded" not in lacking


def test_a_failed_arm_is_no_measurement(views):
    view = views.decision_view()
    for arm in view["experiment_views"][0]["arms"].values():
        arm |= {"status": "failed", "metrics": {}}

    assert state_of(view, 7)["state"] == "not recorded"


def test_risks_count_once_each_has_a_control_and_an_owner(views):
    view = views.decision_view()

    before = state_of(view, 9)["state"]
    for risk in view["risks"]:
        risk |= {"control": "c", "owner": "o", "state": "controlled"}

    assert (before, state_of(view, 9)["state"]) == ("in part", "recorded")


def test_the_first_page_says_cost_risk_flip_and_strength(views):
    found = documents.decision_html(views.decision_view())
    text = plain(re.sub(r"<[^>]+>", "", section(found, "board")))

    for said in (
        "Measured here: a run of this home has the score; 2 facts are only assumed",
        "5,300 (2,650–10,600) EUR once",
        "The vendor ends the model open",
        "If must cite sources = yes, the verdict becomes RAG.",
        "the review on",
    ):
        assert said in text, said


def test_every_option_but_the_choice_says_why_it_was_not_taken(views):
    reasons = {
        entry["option"]: " ".join(entry["reasons"])
        for entry in complete_decision(views.decision_view())["why_not"]
    }

    assert set(reasons) >= {"prompt", "rag", "hybrid"}
    assert "finetune" not in reasons
    assert "Fine-tune beats prompt: macro F1 +0.26" in reasons["prompt"]
    assert "below the target of 0.8" in reasons["prompt"]
    assert "Ruled out by closed-labels-need-no-passages: House rule" in reasons["rag"]
    assert all(reasons.values())


def test_assumed_facts_that_decide_are_read_first(views):
    first = complete_decision(views.decision_view())["first_facts"]

    # training_examples and must_cite_sources turn the verdict by a flip; the veto
    # rests on knowledge_changes; data_quality and requests_per_month are assumed.
    names = [fact["name"] for fact in first]
    assert set(names[:2]) == {"data_quality", "requests_per_month"}
    assert set(names[2:4]) == {"must_cite_sources", "training_examples"}
    assert "knowledge_changes" in names[4:]


def test_an_unmeasured_decision_says_nothing_about_any_score(views):
    said = complete_decision(views.proposed_view())["says_nothing_about"]

    assert said == ["Any score: nothing was measured, so all rests on rules and facts."]


def test_what_was_not_measured_and_not_known_is_named(views):
    said = complete_decision(views.decision_view())["says_nothing_about"]

    assert any("support-triage@3 (200 examples)" in s for s in said)
    assert any("smollm2-135m-instruct" in s for s in said)
    assert said[-1].endswith("latency limit seconds.")


def test_criteria_stand_in_the_words_of_their_own_rules(views):
    text = documents.decision_html(views.decision_view())

    shown = plain(re.sub(r"<[^>]+>", "", section(text, "reasons")))

    assert "A good prompt misses the target" in shown
    assert "When prompt_score is below target_score." in shown
    assert "its text is not in this record" in shown  # of those without one


def test_another_verdict_today_is_said_with_its_criterion(views):
    text = documents.decision_html(views.decision_view())

    shown = plain(re.sub(r"<[^>]+>", "", section(text, "history")))

    assert "Another verdict today: on 2027-05-01 the rules recommended RAG" in shown
    assert "must-cite-sources new: Answers must cite their sources" in shown


def test_where_today_was_not_asked_its_command_stands(views):
    view = {**views.decision_view(), "asked_again": None}

    text = documents.decision_html(view)

    assert "tunewise decision replay support-triage-0001" in text
