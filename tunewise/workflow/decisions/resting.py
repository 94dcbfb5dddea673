"""Which decisions rest on a record, and which verdicts would alter without it.

    criterion     a finding of it matched              asked again without the criterion
    base          the verdict's shortlist names it     what is left of the shortlist
    experiment, run, dataset, document, model          asked again without the facts
                  evidence, or attached                that have it as their evidence
    price         an experiment that they rest on      how far it moves three years
                  counts it among those that matter

Asked are the rules of today, with and without it, so that nothing else differs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tracker import audit
from tracker import decisions as records
from tracker.decision_row import DecisionRow
from tracker.records import Raw
from tracker.schema import EXPERIMENT
from tracker.store import Store
from tunewise.domain.decision import Status
from tunewise.domain.errors import FactError, StatusError
from tunewise.domain.facts import EvidenceKind
from tunewise.domain.record import RESTED_ON
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import fact_sheet
from tunewise.engine.what_if import WhatIf
from tunewise.workflow.decisions.shown import Listed, listed
from tunewise.workflow.home import Home
from tunewise.workflow.views import View

MOST = 100  # decisions, the newest: each is asked again twice

_RUN = (EvidenceKind.RUN.value, EvidenceKind.IMPORTED.value)
_IN_FORCE = (Status.PROPOSED, Status.ACCEPTED)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What of an experiment decisions may rest on."""

    id: str
    dataset: str
    runs: tuple[str, ...]
    prices: Mapping[str, Any]


def resting_on(home: Home, kind: str, id: str) -> View:
    """Return the decisions in force or proposed that rest on a record.

    Returns
    -------
    dict
        ``kind``, ``id``, ``total``, and ``decisions``, the newest ``MOST`` of them:
        a row of the list with ``how`` it rests on it, ``today`` (what the rules of
        today recommend), ``without`` (what they would without it; None where that was
        not asked), ``alters``, and ``note`` beside it.

    Raises
    ------
    StatusError
        If nothing can rest on a record of that kind.
    """
    if kind not in RESTED_ON:
        raise StatusError(
            f"{kind}: nothing is looked up by that\n  Kinds are {', '.join(RESTED_ON)}."
        )
    with home.store() as store:
        head = audit.head(store)
    rules = home.rules()
    key = ("resting", kind, id, head, rules.digest, home.today())
    return home.answer(key, partial(_found, home, rules, kind, id))


def _found(home: Home, rules: RuleSet, kind: str, id: str) -> View:
    with home.store() as store:
        measured = [*home.rows(store, "measured", EXPERIMENT, _measured).values()]
        names = _names(kind, id, measured)
        resting = [
            (row, how)
            for row in listed(home, store)
            if row.status in _IN_FORCE and (how := _how(row, names))
        ]
        ask = _asker(kind, id, names, rules, measured)
        shown = [
            {**row.view, "how": how, **ask(store, row)}
            for row, how in reversed(resting[-MOST:])
        ]
    return {"kind": kind, "id": id, "total": len(resting), "decisions": shown}


def _measured(raw: Raw) -> _Measured:
    body = raw.row["body"]
    report: Mapping[str, Any] = next(
        (e.body["report"] for e in reversed(raw.events) if "report" in e.body), {}
    )
    arms = (report.get("arms") or {}).values()
    costs = report.get("costs") or {}
    return _Measured(
        raw.row["id"],
        str(body.get("dataset") or raw.row.get("dataset") or ""),
        tuple(str(arm.get("run") or "") for arm in arms),
        {
            price["price"]: {**price, "currency": costs.get("currency") or ""}
            for option in costs.get("options") or []
            for price in option.get("prices_that_matter") or []
        },
    )


