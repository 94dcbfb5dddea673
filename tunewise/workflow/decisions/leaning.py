"""What each decision leans on, as a row that a service keeps: facts and records.

record of a decision --leaning--> its facts by value, its criteria, what it names
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tracker import decision_row
from tracker import experiments as experiment_records
from tracker.decision_row import DecisionRow
from tracker.records import Raw
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.errors import NotRecorded
from tunewise.workflow.decisions.shown import row_view
from tunewise.workflow.home import Home
from tunewise.workflow.views import View


@dataclass(frozen=True, slots=True)
class Leaning:
    """A decision, its facts, and why it leans on what: (kind, id) -> in what way."""

    view: View
    facts: dict[str, Any]
    on: dict[tuple[str, str], str]


def every_leaning(home: Home, store: Store) -> Collection[Leaning]:
    """Return what every decision leans on, oldest first."""

    def make(raw: Raw) -> Leaning:
        row = decision_row.derive(raw)
        on: dict[tuple[str, str], str] = {}
        for kind, id, why in _named(store, row):
            on.setdefault((kind, id), why)
        return Leaning(row_view(row, None), dict(_facts(row)), on)

    return home.rows(store, "leaning", DECISION, make).values()


def _facts(row: DecisionRow) -> Iterator[tuple[str, Any]]:
    for name, entry in row.body["facts"]["facts"].items():
        value = entry.get("value") if isinstance(entry, dict) else entry
        if value is not None:
            yield name, value


def _named(store: Store, row: DecisionRow) -> Iterator[tuple[str, str, str]]:
    """Yield what a decision leans on: kind, id, and in what way."""
    for link in row.body.get("evidence_links", []):
        why = f"evidence of {', '.join(link['facts'])}"
        yield link["kind"], link["reference"], why
    for condition in row.conditions:
        if condition.closed:
            kind, _, reference = condition.closed.evidence.partition(":")
            yield kind, reference, f"closed condition {condition.n}"
    for finding in row.body["verdict"]["findings"]:
        what = "a veto" if finding["veto"] else f"weight {finding['weight']:+d}"
        yield "criterion", finding["criterion"], f"{what} for {finding['option']}"
    if row.body.get("prices"):
        yield "price", row.body["prices"], "the price table of its day"
    if row.model:
        yield "model", row.model, "the version that it chose"
    for id in row.experiments:
        yield "experiment", id, "measured there"
        try:
            found = experiment_records.get(store, id)
        except NotRecorded:  # deleted since
            continue
        yield "dataset", found.dataset, f"experiment {id} was run on it"
        base = str(found.body.get("base_model", {}).get("id", ""))
        if base:
            yield "base", base, f"experiment {id} ran on it"
    for model in row.body["verdict"].get("base_models", []):
        if not model["ruled_out_by"]:
            yield "base", model["id"], "on the short list of its verdict"
