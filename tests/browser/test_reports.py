"""A report as an auditor has it: a file on a disk, no network, no scripts."""

import pytest

pytestmark = pytest.mark.browser

REPORTS = {
    "decision": "/decisions/{decision}/report.html",
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


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_is_read_from_disk_with_scripts_off(kind, service, offline, tmp_path):
    tab, asked, said = offline
    path = REPORTS[kind].replace("{decision}", service.conditional)
    answered = service.app.test_client().get(path)
    file = tmp_path / f"{kind}.html"
    file.write_bytes(answered.data)

    tab.goto(file.as_uri())

    assert answered.status_code == 200
    assert asked == [file.as_uri()]
    assert said == []
    assert tab.locator("h1").first.is_visible()
    assert "support desk" in tab.inner_text("body")
    assert tab.locator("h2").count() > 3
    assert len(tab.pdf()) > 20_000


def test_every_report_of_the_service_is_read_here(service):
    found = {
        r.rule for r in service.app.url_map.iter_rules() if "report.html" in r.rule
    }

    assert len(found) == len(REPORTS), "name the new report in REPORTS"
