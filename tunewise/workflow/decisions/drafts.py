"""What moved between the saved drafts of a decision, and whether the target did late.

Drafts, in the order in which they were recorded: the experiments on its held-out
split (each says a target, a margin, facts), the proposals before it that were never
accepted, and the decision itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tracker import audit
from tracker import decisions as decision_records
from tracker.decision_row import DecisionRow
from tracker.experiments import ExperimentRow
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.facts import EvidenceKind, Scalar
from tunewise.domain.record import Change
from tunewise.workflow.decisions.heldout import OnSplit

TARGET, MARGIN, FACT, RULE_SET = "target", "margin", "fact", "rule_set"
_TARGET_FACT = "target_score"
_MEASURED = (EvidenceKind.RUN, EvidenceKind.EXPERIMENT, EvidenceKind.IMPORTED)

_Key = tuple[str, str]  # what it is, and its name


@dataclass(frozen=True, slots=True)
class Draft:
    """What a decision or an experiment said, as one entry of the log recorded it.

    A fact that a decision lacks is unknown to it (``complete``); of one that an
    experiment leaves out it says nothing, and the same holds for a target. A margin
    it always has: one that its file leaves out is the default that it compared with.
    """

    record: str
    by: Actor
    at: str
    entry: int  # of the audit log
    complete: bool
    says: Mapping[_Key, object]  # facts as a fact file writes them


def drafts_of(
    store: Store, row: DecisionRow, on_split: Iterable[OnSplit]
) -> list[Draft]:
    """Return the drafts that led to a decision, oldest first; it is the last."""
    own = _of_decision(store, row)
    found = [_of_experiment(store, each.experiment) for each in on_split]
    earlier = [draft for draft in found if draft.entry < own.entry]
    while row.supersedes:
        row = decision_records.get(store, row.supersedes)
        if row.accepted_by:
            break
        earlier.append(_of_decision(store, row))
    return [*sorted(earlier, key=lambda draft: draft.entry), own]


def changes(drafts: Sequence[Draft]) -> list[Change]:
    """Return what each draft says otherwise than those before it."""
    found: list[Change] = []
    known: dict[_Key, object] = {}
    for draft in drafts:
        says = dict(draft.says)
        if draft.complete:
            left_out = [key for key in known if key[0] == FACT and key not in says]
            says |= dict.fromkeys(left_out)
        if known:
            found += [
                _change(draft, key, known.get(key), now)
                for key, now in says.items()
                if (key in known or key[0] in (FACT, TARGET))
                and not _same(known.get(key), now)
            ]
        known |= says
    return found


def set_after(drafts: Sequence[Draft], key: _Key, entry: int | None) -> bool:
    """Tell whether the value that holds was set after an entry of the log."""
    said = [(d.entry, d.says[key]) for d in drafts if key in d.says]
    if entry is None or not said or said[-1][1] is None:
        return False
    last = said[0][0]
    for (_, before), (number, after) in pairwise(said):
        last = last if after == before else number
    return last > entry


THE_TARGET: _Key = (TARGET, _TARGET_FACT)
THE_MARGIN: _Key = (MARGIN, MARGIN)
_THE_RULE_SET: _Key = (RULE_SET, RULE_SET)


def _change(draft: Draft, key: _Key, was: object, now: object) -> Change:
    what, name = key
    before, after = _value(was), _value(now)
    if before == after:  # only what it rests on has moved
        before, after = f"{before}, {_evidence(was)}", f"{after}, {_evidence(now)}"
    measured = _evidence(now).partition(":")[0] in _MEASURED
    return Change(
        what=what,
        name=name,
        before=before,
        after=after,
        by=draft.by.name,
        identity=draft.by.identity,
        at=draft.at,
        draft=draft.record,
        measured=measured,
    )


def _same(a: object, b: object) -> bool:
    return (_value(a), _evidence(a)) == (_value(b), _evidence(b))


def _value(entry: object) -> Scalar | None:
    """Return a fact's value, its range as a text, None where it is unknown."""
    if not isinstance(entry, Mapping):
        return entry  # type: ignore[return-value]
    value, low, high = (entry.get(key) for key in ("value", "low", "high"))
    if low is None and high is None:
        return value
    ends = f"{'?' if low is None else low} to {'?' if high is None else high}"
    return ends if value is None else f"{value} ({ends})"


def _evidence(entry: object) -> str:
    named = entry.get("evidence") if isinstance(entry, Mapping) else None
    return str(named or EvidenceKind.ASSUMED.value)


def _of_decision(store: Store, row: DecisionRow) -> Draft:
    facts = dict(row.body["facts"]["facts"])
    target = _value(facts.pop(_TARGET_FACT, None))
    return Draft(
        record=row.id,
        by=row.by,
        at=row.at,
        entry=_entry(store, row.id, "decision.proposed"),
        complete=True,
        says={
            THE_TARGET: target,
            _THE_RULE_SET: row.body["rule_set"],
            **{(FACT, name): entry for name, entry in facts.items()},
        },
    )


def _of_experiment(store: Store, row: ExperimentRow) -> Draft:
    task: Mapping[str, Any] = row.body["spec"]["task"]
    facts = dict(row.body.get("facts_before", {}).get("facts", {}))
    stated = _value(facts.pop(_TARGET_FACT, None))
    asked = task.get("target_score")
    target = stated if asked is None else asked
    says: dict[_Key, object] = {} if target is None else {THE_TARGET: target}
    if "margin" in task:
        says[THE_MARGIN] = task["margin"]
    if "verdict_before" in row.body:
        says[_THE_RULE_SET] = row.body["verdict_before"]["rule_set"]
    return Draft(
        record=row.id,
        by=row.by,
        at=row.at,
        entry=_entry(store, row.id, "experiment.created"),
        complete=False,
        says=says | {(FACT, name): entry for name, entry in facts.items()},
    )


def _entry(store: Store, record: str, action: str) -> int:
    """Return the number of the log entry that recorded a draft."""
    return audit.events(store, subject=record, action=action)[0].seq
