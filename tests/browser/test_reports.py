"""A report as an auditor has it: a file on a disk, no network, no scripts."""

import pytest

from tests.browser.addresses import filled_in
from tests.browser.axe import findings
from tests.browser.test_pages import NARROW, SIDEWAYS

pytestmark = pytest.mark.browser

# address -> a text that its report holds
REPORTS = {
    "/decisions/{conditional}/report.html": "support desk",
    "/experiments/{experiment}/report.html": "triage@2",
    "/lineage/{name}/1/report.html": "triage@2",
}


@pytest.fixture
def offline(browser):
    """A tab with scripts off, and a list of what it asked for."""
    context = browser.new_context(java_script_enabled=False, offline=True)
    tab = context.new_page()
    asked, said = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    yield tab, asked, said
    context.close()


@pytest.mark.parametrize(("pattern", "text"), REPORTS.items())
def test_a_report_is_read_from_disk_with_scripts_off(
    pattern, text, service, offline, tmp_path
):
    tab, asked, said = offline
    answered = service.app.test_client().get(filled_in(pattern, service))
    file = tmp_path / "report.html"
    file.write_bytes(answered.data)

    tab.goto(file.as_uri())

    assert answered.status_code == 200
    assert asked == [file.as_uri()]
    assert said == []
    assert tab.locator("h1").first.is_visible()
    assert text in tab.inner_text("body")
    assert tab.locator("h2").count() > 1
    assert len(tab.pdf()) > 20_000


@pytest.mark.parametrize("pattern", REPORTS)
def test_a_report_is_open_to_all_and_as_wide_as_its_window(
    pattern, service, browser, tmp_path
):
    # A report allows no script: axe is put in by the browser, which it cannot forbid.
    context = browser.new_context(color_scheme="dark", reduced_motion="reduce")
    tab = context.new_page()
    file = tmp_path / "report.html"
    answered = service.app.test_client().get(filled_in(pattern, service))
    file.write_bytes(answered.data)

    tab.goto(file.as_uri())
    tab.set_viewport_size(NARROW)

    assert findings(tab) == []
    assert tab.evaluate(SIDEWAYS) == []
    tab.emulate_media(color_scheme="light")
    assert findings(tab, rules=("color-contrast",)) == []
    context.close()


def test_every_report_of_the_service_is_read_here(service):
    known = service.app.url_map.bind("127.0.0.1")
    rules = service.app.url_map.iter_rules()
    found = {
        r.endpoint
        for r in rules
        if r.rule.endswith("report.html") and not r.rule.startswith("/api/")
    }

    read = {known.match(filled_in(pattern, service))[0] for pattern in REPORTS}

    assert read == found, "name the new report in REPORTS"


# A4 at 96 pixels an inch, less the margins of the page: 180 by 262 mm.
PAPER = {"width": 680, "height": 990}


@pytest.mark.parametrize("path", ["/decisions/{decision}/report.html", "/sample"])
def test_what_did_not_match_takes_a_page_and_a_half_of_paper_at_most(
    path, service, offline, tmp_path
):
    tab, _, _ = offline
    file = tmp_path / "report.html"
    file.write_bytes(service.app.test_client().get(filled_in(path, service)).data)

    tab.goto(file.as_uri())
    tab.set_viewport_size(PAPER)
    tab.emulate_media(media="print")
    table = tab.locator("table.tight")

    assert table.locator("th[scope=row]").count() > 40
    assert 0.5 * PAPER["height"] < table.bounding_box()["height"]
    assert table.bounding_box()["height"] <= 1.5 * PAPER["height"]
