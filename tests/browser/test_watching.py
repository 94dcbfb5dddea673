"""An experiment started in the browser and watched to its end; an endpoint answers."""

import re
from dataclasses import replace

import pytest

from tests.browser.axe import findings
from tests.browser.test_pages import NARROW, SIDEWAYS
from tests.served import echo, serving

pytest.importorskip("tunewise.workflow.jobs", reason="no jobs of the service yet")
pytestmark = pytest.mark.browser

MINUTE_MS = 60_000
SPEC = """
title = "Watched"
dataset = "triage@2"
arms = ["prompt"]
task = {{ type = "classification", metric = "accuracy" }}
prompt = {{ setups = ["zero-shot"] }}
limits = {{ latency = 1 }}
endpoint = {{ base_url = "{url}", model = "m" }}
"""


def test_an_experiment_is_started_and_watched_to_its_end(page):
    def late(asked):
        return replace(echo(asked), after_seconds=0.1)

    with serving(late) as endpoint:
        page.goto("/experiments/new/spec")
        page.locator("textarea[name=spec]").fill(SPEC.format(url=endpoint.url))
        page.locator("main input[name=by]").fill("Ada Marsh")
        page.locator("button[name=do][value=run]").click()
        page.wait_for_url(re.compile("/jobs/"))
        at = page.url

        # it brings itself up to date, and is loaded anew when it has ended
        read = page.get_by_role("link", name="Read the experiment")
        read.wait_for(timeout=MINUTE_MS)

    assert page.url == at
    assert findings(page) == []
    page.set_viewport_size(NARROW)
    assert page.evaluate(SIDEWAYS) == []
    assert endpoint.asked
    assert page.locator(".pill", has_text="finished").first.is_visible()
    read.click()
    assert page.get_by_role("heading", name="Watched").is_visible()
    assert page.get_by_text("Arms on the same held-out examples").is_visible()
