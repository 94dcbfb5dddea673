"""How confidential the data are stands on top of a report and on each printed page."""

import re
import shutil
import subprocess

import pytest

from tunewise.report import documents
from tunewise.report.classification import classification_of, page_style

REPORTS = {
    "decision": (documents.decision_html, "decision_view"),
    "experiment": (documents.experiment_html, "experiment_view"),
    "lineage": (documents.lineage_html, "lineage_view"),
}
BARE = {"title": "Desk", "facts": {}, "verdict": {}}


def dataset(level):
    return {"provenance": {"classification": level}}


@pytest.mark.parametrize(
    "view",
    [
        {"classification": "confidential"},
        {"dataset_view": dataset("confidential")},
        {"dataset": dataset("confidential")},
        {"lineage": {"dataset": dataset("confidential")}},
        {"experiment_views": [{"classification": "confidential"}]},
        {
            "dataset_view": dataset("public"),
            "experiment_views": [
                {"classification": "confidential"},
                {"classification": "internal"},
                {"classification": ""},
            ],
        },
    ],
)
def test_the_most_confidential_of_what_was_said_counts(view):
    found = classification_of(view)

    assert (found["level"], found["title"]) == ("confidential", "confidential")


@pytest.mark.parametrize("said", ["", None, "hush", 7, ["public"]])
def test_what_nobody_said_counts_as_internal(said):
    found = classification_of({"classification": said})

    assert found["level"] == ""
    assert found["title"] == "not classified"
    assert "they count as internal" in found["text"]


def test_what_the_facts_say_of_the_data_stands_beside():
    facts = {
        "personal_data_in_training": {"value": True},
        "on_prem_required": {"value": False},
    }

    text = classification_of({"facts": facts})["text"]

    assert text.endswith("; the facts say that the examples hold personal data")


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("level", ["public", "internal", "confidential", "secret"])
def test_each_report_has_a_banner_before_its_content(views, parse, kind, level):
    render, name = REPORTS[kind]
    view = getattr(views, name)() | {"classification": level}

    page = render(view)

    before, _, _ = page.partition("<main")
    assert f"<strong>{level.capitalize()}</strong>" in before
    assert f'@top-center {{ content: "{level.capitalize()}"; }}' in page


def test_printed_pages_are_numbered_and_bear_the_id(views):
    page = documents.decision_html(views.decision_view())

    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert 'content: "Page " counter(page) " of " counter(pages)' in style
    assert f'@bottom-left {{ content: "{views.decision_view()["id"]}"; }}' in style


@pytest.mark.parametrize(
    "name", ['"; } * { display: none', "</style><script>", "", "a\nb", "x" * 200]
)
def test_nothing_of_a_record_gets_into_a_style(name):
    style = page_style({"classification": name}, name)

    assert style == '@page { @top-center { content: "Not classified"; } }\n'


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: nothing printed")
def test_a_report_prints_on_pages_of_its_own(views, tmp_path):
    view = views.decision_view() | {"classification": "secret"}
    report = tmp_path / "report.html"
    report.write_text(documents.decision_html(view), encoding="utf-8")

    subprocess.run(
        [
            *(
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
            ),
            *("--no-first-run", "--disable-background-networking", "--disable-sync"),
            *("--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}"),
            *(f"--print-to-pdf={tmp_path / 'report.pdf'}", report.as_uri()),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )

    printed = (tmp_path / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 3
