"""Reports are one file that loads nothing; Markdown keeps user text as text."""

import json
import re

import pytest
from markdown_it import MarkdownIt

from tunewise.report import documents

REPORTS = {
    "decision": (documents.decision_html, "decision_view"),
    "proposed": (documents.decision_html, "proposed_view"),
    "experiment": (documents.experiment_html, "experiment_view"),
    "lineage": (documents.lineage_html, "lineage_view"),
}


@pytest.fixture(params=REPORTS)
def report(request, views):
    render, name = REPORTS[request.param]
    view = getattr(views, name)()
    return view, render(view)


RELATION = ("base_model_relation", "library_name")


def hostile(data, bad):
    if isinstance(data, str):
        return bad
    if isinstance(data, list):
        return [hostile(entry, bad) for entry in data]
    if isinstance(data, dict):
        return {key: hostile(value, bad) for key, value in data.items()}
    return data


def front_matter(text):
    _, head, body = text.split("---\n", 2)
    return head, body


def test_a_report_is_below_200_kb(report):
    _, text = report

    assert len(text.encode()) < 200_000


def test_a_report_refers_to_nothing_outside_itself(report, parse):
    _, text = report

    found = parse(text)

    assert all(u.startswith("#") for u in found.values("href"))
    assert not found.values("src", "action", "srcset", "style")
    assert "link" not in found.tags
    assert not re.search(r"url\(|@import", text)


def test_every_link_inside_a_report_has_its_target(report, parse):
    _, text = report

    found = parse(text)

    ids = found.values("id")
    assert {u[1:] for u in found.values("href")} <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_record_inside_a_report_parses_back_equal(report, parse):
    view, text = report

    found = parse(text)

    assert json.loads(found.data["record-json"]) == view


def test_the_only_script_of_a_report_is_data(report, parse):
    _, text = report

    found = parse(text)

    scripts = [a for a in found.attributes if a[0] == "script"]
    assert found.tags.count("script") == 1
    assert ("script", "type", "application/json") in scripts


def test_every_chart_has_a_title(report, parse):
    _, text = report

    found = parse(text)

    svgs = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert all(re.search(r"<title>[^<]+</title>", svg) for svg in svgs)
    assert len(svgs) == found.tags.count("svg")


def test_every_chart_has_a_table_of_its_figures_under_it(report):
    _, text = report

    charts = re.findall(r"</svg>\s*(?:<p class=\"axis\">.*?</p>\s*)?(<\w+[^>]*>)", text)
    assert len(charts) == text.count("<svg")
    # a drawn lineage has its steps as a list
    assert set(charts) <= {'<details class="data">', '<ol class="chain">'}


def test_the_table_under_a_chart_has_the_whole_label_and_its_figures():
    from tunewise.report.charts import interval_chart
    from tunewise.report.environment import environment

    row = {"value": 0.71, "low": 0.64, "high": 0.77, "text": "0.71"}
    chart = interval_chart([{**row, "label": "a label longer than the chart has room"}])
    env = environment()
    source = '{% import "macros/charts.html" as c %}{{ c.intervals(chart, "T") }}'

    table = env.from_string(source).render(chart=chart).partition("<table>")[2]

    assert "a label longer than the chart has room" in table
    assert "0.7100" in table
    assert "0.6400 to 0.7700" in table


def test_a_report_allows_its_own_style_and_no_other(report):
    _, text = report
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)

    source = documents.style_source(style)

    assert f"style-src {source}" in text.replace("&#39;", "'")
    assert "default-src &#39;none&#39;" in text


