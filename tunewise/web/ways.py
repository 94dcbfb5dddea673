"""Ways on from a page that is not there, or that does not do what was asked.

What is near what was asked for comes first, then the list it would stand in, then a
search for it. A way is an address and what it is called.
"""

import difflib
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import current_app, request

from tunewise.domain.errors import NotRecorded

_LISTS = {
    "decisions": ("/decisions", "All decisions"),
    "experiments": ("/experiments", "All experiments"),
    "runs": ("/experiments", "All experiments"),
    "datasets": ("/datasets", "All datasets"),
    "models": ("/models", "All models"),
    "lineage": ("/models", "All models"),
    "rules": ("/rules", "All criteria"),
    "jobs": ("/jobs", "All jobs"),
}
_LONGEST = 60  # characters of a name that is worth a search
_VERSIONED = ("dataset", "model")  # records that are written NAME@N


@dataclass(frozen=True, slots=True)
class Way:
    """Where somebody may go from here."""

    address: str
    title: str


def to_near(error: Exception) -> list[Way]:
    """Return the records whose names are like the one that is not there."""
    if not isinstance(error, NotRecorded) or not error.kind:
        return []
    return [Way(_address(error.kind, ref), ref) for ref in error.near]


def to_lists() -> list[Way]:
    """Return the list of what was asked for, and a search for its name."""
    first, *rest = [part for part in request.path.split("/") if part] or [""]
    ways = [Way(*_LISTS[first])] if first in _LISTS else []
    name = rest[0].removesuffix(".json") if rest else ""
    if 0 < len(name) <= _LONGEST:
        ways.append(Way(f"/search?{urlencode({'q': name})}", f"Search for {name}"))
    return ways


def to_like_addresses() -> list[Way]:
    """Return the same address under the noun that is nearest to what was written."""
    first, _, rest = request.path.lstrip("/").partition("/")
    known = {
        rule.rule.split("/")[1]
        for rule in current_app.url_map.iter_rules()
        if rule.rule.count("/") == 1 and "." not in rule.rule and rule.rule != "/"
    }
    if first in known:
        return []
    near = difflib.get_close_matches(first[:_LONGEST], sorted(known), n=1)
    paths = [f"/{noun}/{rest}".rstrip("/") for noun in near]
    return [Way(quote(path), path) for path in paths if len(path) <= 2 * _LONGEST]


def to_this_page() -> list[Way]:
    """Return the page at this address, or the nearest above it that can be opened."""
    adapter = current_app.create_url_adapter(request)
    parts = [part for part in request.path.split("/") if part]
    for end in range(len(parts), 0, -1):
        path = f"/{'/'.join(parts[:end])}"
        if adapter and adapter.test(path, method="GET"):
            return [Way(quote(path), f"Open {path}")]
    return []


def _address(kind: str, ref: str) -> str:
    if kind not in _VERSIONED:
        return f"/{kind}s/{quote(ref, safe='')}"
    name, _, number = ref.partition("@")
    tail = f"/{number}" if number.isdigit() else ""
    return f"/{kind}s/{quote(name, safe='')}{tail}"
