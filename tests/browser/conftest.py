"""One browser and one served home for all tests here; a loud line where there is none.

Chromium is the system's own (``chromium`` or ``google-chrome`` on the path): Playwright
fetches none. ``.ci/run`` installs it where it can.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import pytest
import waitress

from tests.conftest import NO_BROWSER
from tests.web.conftest import HOSTILE, Filled, filled  # noqa: F401  a fixture
from tunewise.web.app import create_app
from tunewise.workflow import decisions

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_MS = 15_000  # a loaded machine of two cores


def executable() -> str:
    """Return the path of a Chromium, "" where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start Chromium once."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        _skip("Playwright is missing; the extra [dev] has it")
    if not executable():
        _skip("no Chromium here; on Debian: sudo apt install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable())
        yield started
        started.close()


def _skip(why: str) -> None:
    pytest.skip(f"{NO_BROWSER}: {why}")


@dataclass(frozen=True)
class Service:
    """A served home and what is recorded in it."""

    url: str
    filled: Filled
    conditional: str  # an accepted decision with an open condition
    app: Any


@pytest.fixture(scope="session")
def service(browser, filled) -> Iterator[Service]:  # noqa: F811
    """Serve the filled home on a free port, as ``tunewise serve`` does."""
    title = "Which option for the mails of our support desk?"
    made = decisions.propose(filled.home, {"task_type": "classification"}, title=title)
    decisions.accept(
        filled.home,
        made["id"],
        choice=made["verdict"]["recommended"],
        conditions=["Measure it on 500 mails of November", HOSTILE],
    )
    app = create_app(filled.home)
    with serving(app) as url:
        yield Service(url, filled, made["id"], app)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application on a free port of the loopback until the block ends."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)


@dataclass
class Watch:
    """What a browser complained about, and where it went."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def over(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)

    def _said(self, message: Any) -> None:
        # the status of the document is the test's own matter: an error page is 4xx
        if message.type in ("error", "warning") and not (
            "Failed to load resource" in message.text
            and "/static/" not in message.location.get("url", "")
        ):
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "about:")):
            self.strangers.append(request.url)


@pytest.fixture
def watch(service) -> Watch:
    return Watch(service.url)


@pytest.fixture(scope="session")
def browsing(browser, service) -> Iterator[Any]:
    """One window with scripts, for the tests that only look."""
    context = browser.new_context(base_url=service.url, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(browsing, watch) -> Iterator[Any]:
    """A tab whose complaints fail the test."""
    tab = browsing.new_page()
    watch.over(tab)
    yield tab
    tab.close()
    assert watch.complaints == []
    assert watch.strangers == []


@pytest.fixture
def plain(browser, service, watch) -> Iterator[Any]:
    """A tab with scripts off."""
    context = browser.new_context(base_url=service.url, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    tab = context.new_page()
    watch.over(tab)
    yield tab
    context.close()
    assert watch.complaints == []
    assert watch.strangers == []