def test_the_decision_report_says_what_matters(views, parse):
    text = parse(documents.decision_html(views.decision_view())).text

    assert text.index("Verdict") < text.index("Why: the reasons")
    for expected in (
        "DEMO — made by the demonstration",
        "Mara Venn (not verified)",
        "Tomas Lind (verified: account)",
        "0.84 (0.79–0.89, n = 200)",
        "Fine-tune beats prompt: macro F1 +0.26 (0.20–0.32), p < 0.001.",
        "RAG beats prompt: macro F1 +0.08 (0.02–0.14), p < 0.001.",
        "about 640 held-out examples would settle it",
        "If must cite sources = yes, the verdict becomes RAG",
        "waits for latency limit seconds",
        "between 20,000 and 60,000 requests a month",
        "0.21 EUR per 1000 requests (0.18–0.30)",
        "peak memory 3.4 GB",
        "In EUR, at 200,000 (150,000–250,000) requests a month.",
        "5,300 (2,650–10,600)",
        "Finetune against today: 5,300 EUR more once, 2,140 EUR saved a month: earned "
        "back after 2.5 months",
        "own-labour (50.00 to 120 per hour, 2026-11-23) moves three years from",
        "Prices older than 90 days: a100-80gb-rented",
        "assumed 1 retrainings a year",
        views.RULE_SET,
        views.HELDOUT,
        "durable-rules 2.0.28",
        "sha256:" + "e5" * 32,
    ):
        assert expected in re.sub(r"\s+", " ", text), expected


@pytest.mark.parametrize(
    ("basis", "margin", "words"),
    [
        ("measured", 0.1951, "runner-up: Hybrid, 0.20 behind"),
        ("measured", -0.077, "runner-up: Hybrid, 0.08 ahead, which may be chance"),
        ("rules", 4.0, "runner-up: Hybrid, 4 points behind"),
    ],
)
def test_how_far_the_runner_up_is_behind_has_its_scale(
    views, parse, basis, margin, words
):
    view = views.decision_view()
    view["verdict"] |= {"basis": basis, "margin": margin}

    text = parse(documents.decision_html(view)).text

    assert words in re.sub(r"\s+", " ", text)


def test_a_report_of_older_software_shows_the_tuning_costs_that_it_had(views, parse):
    money = {"value": 640, "low": 133, "high": 1920, "currency": "EUR", "per": "once"}
    found = {"once": {**money, "rests_on": ["8 h"]}, "assumed": ["1 retraining a year"]}
    view = views.experiment_view() | {
        "costs": None,
        "tuning_costs": {**found, "per_year": {**money, "rests_on": ["2 h"]}},
    }

    text = parse(documents.experiment_html(view)).text

    assert "Tuning costs 640.00 EUR per once (133.00–1,920.00)" in text
    assert "What each option costs" not in text


def test_the_markdown_of_a_decision_has_its_costs(views):
    text = documents.decision_markdown(views.decision_view())

    section = text.partition("### Costs")[2].partition("\n## ")[0]
    for expected in (
        "| Fine-tune | 5,300 (2,650–10,600) | – | 500 (250–500) | – |",
        "| A month, by requests | 1,000 | 10,000 |",
        "earned back after 2.5 months (1.2 to never) or 495,327 requests",
        "assumed: 1 retrainings a year",
    ):
        assert expected in section, expected


def test_a_choice_that_differs_from_the_verdict_says_so(views, parse):
    view = views.decision_view() | {
        "choice": "rag",
        "justification": "The regulator wants passages.",
    }

    text = parse(documents.decision_html(view)).text

    assert "Differs from the verdict." in text
    assert "The regulator wants passages." in text


def test_the_decision_report_says_what_is_open_tried_and_late(views, parse):
    text = parse(documents.decision_html(views.decision_view())).text
    text = re.sub(r"\s+", " ", text)

    for expected in (
        "Recorded later than it was decided: recorded 2026-11-22, decided 2026-11-20, "
        "source minutes of the board",
        "In force; to be superseded by support-triage-0002",
        "the target was set after the first score on the held-out split was known",
        "Repeat the drift check every month",
        "Lena Roth",
        "document:opinion.pdf, Mara Venn (not verified)",
        "dissents as security",
        "No red team has looked at it.",
        "signed an earlier state since then: condition closed",
        "saw sha256:" + "5f" * 32,
        "document: https://wiki.example/handbook not checked",
        "document: volume.xlsx kept here as sha256:" + "d5" * 32,
        "10,000 runs, 1 of them cited as evidence. 2 are listed",
        "tunewise run list --where 'experiment = support-triage-20261121' --sort at",
        "rag score 0.91, but run:run-0002 holds macro_f1 0.71 of the arm rag",
        "Kept all the same, because: Scored again by hand",
        "Equivalence margin: 0.02 (default: nobody stated one)",
        "no memory left",
        "on other examples of the split",
        "target score: 0.9 → 0.8",
        "Measured since: finetune score",
    ):
        assert expected in text, expected
    assert "equivalence margin was set after" not in text


