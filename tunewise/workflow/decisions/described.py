"""What is said of a decision beside its facts, and the risks of its option, as shown.

    said by a person        the newest word on each field
    said elsewhere          by a fact, the dataset version, the model version, or of
                            the decision before: ``description_from`` names it

What is said elsewhere is shown and not recorded: whoever repeats it makes it so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from tracker import datasets, experiments, models
from tracker import decisions as records
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise.domain.description import FIELDS, Said
from tunewise.domain.errors import NotRecorded
from tunewise.domain.facts import EvidenceKind, Fact, FactSheet
from tunewise.domain.model import AuditEvent
from tunewise.domain.record import RiskControl
from tunewise.domain.rules import Risk
from tunewise.engine.conditions import words
from tunewise.engine.risks_file import risks_of
from tunewise.workflow.models.views import described_of
from tunewise.workflow.views import View

ACTION = "decision.described"

_OF_MODEL = ("purpose", "out_of_scope", "monitoring", "rollback")
_TODAY = ("current_option", "current_score", "current_monthly_cost")

Elsewhere = tuple[str, Said, str]  # field, what is said, where


def description_view(
    store: Store, row: DecisionRow, sheet: FactSheet, events: Iterable[AuditEvent]
) -> View:
    """Return ``description``, ``description_from`` and ``described``."""
    said: dict[str, Said] = dict(row.description)
    sources: dict[str, str] = {}
    for name, text, source in _elsewhere(store, row, sheet):
        if text and name not in said:
            said[name], sources[name] = text, source
    return {
        "description": {
            name: said[name] if isinstance(said[name], str) else list(said[name])
            for name in FIELDS
            if name in said
        },
        "description_from": sources,
        "described": [
            {
                "seq": event.seq,
                "at": event.at,
                "by": event.actor,
                "identity": event.identity,
                "fields": _fields(event),
            }
            for event in events
            if event.action == ACTION
        ],
    }


def risks_view(row: DecisionRow, risks: Iterable[Risk], sheet: FactSheet) -> list[View]:
    """Return the risks of what was chosen, or else of what is recommended.

    Those whose control is on record come with the text they had then, also where the
    rule set of the decision does not name them.
    """
    option = row.choice or row.recommended
    found = {
        risk.id: {
            "id": risk.id,
            "title": risk.title,
            "why": risk.why,
            "arms": [o.value for o in risk.options],
            "source": risk.source,
            "usual_control": risk.usual_control,
            "origin": risk.origin,
            "waits_for": list(waits_for),
            "control": None,
            "owner": None,
            "state": "open",
        }
        for risk, waits_for in risks_of(risks, option, sheet)
    }
    for control in row.risk_controls.values():
        if control.id in found or option in control.options:
            found[control.id] = _controlled(found.get(control.id, {}), control)
    return [*found.values()]


def _fields(event: AuditEvent) -> View:
    said = event.payload.get("fields")
    return {**said} if isinstance(said, dict) else {}


def _controlled(risk: View, control: RiskControl) -> View:
    said = asdict(control)
    return {
        "origin": "",
        "waits_for": [],
        **risk,
        **{key: said[key] for key in ("id", "title", "why", "source", "usual_control")},
        "arms": list(control.options),
        "control": control.control or None,
        "owner": control.owner or None,
        "state": "controlled" if control.control and control.owner else "open",
        "recorded": {key: said[key] for key in ("by", "identity", "at")},
    }


def _elsewhere(store: Store, row: DecisionRow, sheet: FactSheet) -> Iterator[Elsewhere]:
    """Yield what else on record says it, nearest to the decision first."""
    yield from _of_facts(sheet)
    if not row.description.keys() >= {"data_owner", "data_basis"}:
        yield from _of_dataset(store, row)
    if row.model:
        said = described_of(models.get(store, row.model))
        yield from ((n, said[n], f"model version {row.model}") for n in _OF_MODEL)
    earlier = row.supersedes
    while earlier:
        before = records.get(store, earlier)
        for name, text in before.description.items():
            if name in FIELDS and FIELDS[name].lasts:
                yield name, text, f"decision {before.id}"
        earlier = before.supersedes


def _of_facts(sheet: FactSheet) -> Iterator[Elsewhere]:
    if cost := _amount(sheet.get("error_cost")):
        yield "cost_of_error", f"{cost} for each wrong answer", "fact error_cost"
    parts = {name: _amount(sheet.get(name)) for name in _TODAY}
    texts = {
        "current_option": "no language model"
        if parts["current_option"] == "none"
        else parts["current_option"],
        "current_score": f"score {parts['current_score']}",
        "current_monthly_cost": f"{parts['current_monthly_cost']} a month",
    }
    known = [name for name in _TODAY if parts[name]]
    if known:
        noun = "fact" if len(known) == 1 else "facts"
        said = ", ".join(texts[name] for name in known)
        yield "today", said, f"{noun} {', '.join(known)}"


def _of_dataset(store: Store, row: DecisionRow) -> Iterator[Elsewhere]:
    named = [
        link["reference"]
        for link in row.body.get("evidence_links", ())
        if link["kind"] == EvidenceKind.DATASET
    ]
    if not named and row.experiments:
        named = [experiments.get(store, row.experiments[-1]).dataset]
    for reference in filter(None, named[-1:]):
        try:
            said = datasets.get(store, reference).provenance
        except NotRecorded:
            return
        source = f"dataset {reference}"
        yield "data_owner", said.get("owner", ""), source
        yield "data_basis", said.get("basis", ""), source


def _amount(fact: Fact | None) -> str:
    if fact is None:
        return ""
    if fact.value is not None:
        return words(fact.value)
    ends = ("?" if end is None else words(end) for end in (fact.low, fact.high))
    return " to ".join(ends)
