"""The context of the section on costs, from what an experiment's report keeps."""

from collections.abc import Mapping
from typing import Any

from tunewise.report import words
from tunewise.report.shapes import View, fill, rows, shape

_COSTS = shape(
    text="currency on today_unknown",
    lists="options break_even warnings",
    tables="requests_a_month",
    none="today cheapest",
)
_OPTION = shape(
    text="option",
    lists="kinds by_volume prices_that_matter rests_on assumed missing",
    none="complete once monthly three_years",
)
_KIND = shape(text="kind", none="once month")
_MATTERS = shape(text="price per as_of", none="from to low high")
_PAYS = shape(text="because option against")
# the kinds of cost, and when each is mostly paid
KINDS = (
    ("preparation", "once"),
    ("training", "once"),
    ("inference", "month"),
    ("maintenance", "month"),
)


def complete_costs(view: View | None, prices: str = "") -> dict[str, Any] | None:
    """Return the context of the costs, None where the report keeps none.

    ``prices`` is the digest of the price table.
    """
    if not view:
        return None
    costs = fill(view, _COSTS)
    costs["options"] = [_option(entry) for entry in costs["options"]]
    costs["today"] = _option(costs["today"]) if costs["today"] else None
    costs["rows"] = [*costs["options"], *([costs["today"]] if costs["today"] else [])]
    costs["grounds"] = _grounds(costs["rows"])
    costs["volumes"] = _volumes(costs["rows"])
    costs["break_even"] = rows(costs["break_even"], _PAYS)
    costs["kinds"] = KINDS
    costs["prices"] = prices
    return costs


def _option(view: View) -> dict[str, Any]:
    option = fill(view, _OPTION)
    option["title"] = words.option_title(option["option"])
    kinds = {k["kind"]: k for k in rows(option["kinds"], _KIND)}
    option["cells"] = [kinds.get(kind, {}).get(when) for kind, when in KINDS]
    option["prices_that_matter"] = rows(option["prices_that_matter"], _MATTERS)
    option["volume_cells"] = {v["requests"]: v for v in option["by_volume"]}
    return option


_GROUNDS = ("rests_on", "assumed", "missing")


def _grounds(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the figures rest on, each line once, by the options that share it."""
    shared: dict[tuple[str, str], list[str]] = {}
    for option in options:
        for kind in _GROUNDS:
            for line in option[kind]:
                shared.setdefault((kind, line), []).append(option["title"])
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for (kind, line), titles in shared.items():
        group = found.setdefault(
            tuple(titles), {"options": titles, **{k: [] for k in _GROUNDS}}
        )
        group[kind].append(line)
    return sorted(found.values(), key=lambda group: -len(group["options"]))


def _volumes(options: list[dict[str, Any]]) -> list[Any]:
    """Return the numbers of requests a month that any option was priced at."""
    found: Mapping[Any, None] = dict.fromkeys(
        v["requests"] for option in options for v in option["by_volume"]
    )
    return sorted(found)