def test_markdown_says_what_is_open_tried_and_late(views):
    text = documents.decision_markdown(views.decision_view())

    for expected in (
        'decided-at: "2026-11-20"',
        "> **Recorded later than it was decided**: recorded 2026-11-22",
        "> **Mind**: the target was set after the first score",
        "* Condition 1: Repeat the drift check every month, open, owner Lena Roth, due",
        "* Condition 2: Legal has read the data sheet, closed by Mara Venn",
        "| `run-0000` | fine-tune, seed 0 | failed | none | not cited |",
        "| `run-0003` | fine-tune, seed 0 | finished | macro F1 0.84 | cited |",
        "* Moved between drafts: target score: 0.9 → 0.8 (by Ines Okafor",
        "* Dissent of Otto Falk (not verified) as security",
        "No red team has looked at it.",
    ):
        assert expected in text, expected


def test_a_report_keeps_hostile_text_as_text(views, parse):
    view = hostile(views.decision_view(), views.HOSTILE)

    found = parse(documents.decision_html(view))

    assert found.tags.count("script") == 1
    assert json.loads(found.data["record-json"]) == view
    assert not {"img", "iframe"} & set(found.tags)
    assert not [n for _, n, _ in found.attributes if n.startswith("on")]


def test_json_is_the_view_itself(views):
    view = views.decision_view()

    assert json.loads(documents.record_json(view)) == view


def test_markdown_has_the_headings_of_madr_4(views):
    _, body = front_matter(documents.decision_markdown(views.decision_view()))

    headings = re.findall(r"^#+ .+$", body, re.MULTILINE)
    expected = [
        "## Context and Problem Statement",
        "## Decision Drivers",
        "## Considered Options",
        "## Decision Outcome",
        "### Consequences",
        "### Confirmation",
        "## Pros and Cons of the Options",
        "## More Information",
    ]
    assert [h for h in headings if h in expected] == expected


def test_the_front_matter_of_markdown_is_one_value_a_line(views):
    head, _ = front_matter(documents.decision_markdown(views.decision_view()))

    values = dict(line.split(": ", 1) for line in head.splitlines())

    assert json.loads(values["status"]) == "accepted"
    assert json.loads(values["decision-makers"]) == ["Tomas Lind (verified: account)"]


@pytest.mark.parametrize("kind", ["decision", "card"])
def test_markdown_keeps_hostile_text_as_text(kind, views):
    if kind == "decision":
        view = hostile(views.decision_view(), views.HOSTILE + "\n---\nx: y")
        text = documents.decision_markdown(view)
    else:
        text = documents.model_card(
            hostile(views.model_view(), views.HOSTILE + "\n---\nx: y")
        )
    head, body = front_matter(text)

    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)

    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert not re.search(r"^x: y", head, re.MULTILINE)


@pytest.mark.parametrize("kind", ["decision", "card"])
def test_user_text_adds_no_line_to_a_markdown_document(kind, views):
    bad = "fine\n\n# Injected\n\n* Injected"
    if kind == "decision":
        text = documents.decision_markdown(hostile(views.decision_view(), bad))
    else:
        text = documents.model_card(hostile(views.model_view(), bad))

    _, body = front_matter(text)

    assert "Injected" in body
    assert not re.search(r"^\W*Injected", body, re.MULTILINE)


def test_a_model_made_elsewhere_adds_no_line_to_its_card(views):
    bad = "fine\n\n# Injected\n\n* Injected"
    view = views.model_view() | {"tool": bad}
    view["alternatives"] = [{"arm": "rag", "score": 0.6, "because": bad}]

    _, body = front_matter(documents.model_card(view))

    assert body.count("Injected") >= 2
    assert not re.search(r"^\W*Injected", body, re.MULTILINE)


