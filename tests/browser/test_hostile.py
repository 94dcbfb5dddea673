"""Hostile text in every field that a form takes: the pages that show it stay whole."""

import pytest

from tests.browser.conftest import serving
from tests.browser.test_pages import SIDEWAYS
from tests.web.test_acts import send
from tunewise.domain.decision import Actor
from tunewise.domain.description import FIELDS
from tunewise.web.app import create_app
from tunewise.workflow.home import Home

pytestmark = pytest.mark.browser

OURS = {"Sec-Fetch-Site": "same-origin"}
LINE = (  # what fits into a title of 200 characters
    "<script>hacked=1</script><img src=x onerror=hacked=2>\u202egnitteser\u2066"
    "[link](javascript:hacked=3)<svg onload=hacked=4>{{7*7}}" + "W" * 60
)
TEXT = (
    f"{LINE}\n</main></table></form><style>*{{display:none}}</style>\n" + "W" * 15_000
)
SHOWN = (
    "/", "/decisions", "/decisions/{id}", "/decisions/{id}/sign",
    "/decisions/{id}/review", "/decisions/{id}/describe",
    "/decisions/{id}/conditions/1/assign", "/portfolio", "/history", "/search?q=hacked",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Serve a home in which every form was filled with hostile text."""
    home = Home(tmp_path_factory.mktemp("hostile") / "home", Actor(LINE))
    app = create_app(home)
    client = app.test_client()
    made = client.post(
        "/decisions",
        data={"task_type": "classification", "task_type.by": LINE, "title": LINE,
              "by": LINE},
        headers=OURS,
    )  # fmt: skip
    id = made.headers["Location"].rpartition("/")[2]
    described = {f.name: LINE if f.kind == "line" else TEXT for f in FIELDS.values()}
    acts = {
        "describe": {**described, "informed": LINE},
        "accept": {"choice": "hybrid", "because": TEXT, "conditions": TEXT[:1000]},
        "sign": {"role": LINE, "comment": TEXT, "agrees": "yes", "because": TEXT},
        "conditions/1/assign": {"owner": LINE},
        "conditions/1/close": {"evidence": f"person:{LINE}", "because": TEXT},
        "review": {"because": TEXT, "score": "0.5"},
        "risks/catastrophic-forgetting/control": {"control": TEXT, "owner": LINE},
    }
    for act, fields in acts.items():
        answered = send(client, f"/decisions/{id}/{act}", by=LINE, **fields)
        assert answered.status_code == 303, act
    with serving(app) as url:
        yield url, id


@pytest.mark.parametrize("pattern", SHOWN)
def test_a_page_of_hostile_text_stays_whole(pattern, hostile, browser, watch):
    url, id = hostile
    watch.origin = url
    context = browser.new_context(
        base_url=url, viewport={"width": 320, "height": 640}, reduced_motion="reduce"
    )
    page = context.new_page()
    watch.over(page)

    page.goto(pattern.replace("{id}", id))

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
    url, id = hostile
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto(f"/decisions/{id}/sign")
    page.locator("textarea").first.fill("W" * 30_000)

    page.locator("form.act button[type=submit]").click()

    assert page.get_by_text("30,000 characters, and 20,000 are kept").first.is_visible()
    assert len(page.locator("textarea").first.input_value()) == 30_000
    page.locator("textarea").first.fill("W" * 1_100_000)
    page.locator("form.act button[type=submit]").click()
    assert page.get_by_text("This is too much at once").is_visible()
    context.close()
