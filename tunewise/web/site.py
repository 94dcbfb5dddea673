"""What every view needs: the home, the templates, and a page with its JSON twin."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request

from tunewise.domain.decision import Actor
from tunewise.domain.errors import TunewiseError
from tunewise.report import documents
from tunewise.report.environment import Templates
from tunewise.report.pages import page
from tunewise.workflow.home import Home

Data = Mapping[str, Any] | Sequence[Any]
View = Callable[..., Response]

_EXTENSION = "tunewise"


@dataclass(frozen=True, slots=True)
class Site:
    """The home that is shown, and the one template environment."""

    home: Home
    environment: Templates


def site() -> Site:
    """Return the site of the application that handles this request."""
    found: Site = current_app.extensions[_EXTENSION]
    return found


def home() -> Home:
    """Return the home of the application that handles this request."""
    return site().home


def acting(by: str) -> Home:
    """Return the home with whoever acts; without accounts a name is only stated."""
    return replace(home(), actor=Actor(by))


def seen_other(kind: str, id: str) -> Response:
    """Answer a form that was done with the page of its record (303)."""
    return Response(status=303, headers={"Location": f"/{kind}/{quote(id)}"})


def version_page(kind: str, name: str) -> Response | None:
    """Lead from NAME@N, as people write a version, to its page; None for a name."""
    name, _, number = name.partition("@")
    if not number.isdecimal():
        return None
    place = f"/{kind}/{quote(name, safe='')}/{int(number)}"
    place += ".json" if wants_json() else ""
    return Response(status=302, headers={"Location": place})


def twinned(blueprint: Blueprint, path: str) -> Callable[[View], View]:
    """Serve a view under ``path`` and, as JSON, under ``path`` + ``.json``."""

    def register(view: View) -> View:
        blueprint.add_url_rule(path, view_func=view)
        twin = "/index.json" if path == "/" else f"{path}.json"
        blueprint.add_url_rule(twin, f"{view.__name__}_json", view_func=view)
        return view

    return register


def answer(name: str, data: Data, /, **context: object) -> Response:
    """Return what a workflow returned: as the page ``name``, or as its twin."""
    if wants_json():
        return as_json(data)
    return as_page(name, data, twin=_twin(), **context)


def as_page(name: str, data: Data, /, **context: object) -> Response:
    """Return a page that has no twin."""
    return Response(
        page(site().environment, name, data, rules_error=rules_error(), **context)
    )


def as_report(html: str, view: Mapping[str, Any]) -> Response:
    """Return the report of a view as a file of its own, under its own policy."""
    response = Response(html)
    policy = f"{documents.report_policy(view)}; frame-ancestors 'none'"
    response.headers["Content-Security-Policy"] = policy
    return response


def rules_error() -> str:
    """Return why the newest rule files do not count, "" where they do."""
    try:
        home().rules()
    except TunewiseError as error:
        return str(error)
    last_good = home().last_good
    return last_good.error if last_good else ""


def as_json(data: Data, *, status: int = 200) -> Response:
    """Return a JSON document, readable as it is."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    return Response(f"{text}\n", status=status, mimetype="application/json")


def as_csv(rows: Iterable[Mapping[str, Any]], name: str) -> Response:
    """Return rows as a CSV file; what a spreadsheet would reckon stays text."""
    written = io.StringIO()
    writer = csv.writer(written)
    for number, row in enumerate(rows):
        if not number:
            writer.writerow(row)
        writer.writerow([_cell(value) for value in row.values()])
    if not written.tell():
        writer.writerow(())
    response = Response(written.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(value: object) -> str:
    """Return a value as a cell; one that begins like a formula gets an apostrophe.

    >>> _cell("=1+1"), _cell(["a", "b"]), _cell(None)
    ("'=1+1", 'a; b', '')
    """
    if value is None:
        return ""
    if isinstance(value, Mapping):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, list):
        text = "; ".join(str(entry) for entry in value)
    else:
        text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def wants_json() -> bool:
    """Return whether the address is that of a twin."""
    return request.path.endswith(".json")


def _twin() -> str:
    path = "/index" if request.path == "/" else request.path
    query = request.query_string.decode("ascii", "replace")
    return f"{path}.json" + (f"?{query}" if query else "")