def test_a_bare_decision_becomes_markdown(views):
    text = documents.decision_markdown(views.proposed_view())

    assert 'The verdict recommends "Not yet"' in text


def test_a_model_card_names_its_base_and_its_scores(views):
    text = documents.model_card(views.model_view())

    assert 'base_model: "smollm2-135m-instruct"' in text
    assert "base_model_relation: adapter" in text
    assert '{"type": "macro_f1", "value": 0.84, "name": "macro F1"}' in text
    assert "0.84 (0.79–0.89, n = 200)" in text
    assert "licence of the training data" in text


def test_a_model_card_says_what_it_is_for_and_what_is_not_recorded(views):
    _, body = front_matter(documents.model_card(views.model_view()))

    for said in (
        "* For: Route support mail",
        "* Not for: not recorded",
        "* Known limits: English only",
        "Chosen: Fine-tune, by Tomas Lind (verified: account)",
        "Fine-tune beats prompt: macro F1 +0.26",
        "Runs as `triage-llm` in production (Help desk), from 2026-11-22",
        "* Data: licence of the training data",
    ):
        assert said in body


def test_a_lineage_and_a_card_name_what_is_in_force_today(views, parse):
    view = views.model_view()

    page = parse(documents.lineage_html(views.lineage_view())).text
    card = documents.model_card(view, lineage=view["lineage"])

    text = re.sub(r"\s+", " ", page)
    assert "support-triage@2 runs as triage-llm in production (Help desk)" in text
    assert "pilot stands for no version" in text
    assert "which chose RAG: support-triage@3" in text
    assert (
        "In force as this is written: `support-triage-0003` (accepted), which chose RAG"
        in card
    )


def test_a_model_card_lists_what_was_found_in_the_data(views):
    chain = views.lineage_view()
    chain["dataset"]["findings"] = [
        {"severity": "warn", "code": "leakage", "lines": [1, 2]},
    ]

    card = documents.model_card(views.model_view(), lineage=chain)

    assert "* Finding (warn) `leakage`: a prompt stands in two splits (2 lines)" in card


def test_a_model_card_marks_a_decision_that_was_recorded_later(views):
    view = views.model_view()
    view["lineage"]["decision"]["retrospective"] = {
        "decided_at": "2025-03-01",
        "recorded_at": "2026-11-22T09:40:00+00:00",
        "source": "minutes of the board",
    }

    _, body = front_matter(documents.model_card(view, lineage=view["lineage"]))

    assert "(verified: account), put on record on 2026-11-22" in body
    assert (
        "* **Recorded later than it was decided**: recorded 2026-11-22, "
        "decided 2025-03-01, source minutes of the board" in body
    )


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({}, {"base_model_relation": "adapter", "library_name": "peft"}),
        (
            {"files": {"model.safetensors": "sha256:" + "f1" * 32}},
            {"base_model_relation": "finetune", "library_name": "transformers"},
        ),
        ({"option": "rag"}, {}),
    ],
    ids=["adapter", "whole", "none"],
)
def test_a_model_card_says_how_its_weights_relate_to_the_base(views, more, lines):
    head, _ = front_matter(documents.model_card(views.model_view() | more))

    values = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)

    assert {k: v for k, v in values.items() if k in RELATION} == lines


def test_the_card_of_a_merged_folder_is_one_of_a_whole_model(views):
    card = documents.model_card(views.model_view(), merged=True)

    head, body = front_matter(card)
    assert "base_model_relation: finetune\nlibrary_name: transformers\n" in head
    assert "base and adapter as one model: `merged.json` names its files" in body


def test_an_experiment_shows_what_was_warned_of_and_what_was_left_out(views):
    view = views.experiment_view() | {"warnings": ["learning_rate 1e-05: too <low>"]}
    view["arms"]["finetune"]["train"] |= {"dropped": 3, "truncated": 2}

    page = documents.experiment_html(view)

    assert "<li>learning_rate 1e-05: too &lt;low&gt;</li>" in page
    assert "800 examples (3 dropped as too long) (2 truncated), 300 steps" in page


