"""What a decision rests on as it stands: its evidence, and what became of it since."""

from collections.abc import Callable
from dataclasses import asdict

from tracker.datasets import DatasetRow
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise.domain.errors import NotRecorded
from tunewise.domain.facts import EvidenceKind, FactSheet
from tunewise.domain.record import Condition
from tunewise.workflow.decisions.claims import claims_of
from tunewise.workflow.decisions.links import RECORDED
from tunewise.workflow.views import View

Version = Callable[[str], DatasetRow | None]  # a dataset version, now or by then

_DATASETS = (EvidenceKind.DATASET, EvidenceKind.DOCUMENT)


def links_view(row: DecisionRow, version: Version) -> list[View]:
    """Return the evidence with what was found of it; older records did not say."""
    links: list[View] = row.body.get("evidence_links", [])
    return [_with_end(link, version) for link in links]


def conditions_view(row: DecisionRow, version: Version) -> list[View]:
    """Return the conditions of an acceptance, and what closed them."""
    return [_condition(condition, version) for condition in row.conditions]


def claims_view(store: Store, row: DecisionRow, sheet: FactSheet) -> list[View]:
    """Return what the facts say of records that they name, beside those records.

    Older records did not keep it: it is made up for, from what is recorded here.
    """
    if "claims" in row.body:
        return [*row.body["claims"]]
    try:
        return [asdict(claim) for claim in claims_of(store, sheet)]
    except NotRecorded:  # older software took evidence that was not here
        return []


def _with_end(link: View, version: Version) -> View:
    """Return a link; that to a dataset version with the day on which it was deleted."""
    if link["kind"] not in _DATASETS or link["found"] != RECORDED:
        return link
    found = _standing(version(link["reference"]))
    return {**link, "found": found, "checked": found}


def _condition(condition: Condition, version: Version) -> View:
    view = asdict(condition)
    closed = view["closed"]
    kind, _, reference = closed["evidence"].partition(":") if closed else ("", "", "")
    if closed and kind in _DATASETS and closed["checked"] == RECORDED:
        closed["checked"] = _standing(version(reference))
    return view


def _standing(version: DatasetRow | None) -> str:
    if version is None or not version.deleted_at:
        return RECORDED
    return f"{RECORDED}, deleted on {version.deleted_at[:10]}"