def _names(kind: str, id: str, measured: list[_Measured]) -> dict[str, str]:
    """Return what a decision may name, and what that says of how it rests on it."""
    names = {f"{kind}:{id}": ""}
    if kind == "criterion":
        return {f"criterion:{id}": "a finding of it matched"}
    for each in measured:
        if kind == "dataset" and each.dataset == id:
            names[f"experiment:{each.id}"] = f"measured on it in {each.id}"
            names |= _of_runs(each.runs, "measured on it in")
        if kind == "experiment" and each.id == id:
            names |= _of_runs(each.runs, "by its run")
        if kind == "price" and id in each.prices:
            names[f"experiment:{each.id}"] = f"it matters to the costs of {each.id}"
    if kind == "dataset":
        names[f"document:{id}"] = ""
    if kind == "run":
        names |= {name: "" for name in _of_runs((id,), "")}
    return names


def _of_runs(runs: Iterable[str], how: str) -> dict[str, str]:
    """Return the names of runs, also as evidence that was imported."""
    return {f"{kind}:{run}": f"{how} {run}" for run in runs for kind in _RUN}


def _how(row: Listed, names: Mapping[str, str]) -> list[str]:
    found = [name for name in row.rests_on if name in names]
    return sorted({names[name] or row.rests_on[name] for name in found})


def _asker(
    kind: str,
    id: str,
    names: Mapping[str, str],
    rules: RuleSet,
    measured: list[_Measured],
) -> Callable[[Store, Listed], View]:
    if kind == "base":
        return partial(_left_of_shortlist, id)
    if kind == "price":
        prices = {
            f"experiment:{each.id}": each.prices[id]
            for each in measured
            if id in each.prices
        }
        return lambda _store, row: _not_asked(moves(row, prices))
    if kind == "criterion":
        less = tuple(c for c in rules.criteria if c.id != id)
        fewer = replace(rules, criteria=less)
        return lambda store, row: _asked(store, row, rules, fewer, drop={})
    return lambda store, row: _asked(store, row, rules, rules, drop=names)


def _asked(
    store: Store,
    row: Listed,
    rules: RuleSet,
    fewer: RuleSet,
    *,
    drop: Mapping[str, str],
) -> View:
    raw = records.get(store, row.id).body["facts"]
    try:
        today = _recommended(rules, raw)
        other = _recommended(fewer, without(raw, drop))
    except FactError as error:
        return _not_asked(str(error).splitlines()[0])
    return {
        "today": today,
        "without": other,
        "alters": today != other,
        "note": "",
    }


def without(raw: Mapping[str, Any], drop: Mapping[str, str]) -> dict[str, Any]:
    """Return facts without those of some evidence, and what compared their scores."""
    facts = {n: e for n, e in raw["facts"].items() if _evidence(e) not in drop}
    gone = raw["facts"].keys() - facts.keys()
    compared = [
        each
        for each in raw.get("comparisons", ())
        if not {f"{each['a']}_score", f"{each['b']}_score"} & gone
    ]
    return {**raw, "facts": facts, "comparisons": compared}


def _recommended(rules: RuleSet, raw: Mapping[str, object]) -> str:
    sheet = fact_sheet(raw, rules.facts, ignore_unknown=True).sheet
    return WhatIf(rules, sheet).today.recommended.value


def _evidence(entry: object) -> str:
    return str(entry.get("evidence") or "") if isinstance(entry, Mapping) else ""


def _left_of_shortlist(id: str, store: Store, row: Listed) -> View:
    found: DecisionRow = records.get(store, row.id)
    left = [
        model["id"]
        for model in found.body["verdict"].get("base_models", ())
        if model["id"] != id and not model.get("ruled_out_by")
    ]
    said = f"left on its shortlist: {', '.join(left[:5])}" if left else "none is left"
    return _not_asked(said)


def moves(row: Listed, prices: Mapping[str, Mapping[str, Any]]) -> str:
    """Return how far a price moves the costs of what the decision itself rests on."""
    own = [prices[name] for name in row.rests_on if name in prices]
    low, high = ((own[-1] if own else {}).get(end) for end in ("low", "high"))
    if low is None or high is None:
        return ""
    said = f"from {low:,.0f} to {high:,.0f} {own[-1]['currency']}".rstrip()
    return f"within its range it moves three years {said}"


def _not_asked(note: str) -> View:
    return {"today": None, "without": None, "alters": False, "note": note}