def test_an_experiment_shows_what_was_fixed_before_it_ran(views):
    page = documents.experiment_html(views.experiment_view() | {"target_score": 0.8})

    assert "<dt>Target</dt><dd>0.80</dd>" in page
    assert (
        '<dt>Equivalence margin</dt><dd>0.02 <span class="muted">(default)</span>'
        in page
    )


def test_arms_stand_beside_lookups_on_the_page_and_in_markdown(views):
    beaten = "earest example beats prompt: macro F1 +0.13"

    assert beaten in documents.experiment_html(views.experiment_view())
    assert f"Beside a lookup: n{beaten}" in documents.decision_markdown(
        views.decision_view()
    )


def test_fewer_examples_are_a_chart_a_table_and_a_sentence(views):
    page = documents.experiment_html(views.experiment_view())
    text = documents.decision_markdown(views.decision_view())

    assert "<h3>Would more examples help?</h3>" in page
    assert "No sign that more examples would help, and none that they would" in page
    assert ">half: 400</text>" in page
    assert '<th scope="row">A quarter</th><td class="num">200</td>' in page
    assert "<h3>Quality over quantity?</h3>" in page
    assert "Flagged for exact duplicates (5), refusals (9)." in page
    assert "* Would more examples help? No sign that more examples would help" in text
    assert "| Half | 400 | 0.79 (0.74–0.84, n = 200) |" in text
    assert "| Without 14 | 200 | 0.85 (0.80–0.90, n = 200) |" in text


def test_slices_are_shown_and_no_conclusion_is_drawn_from_them(views):
    page = documents.experiment_html(views.experiment_view())
    text = documents.decision_markdown(views.decision_view())

    assert "no conclusion is drawn from them" in page
    assert '<th scope="row">short, up to 80 characters</th>' in page
    assert "| short, up to 80 characters | 0.70 (0.60–0.80, n = 67) | 0.88" in text


def test_an_older_experiment_without_slices_and_lookups_is_shown(views):
    view = views.experiment_view()
    newer = ("slices", "beside_lookups", "margin", "margin_stated", "curve")
    for key in (*newer, "unflagged"):
        del view[key]
    for arm in view["arms"].values():
        arm.pop("slices", None)

    page = documents.experiment_html(view)

    assert "by slice" not in page
    assert "Equivalence margin" not in page
    assert "more examples" not in page


def test_few_heldout_examples_are_called_so_where_a_decision_rests_on_them(views):
    view = views.decision_view()
    few = "held-out has 5 examples, an anecdote and no measurement"
    view["experiment_views"] = [view["experiment_views"][0] | {"warnings": [few]}]

    assert f"<li>{few}</li>" in documents.decision_html(view)
    assert f"* Mind: {few}" in documents.decision_markdown(view)


def test_a_licence_that_is_a_sentence_is_named_as_another_one(views):
    view = views.model_view()
    view["base_model"] = view["base_model"] | {"licence": "Llama 3.3 Community"}

    head, _ = front_matter(documents.model_card(view))

    assert 'license: other\nlicense_name: "Llama 3.3 Community"' in head


def test_a_bare_model_becomes_a_card(views):
    _, body = front_matter(documents.model_card({"name": "a", "number": 1}))

    assert "Not measured." in body
    assert "No decision is recorded" in body


def test_what_answers_show_stands_on_the_page_and_in_the_markdown(views):
    page = documents.experiment_html(views.experiment_view())
    text = documents.decision_markdown(views.decision_view())

    assert '<th scope="row">refund &lt;late&gt;</th><td class="num">120</td>' in page
    assert "never answered" in page
    assert "other as no label (6)" in page
    for k in (1, 2, 5, 10):
        assert f'<th scope="col">Recall@{k}</th>' in page
    assert "Where nothing answers (should be high)" in page
    assert "1.10 times" in page
    assert "20 held-out examples drawn by a fixed seed" in page
    assert '<td class="num">1.3 GB</td>' in page
    assert "120 ms / 410 ms / 880 ms" in text
    assert "* RAG: recall@2 0.54" in text


