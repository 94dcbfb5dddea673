"""Every page of the service, by an address that shows it filled.

The list is that of ``tests/web`` and what it leaves out; ``test_pages.py`` holds it
against the addresses that the application knows, so that no page is forgotten.
"""

from collections.abc import Iterator
from typing import Any

from tests.web.test_app import PAGES, address

EIGHT = (
    "task_type=classification&training_examples=1200&training_examples.by=Ines"
    "&must_cite_sources=no&prompt_tried=no&skip=latency_sensitive"
)
MORE = (
    "/decisions/new",
    f"/decisions/new?{EIGHT}",
    "/decisions/new?training_examples=many",
    f"/decisions/new/preliminary?{EIGHT}",
    "/decisions/{conditional}",
    "/decisions/{proposed}/accept",
    "/decisions/{proposed}/reject",
    "/decisions/{proposed}/withdraw",
    "/decisions/{decision}/sign",
    "/decisions/{decision}/review",
    "/decisions/{decision}/accept",
    "/decisions/{conditional}/conditions/1/assign",
    "/decisions/{conditional}/conditions/1/close",
    "/decisions/{decision}/describe",
    "/decisions/{decision}/try",
    "/rests-on/base/smollm2-135m-instruct",
    "/decisions/{proposed}/try?must_cite_sources=yes&all=1",
    "/decisions/{decision}/risks/catastrophic-forgetting/control",
    "/experiments/new",
    "/experiments/new/spec",
    "/experiments/import",
    "/datasets/new",
    "/models/explain",
    "/models/{name}/1/alias",
    "/models/{name}/1/deploy",
    "/models/{name}/1/describe",
    "/models/{name}/1/retire",
    "/history?at=2026-01-01",
    "/search",
    "/search?q=nothing+has+these+words",
    "/history?kind=decision&by=Nobody",
    "/no/such/page",
    "/decisions/none",
)
# Address rules that answer with no page for people to look at, and why.
NO_PAGE = {
    "/sample": "a report: test_reports.py looks at what is made the same way",
    "/static/": "files",
    "/healthz": "for a supervisor",
    "/readyz": "for a supervisor",
    "/api/": "for programs",
    "/decisions/new/verdict": "a part of a page, swapped into it",
    "/decisions/<decision_id>/try/verdict": "a part of a page, swapped into it",
    "/datasets/<name>/diff": "leads on to the difference of two versions",
    "/jobs/<job_id>": "test_watching.py looks at it while it changes",
}
NO_PAGE_ENDINGS = (".json", ".csv", ".md", ".html")  # reports: test_reports.py


def addresses() -> tuple[str, ...]:
    """Return the patterns of all addresses that tests look at."""
    return (*PAGES, *MORE)


def filled_in(pattern: str, service: Any) -> str:
    """Return the address for what the served home holds."""
    named = pattern.replace("{conditional}", service.conditional)
    return address(named, service.filled)


def page_rules(app: Any) -> Iterator[Any]:
    """Yield the address rules that answer a reader with a page."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.endswith(NO_PAGE_ENDINGS):
            continue
        if not rule.rule.startswith(tuple(NO_PAGE)):
            yield rule
