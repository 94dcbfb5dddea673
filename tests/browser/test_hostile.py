"""Hostile text in every field that a form takes: the pages that show it stay whole."""

import pytest

from tests.browser.conftest import serving
from tests.browser.test_pages import SIDEWAYS
from tests.hostile import fill
from tunewise.web.app import create_app

pytestmark = pytest.mark.browser

SHOWN = (
    "/", "/decisions", "/decisions/{id}", "/decisions/{id}/sign",
    "/decisions/{id}/review", "/decisions/{id}/describe", "/decisions/{id}/try",
    "/decisions/{id}/conditions/1/assign", "/decisions/{id}/risks/ours/control",
    "/portfolio", "/history", "/search?q=hacked", "/experiments",
    "/experiments/{experiment}", "/experiments/{experiment}/answers",
    "/experiments/e-triage/answers", "/datasets/desk/2", "/datasets/desk/1/diff/2",
    "/models", "/models/old/1", "/models/old/2", "/lineage/old/2", "/jobs",
    "/rules/ours", "/rules", "/rules/facts",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Serve a home in which hostile text stands wherever it is taken."""
    filled = fill(tmp_path_factory.mktemp("hostile") / "home")
    with serving(create_app(filled.home)) as url:
        yield url, filled


@pytest.mark.parametrize("pattern", SHOWN)
def test_a_page_of_hostile_text_stays_whole(pattern, hostile, browser, watch):
    url, filled = hostile
    watch.origin = url
    context = browser.new_context(
        base_url=url, viewport={"width": 320, "height": 640}, reduced_motion="reduce"
    )
    page = context.new_page()
    watch.over(page)

    page.goto(pattern.format(id=filled.decision, experiment=filled.experiment))

    assert "hacked=1" in page.inner_text("main")
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.evaluate(_PLANTED) == []
    assert page.evaluate(SIDEWAYS) == []
    assert page.evaluate(_TURNED) == []
    assert page.locator("body > footer").is_visible()
    assert page.locator("header.site nav a").first.is_visible()
    assert watch.complaints == []
    assert watch.strangers == []
    context.close()


# Elements that the text would have made, had it been taken for markup.
_PLANTED = """() => [
  ...document.querySelectorAll(
    "main script, main img, main style, [onerror], [onload], a[href^='javascript']")
].map(e => e.outerHTML.slice(0, 100))"""
# What stands after hostile text still reads from left to right: the times of a record.
_TURNED = """() => [...document.querySelectorAll("time")].filter(e => {
  const at = (i) => {
    const range = document.createRange();
    range.setStart(e.firstChild, i); range.setEnd(e.firstChild, i + 1);
    return range.getBoundingClientRect();
  };
  const [first, second] = [at(0), at(1)];
  return first.top === second.top && first.left > second.left;
}).map(e => e.parentElement.outerHTML.slice(-200))"""


def test_a_text_that_is_too_long_is_refused_in_words(hostile, browser):
    url, filled = hostile
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto(f"/decisions/{filled.decision}/sign")
    page.locator("textarea").first.fill("W" * 30_000)

    page.locator("form.act button[type=submit]").click()

    assert page.get_by_text("30,000 characters, and 20,000 are kept").first.is_visible()
    assert len(page.locator("textarea").first.input_value()) == 30_000
    page.locator("textarea").first.fill("W" * 1_100_000)
    page.locator("form.act button[type=submit]").click()
    assert page.get_by_text("This is too much at once").is_visible()
    context.close()