OFF_TASK = (
    "loss 2.31 → 2.90 nats a token (+0.59, 0.41–0.78, n = 48), token F1 0.41 → 0.36 "
    "(−0.05, −0.12 to 0.02, n = 48): it got worse at other things"
)


def test_what_tuning_cost_elsewhere_stands_on_the_page_and_in_the_markdown(
    views, parse
):
    page = parse(documents.experiment_html(views.experiment_view())).text
    decided = parse(documents.decision_html(views.decision_view())).text
    text = documents.decision_markdown(views.decision_view())

    for shown in (page, decided):
        assert "Off the task" in shown
        assert "2.31 → 2.90 (+0.59, 0.41–0.78, n = 48)" in shown
        assert "0.41 → 0.36 (−0.05, −0.12 to 0.02, n = 48)" in shown
        assert "it got worse at other things serve it for this task only" in shown
        assert "not checked: the specification switches it off" in shown
    assert f"* Fine-tune: off the task: {OFF_TASK}" in text
    off = "off the task: not checked (the specification switches it off)"
    assert f"* Hybrid: {off}" in text


def test_a_model_card_says_what_tuning_cost_elsewhere(views):
    _, body = front_matter(documents.model_card(views.model_view()))
    kept = {**views.model_view(), "off_task": None}
    _, older = front_matter(documents.model_card(kept))
    _, asked = front_matter(documents.model_card({**kept, "option": "prompt"}))

    assert f"Off the task: {OFF_TASK}." in body
    assert "**Serve it for this task only**: it got worse at other things" in body
    assert "Off the task: not measured." in older
    assert "Serve it for this task only" not in older
    assert "Off the task" not in asked


def test_an_experiment_of_older_software_shows_what_it_has(views):
    view = views.experiment_view()
    later = ("labels", "retrieval", "grounding", "abstention", "described", "off_task")
    for arm in (*view["arms"].values(), *view["diagnostics"].values()):
        for key in (*later, "answering_memory_bytes", "answer_tokens_mean"):
            arm.pop(key, None)
        arm["latency_seconds"] = {"p50": 0.41, "p95": 0.88}

    page = documents.experiment_html(view)

    assert '<td class="num">410 ms</td>' in page
    assert "Label by label" not in page
    assert "Retrieval, apart from the answers" not in page
    assert "drawn by a fixed seed" not in page
    assert "Off the task" not in page


def test_an_experiments_report_says_what_was_sent_where(views, parse):
    text = parse(documents.experiment_html(views.experiment_view())).text

    assert "Sent to endpoints" in text
    assert "https://llm.example/v1" in text
    assert "not classified, so it counts as internal" in text
    assert "0.0132 USD" in text


def test_a_judge_is_reported_beside_the_metric_with_what_its_orders_agree_on(
    views, parse
):
    text = parse(documents.experiment_html(views.experiment_view())).text

    assert "196 of 200 examples" in text
    assert "decide nothing" in text
    assert "On 4 its reply was no verdict" in text
    assert "reverse order: 0.91 (0.87–0.94, n = 196)" in text


def test_a_judge_that_failed_says_why(views, parse):
    view = views.experiment_view()
    view["judge"] = {"run": "r-9", "status": "failed", "error": "it is down"}

    assert "The judge came to no end: it is down" in (
        parse(documents.experiment_html(view)).text
    )


def test_a_comparison_of_two_models_says_so_from_the_winners_side(views, parse):
    view = views.experiment_view()
    lost = view["comparisons"][1]  # prompt loses to rag
    lost["models"] = {"a": "small", "b": "large"}

    text = parse(documents.experiment_html(view)).text

    assert "RAG beats prompt" in text
    assert "the models differ too (large, small)" in text


def test_a_decision_in_markdown_says_what_was_sent_and_judged(views):
    text = documents.decision_markdown(views.decision_view())

    assert "* Judged by `judge-model` beside the metric" in text
    assert "* Sent to an endpoint: prompt, `https://llm.example/v1`" in text
