"""What drift does to a decision: the facts it touches, and the verdict asked again.

    finding that drifted -> a fact, changed -> today's rules -> before and after

Both verdicts are of today's rules and today's date, so that the facts alone make the
difference; what the rules changed since is told by ``decision check``. Nothing is
decided here: the verdict is the rules', and a person supersedes a decision or does not.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tracker import decisions as records
from tunewise.domain.errors import FactError, NotRecorded
from tunewise.domain.facts import Evidence, EvidenceKind, Fact, FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import fact_sheet
from tunewise.engine.verdict import advise
from tunewise.evidence.drift import DriftFinding
from tunewise.workflow.home import Home
from tunewise.workflow.rules.verdict_changes import (
    because_of,
    criteria_between,
    summary,
)
from tunewise.workflow.views import verdict_view

View = dict[str, Any]

_CHARACTERS = 4.0  # of a token, about, in English text
_PACES = ("static", "monthly", "weekly", "daily", "realtime")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a check saw, as far as facts need it."""

    model: str  # name@n
    run: str  # that made it, "" where none did
    on: str
    days: int  # since the model was made
    longer_by: float  # characters, of a later prompt on average

    @property
    def evidence(self) -> Evidence:
        return Evidence(EvidenceKind.MODEL, self.model)


def asked_again(
    home: Home, version: View, findings: Sequence[DriftFinding], *, longer_by: float
) -> View:
    """Return the decision's verdict before and after what drifted.

    Returns
    -------
    View
        ``decision``, ``before`` and ``after`` (None where the version follows no
        decision on record), ``changed``, ``facts`` that are no longer what they were,
        ``because``: the criteria that turned the verdict, and all ``criteria`` that
        say otherwise; ``error`` where today's rules do not take the decision's facts.
    """
    nothing: View = {
        "decision": version["decision"] or None,
        "before": None,
        "after": None,
        "changed": False,
        "facts": [],
        "because": [],
        "criteria": [],
        "error": None,
    }
    rules, today = home.rules(), home.today()
    try:
        sheet = _sheet(home, version["decision"], rules)
    except (FactError, NotRecorded) as error:
        return {**nothing, "error": str(error).splitlines()[0]}
    if sheet is None:
        return nothing
    made = dt.date.fromisoformat(version["at"][:10])
    seen = _Seen(
        version["model"],
        version["run"],
        today.isoformat(),
        (today - made).days,
        longer_by,
    )
    changed, facts = _touched(sheet, findings, seen, rules)
    before, after = (
        verdict_view(advise(rules, s, today=today)) for s in (sheet, changed)
    )
    titles = {c.id: c.title for c in rules.criteria}
    criteria = [
        {**entry, "title": titles.get(entry["criterion"], entry["criterion"])}
        for entry in criteria_between(before, after)
    ]
    return {
        **nothing,
        "before": {**summary(before), "because": before["because"]},
        "after": {**summary(after), "because": after["because"]},
        "changed": before["recommended"] != after["recommended"],
        "facts": facts,
        "because": because_of(criteria, before, after),
        "criteria": criteria,
    }


def _sheet(home: Home, decision: str, rules: RuleSet) -> FactSheet | None:
    if not decision:
        return None
    with home.store() as store:
        row = records.get(store, decision)
    return fact_sheet(row.body["facts"], rules.facts, ignore_unknown=True).sheet


def _touched(
    sheet: FactSheet,
    findings: Sequence[DriftFinding],
    seen: _Seen,
    rules: RuleSet,
) -> tuple[FactSheet, list[View]]:
    """Return the sheet with the facts that drifted, and what became of each."""
    changed, told = sheet, []
    for finding in findings:
        if not finding.drifted or finding.fact not in rules.facts:
            continue
        before = changed.get(finding.fact)
        after = _fact(finding, before, seen)
        changed = _with(changed, after) if after else changed
        told.append(
            {
                "fact": finding.fact,
                "because": finding.code,
                "before": _said(before),
                "after": _said(after or before),
                "changed": after is not None,
            }
        )
    return changed, told


def _fact(finding: DriftFinding, known: Fact | None, seen: _Seen) -> Fact | None:
    """Return a fact as the finding has it, None where it says nothing new."""
    if finding.code == "score_decay":
        return _score(finding, known, seen)
    make: Mapping[str, Callable[[Fact | None, _Seen], bool | str | int | None]] = {
        "examples_represent_production": lambda *_: False,
        "labels_or_rules_change_often": lambda *_: True,
        "knowledge_changes": _pace,
        "tokens_in": _tokens,
    }
    value = make[finding.fact](known, seen)
    if value is None or (known is not None and known.value == value):
        return None
    return Fact(finding.fact, value, evidence=seen.evidence, on=seen.on)


def _score(finding: DriftFinding, known: Fact | None, seen: _Seen) -> Fact:
    """Return the score on later examples; what measured it is the same model."""
    evidence = Evidence(EvidenceKind.RUN, seen.run) if seen.run else seen.evidence
    fact = known if known and known.measured else Fact(finding.fact, None)
    return replace(
        fact,
        value=round(finding.value, 4),
        low=round(finding.low, 4),
        high=round(finding.high, 4),
        evidence=fact.evidence if fact is known else evidence,
        on=seen.on,
    )


def _with(sheet: FactSheet, fact: Fact) -> FactSheet:
    """Return a sheet with a fact; comparisons of a score that fell hold no longer."""
    option = fact.name.removesuffix("_score")
    kept = tuple(c for c in sheet.comparisons if option not in (c.a, c.b))
    return replace(sheet.with_facts(fact), comparisons=kept)


def _pace(known: Fact | None, seen: _Seen) -> str | None:
    """Return how often knowledge changes at the least, None where that is known.

    That something changed since the model was made shows one change in that time:
    within a day, a week, or longer (monthly: "static" is ruled out).
    """
    shown = "daily" if seen.days <= 1 else "weekly" if seen.days <= 7 else "monthly"
    said = known.value if known else None
    if said in _PACES and _PACES.index(str(said)) >= _PACES.index(shown):
        return None
    return shown


def _tokens(known: Fact | None, seen: _Seen) -> int | None:
    """Return the tokens of a request with what prompts grew by; unknown stays so."""
    if known is None or not isinstance(known.value, int | float):
        return None
    return max(1, round(known.value + seen.longer_by / _CHARACTERS))


def _said(fact: Fact | None) -> View | None:
    if fact is None:
        return None
    return {"value": fact.value, "low": fact.low, "high": fact.high}
