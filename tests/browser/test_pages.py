"""Every page in a real browser: quiet, at home, for all, at any width, printed."""

import pytest

from tests.browser.addresses import addresses, filled_in, page_rules
from tests.browser.axe import findings

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
# A page that scrolls sideways as a whole; a table in a region of its own may.
SIDEWAYS = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const out = [...document.querySelectorAll("body *")].filter(e =>
    !e.closest(".scroll, .skip, .hidden") &&
    e.getBoundingClientRect().right > root.clientWidth + 1);
  return [`page is ${root.scrollWidth} wide`,
          ...out.slice(-3).map(e => e.outerHTML.slice(0, 200))];
}"""
_LISTEN = """addEventListener("securitypolicyviolation", e => console.error(
  "policy: " + e.violatedDirective + " " + e.blockedURI + " " + e.sample))"""
_PARTLY = ("color-contrast", "scrollable-region-focusable", "target-size")


def test_no_page_is_forgotten(service):
    known = service.app.url_map.bind("127.0.0.1")
    client, seen = service.app.test_client(), set()
    for pattern in addresses():
        path = filled_in(pattern, service)
        if client.get(path).status_code == 200:  # others are error pages, on purpose
            seen.add(known.match(path.partition("?")[0])[0])

    missing = [r.rule for r in page_rules(service.app) if r.endpoint not in seen]

    assert missing == [], "add an address of each to MORE in tests/browser/addresses.py"


def test_what_goes_wrong_in_a_page_is_seen(page, watch):
    # The checks below rest on this: a policy violation, a stranger, a poor contrast.
    page.add_init_script(_LISTEN)
    page.goto("/rules")

    page.evaluate("""() => {
      document.body.insertAdjacentHTML("beforeend",
        '<img src="http://elsewhere.invalid/x.png"><p style="color: red">styled</p>');
      document.querySelector("h1").animate([{color: "#ccc"}],
        {duration: 1, fill: "forwards"});
      document.querySelector("main").animate([{minWidth: "3000px"}],
        {duration: 1, fill: "forwards"});
    }""")
    page.wait_for_timeout(100)

    complaints = "\n".join(watch.complaints)
    assert "policy: img-src http://elsewhere.invalid" in complaints
    assert "policy: style-src" in complaints
    assert any("color-contrast" in one for one in findings(page))
    assert any("image-alt" in one for one in findings(page))
    assert page.evaluate(SIDEWAYS) != []
    assert watch.strangers == ["http://elsewhere.invalid/x.png"]
    watch.complaints.clear()
    watch.strangers.clear()


@pytest.mark.parametrize("pattern", addresses())
def test_a_page_keeps_its_manners(pattern, service, page):
    page.add_init_script(_LISTEN)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light", media="screen")

    page.goto(filled_in(pattern, service))

    assert findings(page) == []
    page.emulate_media(color_scheme="dark", media="screen")
    assert findings(page, rules=_PARTLY) == []
    assert page.evaluate(SIDEWAYS) == []
    page.set_viewport_size(NARROW)
    assert findings(page) == []
    assert page.evaluate(SIDEWAYS) == []
    assert page.locator("header.site").bounding_box()["height"] < 150
    page.emulate_media(color_scheme="light", media="print")
    assert page.inner_text("main").strip()
    assert len(page.pdf()) > 5_000  # an empty sheet has 1 kB
