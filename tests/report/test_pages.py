"""Every page renders, from full views, from bare ones, and from hostile ones."""

from pathlib import Path

import pytest

from tunewise import resources
from tunewise.report.environment import environment
from tunewise.report.pages import page, page_names

# the two scripts: copy buttons on every page, htmx on pages that say so
OURS = ("/static/tunewise.js", "/static/vendor/htmx-4.0.1.min.js")
EMPTY = {
    "home": {"empty": True},
    "decision": {"id": "d", "status": "proposed", "title": "t"},
    "dataset_version": {"dataset": "a@1"},
    "diff": {},
    "model_version": {"name": "a", "number": 1},
    "experiment": {"experiment": "e"},
    "run": {"run": "r"},
    "lineage": {},
    "predictions": {},
    "history": {},
    "rule": {"id": "c"},
    "intake": {},
    "preliminary": {},
    "act": {},
    "resting": {},
    "facts": {},
    "coverage": {},
    "try": {"decision": {"id": "d", "status": "proposed", "title": "t"}},
    "answers": {},
    "form": {},
    "job": {},
    "error": {"code": 404, "heading": "h", "message": "m"},
}
# Pages of many records of data, each as large as somebody made it.
CLIPPED = {"answers", "diff"}
# Dicts whose keys are names that people or files chose.
NAMED = {
    "facts", "arms", "diagnostics", "metrics", "totals", "ruled_out", "training",
    "splits", "statistics", "setup", "files", "config", "result", "change",
    "fact_definitions",
}  # fmt: skip


def poisoned(data, bad, parent=""):
    """Return the data with every text, and every chosen name, replaced."""
    if isinstance(data, str):
        return bad
    if isinstance(data, list):
        return [poisoned(entry, bad) for entry in data]
    if isinstance(data, dict):
        rename = parent in NAMED
        return {
            f"{bad}{i}" if rename else key: poisoned(value, bad, key)
            for i, (key, value) in enumerate(data.items())
        }
    return data


@pytest.mark.parametrize("name", page_names())
def test_every_page_renders_as_well_formed_html(name, views, parse):
    data, context = views.PAGES[name]

    found = parse(page(environment(), name, data, **context))

    assert found.tags.count("h1") == 1
    assert found.tags.count("main") == 1


@pytest.mark.parametrize("name", page_names())
def test_every_page_renders_from_next_to_nothing(name, views, parse):
    _, context = views.PAGES[name]

    found = parse(page(environment(), name, EMPTY.get(name, []), **context))

    assert "main" in found.tags


@pytest.mark.parametrize("name", page_names())
def test_hostile_text_stays_text_on_every_page(name, views, parse):
    data, context = views.PAGES[name]
    context = poisoned(context, views.HOSTILE)

    found = parse(page(environment(), name, poisoned(data, views.HOSTILE), **context))

    assert not {"img", "iframe", "style"} & set(found.tags)
    written = [src for src in found.values("src") if src in OURS]
    assert found.tags.count("script") == len(written)
    assert not [n for _, n, _ in found.attributes if n.startswith("on")]
    assert not [n for _, n, _ in found.attributes if n == "style"]
    links = found.values("href", "src", "action")
    # the twin's own address is made by the web from the request, not from data
    assert all(u.startswith(("/", "#", "?")) for u in links if u != views.HOSTILE)
    assert "{{ 7*7 }}" in found.text


@pytest.mark.parametrize("name", page_names())
def test_ten_thousand_characters_without_a_space_are_shown(name, views, parse):
    data, context = views.PAGES[name]

    found = parse(page(environment(), name, poisoned(data, views.LONG), **context))

    if name in CLIPPED:
        assert "W" * 3_000 in found.text
        assert "characters more, in the JSON of this page" in found.text
    else:
        assert "W" * 10_000 in found.text


def test_every_page_template_belongs_to_a_page():
    folder = resources.templates_dir() / "pages"

    assert {p.stem for p in folder.glob("*.html")} == set(page_names())


def test_an_empty_home_has_three_doors(parse):
    found = parse(page(environment(), "home", {"empty": True}))

    for door in (
        "I have a task",
        "I have answers or scores",
        "Explain a model we already have",
    ):
        assert door in found.text


def test_a_house_template_lies_over_the_shipped_one(tmp_path: Path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "search.html").write_text("house {{ query }}")

    text = page(environment([tmp_path]), "search", [], query="<b>")

    assert text == "house &lt;b&gt;"


def test_a_house_template_cannot_reach_into_python(tmp_path: Path):
    (tmp_path / "pages").mkdir()
    escape = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    (tmp_path / "pages" / "search.html").write_text(escape)
    env = environment([tmp_path])

    with pytest.raises(Exception, match="unsafe"):
        page(env, "search", [], query="")


def test_history_shows_the_reason_and_what_an_entry_says_once(views):
    data, context = views.PAGES["history"]

    shown = page(environment(), "history", data, **context)

    assert shown.count("because It won") == len(data["events"])
    assert shown.count("decision: accepted") == 1


def test_imported_arms_are_marked_wherever_arms_are_shown(views, parse):
    experiment, _ = views.PAGES["experiment"]
    decision, _ = views.PAGES["decision"]

    for name, data in (("experiment", experiment), ("decision", decision)):
        found = parse(page(environment(), name, data))
        text = " ".join(found.text.split())

        assert "RAG imported" in text
        assert "answers.csv (csv)" in text
        assert "2 of 200 examples have no answer and count as wrong" in text
        assert "For 1 the tool reports an error" in text
        assert "what the file states, not measured here" in text
        assert "takes the place of run-0009" in text


def test_a_prediction_stands_beside_what_was_measured(views, parse):
    data, _ = views.PAGES["experiment"]

    text = " ".join(parse(page(environment(), "experiment", data)).text.split())

    assert (
        "The rules alone said RAG; hybrid measured best, by 0.19 (0.10–0.27)." in text
    )
    assert "Before measuring, with what the facts statePromptIt was not tried." in text
    assert "Verdict nowFine-tune" in text


def test_an_older_experiment_shows_its_verdicts_without_a_prediction(views, parse):
    data, _ = views.PAGES["experiment"]
    older = {key: value for key, value in data.items() if key != "prediction"}

    text = " ".join(parse(page(environment(), "experiment", older)).text.split())

    assert "Before measuring" in text
    assert "rules alone" not in text.lower()


def test_answers_are_marked_by_the_metric(views, parse):
    data, more = views.PAGES["answers"]

    text = " ".join(parse(page(environment(), "answers", data, **more)).text.split())

    assert "Marked by token F1, answer by answer" in text
    for said in ("✗ wrong #lost", "≈ 0.67 #eaten", "✓ right #card_swallowed"):
        assert said in text


def test_a_forecast_of_a_busy_machine_says_so(views):
    data, _ = views.PAGES["experiment"]
    busy = [{**row, "busy": True} for row in data["forecasts"]]
    said = "The machine was busy when this was predicted"

    assert said not in page(environment(), "experiment", data)
    assert said in page(environment(), "experiment", {**data, "forecasts": busy})


def test_reviews_stand_beside_the_promise(views, parse):
    data, _ = views.PAGES["decision"]

    text = " ".join(parse(page(environment(), "decision", data)).text.split())

    assert "score, macro F10.84 (0.79–0.89) 0.71 worse" in text
    assert "cost120–480 EUR a month" in text
    assert "Half a year of logs" in text
