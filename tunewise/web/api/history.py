"""What happened when, where something stands, and whether all is as recorded."""

from tracker.schema import KINDS
from tunewise.web.api.contents import as_files
from tunewise.web.api.paging import counted, offset, page
from tunewise.web.api.route import Asked, Data, Route
from tunewise.web.api.shapes import (
    PAGE,
    PAGING,
    UPLOAD,
    content,
    day,
    flag,
    line,
    paged,
    shown,
)
from tunewise.workflow import history
from tunewise.workflow.history import Only
from tunewise.workflow.integrity import anchoring
from tunewise.workflow.integrity import checking as integrity

_FORMS = ("html", "md", "json")
_FILTERS = ("kind", "by", "subject", "since")
_KIND = {
    "enum": [kind.word for kind in KINDS],
    "description": "Of records of this kind alone.",
}
_VERIFIED = shown("ok", "head", "entries", "problems", "anchors", "notes")


def index(asked: Asked) -> Data:
    """Return what was recorded, by whom and when; ``at`` adds the state on a date."""
    at, limit = asked.query.get("at", ""), asked.query.get("limit", PAGE)
    only = Only(**{key: asked.query.get(key, "") for key in _FILTERS})
    found = history.page(
        asked.home, at, limit=limit, offset=offset(asked.query), only=only
    )
    state = {k: found[k] for k in ("total", "state", "on_record") if k in found}
    return counted(found["events"], asked.query, more=found["more"]) | state


def search(asked: Asked) -> Data:
    """Find records by words."""
    limit, start = asked.query.get("limit", PAGE), offset(asked.query)
    found = history.search(
        asked.home,
        asked.query["q"],
        kind=asked.query.get("kind", ""),
        limit=limit + 1,
        offset=start,
    )
    return counted(found[:limit], asked.query, more=len(found) > limit)


def verify(asked: Asked) -> Data:
    """Check that nothing was changed since it was recorded."""
    return integrity.verify(asked.home)


def verify_report(asked: Asked) -> Data:
    """Check a report that came in the body too; perhaps make the indexes anew."""
    rebuilt = integrity.rebuild(asked.home) if asked.body.get("rebuild") else {}
    form = asked.body.get("form", "html")
    report = asked.body.get("report")
    with as_files({f"report.{form}": report} if report else {}) as paths:
        view = integrity.verify(asked.home, paths.get(f"report.{form}"))
    return {**view, "rebuilt": rebuilt} if rebuilt else view


def anchors(asked: Asked) -> Data:
    """List where the head of the log was put outside."""
    rows = anchoring.list_all(asked.home)
    numbered = [{"n": str(n), **row} for n, row in enumerate(rows, start=1)]
    return page(numbered, asked.query, key="n")


ROUTES = (
    Route(
        "GET",
        "/history",
        "history",
        "What was recorded, by whom and when, the newest first.",
        index,
        "history",
        description="With `at`: what held on that date (`state`), and what was on "
        "record then (`on_record`).",
        query={
            **PAGING,
            "at": day("Up to this date."),
            "since": day("From this date on."),
            "kind": _KIND,
            "by": line("By this person."),
            "subject": line("On the record with this id."),
        },
        returns=paged("seq", "at", "actor", "action", "subject"),
    ),
    Route(
        "GET",
        "/search",
        "search",
        "Records by the words in their titles, names and reasons.",
        search,
        "search",
        query={**PAGING, "q": line("The words."), "kind": _KIND},
        needs_query=("q",),
        returns=paged("kind", "id", "snippet"),
    ),
    Route(
        "GET",
        "/verify",
        "verify",
        "Whether everything is as it was recorded: `ok`, and what is not.",
        verify,
        "verify",
        returns=_VERIFIED,
    ),
    Route(
        "POST",
        "/verify",
        "verifyReport",
        "The same, and whether a report says what is recorded.",
        verify_report,
        "verify",
        body={
            "report": content("The content of a report, or of an export's record."),
            "form": {
                "enum": list(_FORMS),
                "description": "What the report is; html if left out.",
            },
            "rebuild": flag("First make the indexes anew; it is logged."),
        },
        largest=UPLOAD,
        returns=_VERIFIED,
    ),
    Route(
        "GET",
        "/anchors",
        "listAnchors",
        "Where the head of the log was put outside, oldest first.",
        anchors,
        "anchors list",
        query=PAGING,
        returns=paged("n"),
    ),
)
