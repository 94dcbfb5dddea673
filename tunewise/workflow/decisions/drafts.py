"""What moved between the saved drafts of a decision, and whether the target did late.

Drafts, in the order in which they were recorded: the experiments on its held-out
split (each says a target, a margin, facts), every decision on that split, the
proposals that it follows and that were never accepted, and the decision itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker import decisions as decision_records
from tracker import on_split
from tracker.decision_row import DecisionRow
from tracker.on_split import SplitDecision, SplitExperiment
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.experiment import DEFAULT_MARGIN
from tunewise.domain.facts import MEASURED, EvidenceKind, Scalar
from tunewise.domain.record import Change, Margin
from tunewise.workflow.decisions.heldout import OnSplit

TARGET, MARGIN, FACT, RULE_SET = "target", "margin", "fact", "rule_set"
_TARGET_FACT = "target_score"

_Key = tuple[str, str]  # what it is, and its name


@dataclass(frozen=True, slots=True)
class Draft:
    """What a decision or an experiment said, as one entry of the log recorded it.

    A fact that a decision lacks is unknown to it (``complete``); of one that an
    experiment leaves out it says nothing, and the same holds for a target. A margin
    it always has: one that its file leaves out is the default that it compared with,
    which nobody has said. A decision has that of the experiment that it rests on.
    """

    record: str
    by: Actor
    at: str
    entry: int  # of the audit log
    complete: bool
    says: Mapping[_Key, object]  # facts as a fact file writes them


def drafts_of(store: Store, row: DecisionRow, found: OnSplit) -> list[Draft]:
    """Return the drafts that led to a decision, oldest first; it is the last."""
    ids = {row.id, *_followed(store, row)}
    ids.update(on_split.resting(store, experiments=found.ids, datasets=found.datasets))
    drafts = {
        each.id: _of_decision(each, found) for each in on_split.decisions(store, ids)
    }
    own = drafts.pop(row.id)
    every = [*(_of_experiment(each) for each in found.experiments), *drafts.values()]
    earlier = [draft for draft in every if draft.entry < own.entry]
    return [*sorted(earlier, key=lambda draft: draft.entry), own]


def _followed(store: Store, row: DecisionRow) -> Iterator[str]:
    """Yield the proposals that a decision follows and that were never accepted."""
    while row.supersedes:
        row = decision_records.get(store, row.supersedes)
        if row.accepted_by:
            return
        yield row.id


def margin_of(experiments: Sequence[str], found: OnSplit) -> Margin | None:
    """Return the margin of a decision on these experiments: that of the last one."""
    margins = {each.id: _margin(each) for each in found.experiments}
    named = [id for id in experiments if id in margins]
    return margins[named[-1]] if named else None


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
    """Tell whether somebody set the value that holds after an entry of the log."""
    said = [(d.entry, d.says[key]) for d in drafts if key in d.says]
    if entry is None or not said or not _by_person(said[-1][1]):
        return False
    last = said[0][0] if _by_person(said[0][1]) else 0
    for (_, before), (number, after) in pairwise(said):
        last = last if _same(before, after) else number
    return last > entry


THE_TARGET: _Key = (TARGET, _TARGET_FACT)
THE_MARGIN: _Key = (MARGIN, MARGIN)
_THE_RULE_SET: _Key = (RULE_SET, RULE_SET)


def _change(draft: Draft, key: _Key, was: object, now: object) -> Change:
    what, name = key
    before, after = _value(was), _value(now)
    if before == after:  # only what it rests on has moved
        value = str(after).lower() if isinstance(after, bool) else after
        before, after = f"{value}, {_evidence(was)}", f"{value}, {_evidence(now)}"
    said = what != MARGIN or _by_person(now)
    return Change(
        what=what,
        name=name,
        before=before,
        after=after,
        by=draft.by.name if said else "",
        identity=draft.by.identity if said else "",
        at=draft.at,
        draft=draft.record,
        measured=_is_measured(now),
    )


def _is_measured(entry: object) -> bool:
    kind = _evidence(entry).partition(":")[0]
    stated = isinstance(entry, Mapping) and entry.get("stated")
    return kind in MEASURED and not stated


def _by_person(said: object) -> bool:
    """Tell whether somebody named a target or a margin: a default is nobody's."""
    return said is not None and not (isinstance(said, Margin) and not said.stated)


def _same(a: object, b: object) -> bool:
    if isinstance(a, Margin) and isinstance(b, Margin):
        return a.value == b.value
    return (_value(a), _evidence(a)) == (_value(b), _evidence(b))


def _value(entry: object) -> Scalar | None:
    """Return a fact's value, its range as a text, None where it is unknown."""
    if isinstance(entry, Margin):
        return entry.value if entry.stated else str(entry)
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


def _of_decision(decision: SplitDecision, found: OnSplit) -> Draft:
    facts = dict(decision.facts)
    target = _value(facts.pop(_TARGET_FACT, None))
    margin = margin_of(decision.experiments, found)
    return Draft(
        record=decision.id,
        by=decision.by,
        at=decision.at,
        entry=decision.entry,
        complete=True,
        says={
            THE_TARGET: target,
            **({THE_MARGIN: margin} if margin else {}),
            _THE_RULE_SET: decision.rule_set,
            **{(FACT, name): entry for name, entry in facts.items()},
        },
    )


def _of_experiment(experiment: SplitExperiment) -> Draft:
    facts = dict(experiment.facts)
    stated = _value(facts.pop(_TARGET_FACT, None))
    asked = experiment.spec["task"].get("target_score")
    target = stated if asked is None else asked
    says: dict[_Key, object] = {} if target is None else {THE_TARGET: target}
    if margin := _margin(experiment):
        says[THE_MARGIN] = margin
    if experiment.rule_set:
        says[_THE_RULE_SET] = experiment.rule_set
    return Draft(
        record=experiment.id,
        by=experiment.by,
        at=experiment.at,
        entry=experiment.entry,
        complete=False,
        says=says | {(FACT, name): entry for name, entry in facts.items()},
    )


def _margin(experiment: SplitExperiment) -> Margin | None:
    """Return the margin of an experiment, None where an older one kept none.

    Records of older software do not say whether it was stated: one that is not the
    default must have been.
    """
    value = experiment.spec["task"].get("margin")
    if value is None:
        return None
    stated = experiment.spec.get("margin_stated", value != DEFAULT_MARGIN)
    return Margin(value, stated, experiment.id)
