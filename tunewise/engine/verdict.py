"""A rule set and a fact sheet in, one verdict out, with everything it rests on.

truths (durable-rules or reference)  -->  rank  -->  recommended, margin
                                     -->  findings, not matched, next steps
WhatIf  -->  lead, flips, what to ask next
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tunewise.domain.decision import (
    Finding,
    NextStep,
    Verdict,
)
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import Option, RuleSet, Truth
from tunewise.engine import durable_adapter
from tunewise.engine.arms import arms_of
from tunewise.engine.base_models import shortlist
from tunewise.engine.explain import flips, lead
from tunewise.engine.questions import by_influence, next_question, outlook
from tunewise.engine.ranking import Ranking
from tunewise.engine.readings import CriterionReading, read_criteria
from tunewise.engine.reference import evaluate
from tunewise.engine.source_text import listed
from tunewise.engine.training import configure
from tunewise.engine.weighing import (
    SCORES,
    STRONGER,
    TUNING,
    findings_of,
    not_matched_of,
)
from tunewise.engine.what_if import WhatIf

REFERENCE = "reference 1"
HELDOUT = "heldout_examples"
_EXAMPLES = 200  # what is said where nobody has named a number
ENGINES = ("auto", "reference", "durable")


@dataclass(frozen=True, slots=True)
class _Engine:
    """Which evaluator decided, and which criteria it found to match."""

    name: str
    fired: frozenset[str]
    warnings: tuple[str, ...] = ()


def advise(
    rule_set: RuleSet, sheet: FactSheet, *, today: dt.date, engine: str = "auto"
) -> Verdict:
    """Return what the rule set says about this sheet.

    Parameters
    ----------
    engine : {"auto", "durable", "reference"}
        ``auto`` takes durable-rules where it is installed; every call of it is
        checked against the reference evaluator.

    Raises
    ------
    EnvironmentProblem
        If ``durable`` is asked for and not installed.
    EngineMismatch
        If the two evaluators disagree, which is a bug.
    """
    what_if = WhatIf(rule_set, sheet)
    readings = read_criteria(rule_set.criteria, sheet)
    decided = _evaluate(what_if, engine, readings)
    matched = [c for c in rule_set.criteria if c.id in decided.fired]
    ranking = what_if.today
    weighed = ranking.weighed
    findings = by_weight(findings_of(matched, readings, weighed))
    tunable = any(o not in weighed.ruled_out for o in TUNING)
    flipping, seen = flips(what_if), outlook(what_if)
    return Verdict(
        recommended=ranking.recommended,
        because=_because(ranking, findings),
        runner_up=ranking.runner_up,
        margin=ranking.margin,
        lead=lead(what_if),
        basis="rules" if ranking.judgement is None else "measured",
        totals=weighed.totals,
        ruled_out=weighed.ruled_out,
        findings=findings,
        not_matched=not_matched_of(readings),
        unknown=tuple(n for n in by_influence(what_if, seen) if sheet.get(n) is None),
        assumed=_assumed(findings),
        next_question=next_question(what_if, seen),
        next_steps=_next_steps(ranking, findings, sheet),
        flips=flipping.found,
        searched=flipping.search,
        base_models=shortlist(rule_set, sheet, ranking.recommended, today=today),
        training=configure(rule_set, sheet) if tunable else {},
        warnings=(
            *_warnings(ranking, sheet),
            *_stale(sheet, today),
            *_switched_off(rule_set, sheet),
            *decided.warnings,
        ),
        rule_set=rule_set.digest,
        engine=decided.name,
        variant=_variant(ranking.recommended, findings),
    )


def by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return vetoes first, then the heaviest weights, then mere names of variants."""
    return tuple(sorted(findings, key=lambda f: (not f.veto, -abs(f.weight))))


def _evaluate(
    what_if: WhatIf, engine: str, readings: Mapping[str, CriterionReading]
) -> _Engine:
    if engine not in ENGINES:
        raise ValueError(f"engine = {engine!r} is none of {', '.join(ENGINES)}")
    if engine != "reference" and durable_adapter.available():
        fired = durable_adapter.evaluate_criteria(
            what_if.rule_set, what_if.sheet, readings=readings
        )
        return _Engine(durable_adapter.DURABLE, fired)
    if engine == "durable":
        raise EnvironmentProblem(
            "durable-rules is not installed here\n"
            "  Install tunewise[rules] (it needs a C compiler), or take the reference "
            "evaluator."
        )
    warnings: tuple[str, ...] = ()
    if engine == "auto":
        warnings = ("durable-rules is not installed; the reference evaluator decided.",)
    return _Engine(REFERENCE, what_if.matched, warnings)


def _because(ranking: Ranking, findings: Iterable[Finding]) -> str:
    if ranking.judgement is not None:
        return ranking.judgement.because
    option, totals = ranking.recommended, ranking.weighed.totals
    speaking = sorted(
        (f for f in findings if f.option is option and f.weight > 0),
        key=lambda f: -f.weight,
    )
    if totals[option] <= 0 or not speaking:
        return _because_nothing_speaks(ranking)
    against = ""
    if ranking.runner_up is not None:
        against = f", against {totals[ranking.runner_up]} for {ranking.runner_up}"
        if ranking.margin == 0:
            against += ", and is the cheaper of the two"
    reason = speaking[0].because.rstrip(".")
    return f"{reason}: {option} has a total of {totals[option]}{against}."


def _because_nothing_speaks(ranking: Ranking) -> str:
    if ranking.set_aside is not None:
        return (
            f"The scores speak for {ranking.set_aside.recommended}, but the prompt was "
            "not measured on the strongest allowed model, and nothing else decides."
        )
    if ranking.weighed.ruled_out:
        out = listed(o.value for o in ranking.weighed.ruled_out)
        return f"Nothing speaks for an option that is not ruled out ({out})."
    return "Nothing that is known speaks for any option yet."


def _assumed(findings: Iterable[Finding]) -> tuple[str, ...]:
    facts = (fact for finding in findings for fact in finding.facts)
    return tuple(dict.fromkeys(f.name for f in facts if f.assumed))


def _variant(option: Option, findings: Iterable[Finding]) -> str:
    named = [f for f in findings if f.option is option and f.variant and f.weight >= 0]
    return max(named, key=lambda f: f.weight).variant if named else ""


def _next_steps(
    ranking: Ranking, findings: tuple[Finding, ...], sheet: FactSheet
) -> tuple[NextStep, ...]:
    steps = list(_measure_prompt(ranking, sheet))
    if ranking.judgement is not None:
        steps += ranking.judgement.next_steps
    steps += [
        NextStep(f.next_step, f.who, f.because)
        for option in (ranking.recommended, Option.DEFER)
        for f in findings
        if f.option is option and f.next_step
    ]
    steps += _measure(ranking, sheet)
    return tuple({s.action: s for s in reversed(steps)}.values())[::-1]


def _measure(ranking: Ranking, sheet: FactSheet) -> list[NextStep]:
    if ranking.judgement is not None or ranking.recommended is Option.DEFER:
        return []
    measured = [a.option.value for a in arms_of(sheet)]
    if len(measured) > 1:
        return []
    what = "no option has been" if not measured else f"only {measured[0]} has been"
    worth = [ranking.recommended, *([ranking.runner_up] if ranking.runner_up else [])]
    worth = [o for o in worth if ranking.weighed.totals[o] > 0]
    names = listed(dict.fromkeys([Option.PROMPT, *worth]))
    have = sheet.value(HELDOUT)
    if isinstance(have, int) and have > 0:
        show = f"your {have} held-out examples show a difference of {_shown_by(have)}"
    else:
        show = (
            f"{_EXAMPLES} held-out examples show a difference of {_shown_by(_EXAMPLES)}"
        )
    return [
        NextStep(
            f"Measure {names} on the same held-out examples: tunewise experiment run "
            "experiment.toml",
            "the person who has the examples",
            f"{what} measured on your data; {show} or more, if a quarter of the "
            "answers differ",
        )
    ]


def _shown_by(examples: int) -> str:
    """Return the smallest difference that a paired comparison shows.

    Two-sided 5 %, 80 % power: n = (1.96 + 0.84)^2 d / delta^2, where a share d = 0.25
    of the pairs differ (Connor 1987, Biometrics 43, for McNemar's test).
    """
    return f"{min(2.8 * math.sqrt(0.25 / examples), 1):.2f}"


def _measure_prompt(ranking: Ranking, sheet: FactSheet) -> list[NextStep]:
    if not (ranking.set_aside or ranking.weighed.discounted):
        return []
    return [
        NextStep(
            "Measure the prompt on the strongest allowed model",
            "ML engineer",
            _stronger(sheet),
        )
    ]


def _stronger(sheet: FactSheet) -> str:
    prompt = sheet.get(SCORES[Option.PROMPT])
    on = f" ({prompt.model})" if prompt is not None and prompt.model else ""
    if sheet.value(STRONGER) is True:
        return f"a stronger model than the measured one{on} is allowed"
    return f"whether a stronger model than the measured one{on} is allowed is unknown"


def _warnings(ranking: Ranking, sheet: FactSheet) -> list[str]:
    warnings = list(ranking.judgement.warnings) if ranking.judgement else []
    if ranking.set_aside is not None:
        warnings.append(
            f"The scores speak for {ranking.set_aside.recommended}, but "
            f"{_stronger(sheet)}: they carry no weight for tuning, and the criteria "
            "decided."
        )
    if ranking.weighed.discounted:
        warnings.append(
            f"{listed(ranking.weighed.discounted)}: no weight for tuning, because "
            f"{_stronger(sheet)}."
        )
    return warnings


def _switched_off(rule_set: RuleSet, sheet: FactSheet) -> list[str]:
    return [
        f"{off.criterion.id} would match and is switched off by {off.by}: {off.because}"
        for off in rule_set.switched_off
        if evaluate(off.criterion.when, sheet) is Truth.HOLDS
    ]


def _stale(sheet: FactSheet, today: dt.date) -> list[str]:
    return [
        f"{fact.name} was valid until {fact.valid_until}: ask again."
        # by name, as a record keeps them: a replay must give the same verdict
        for fact in sorted(sheet, key=lambda fact: fact.name)
        if fact.valid_until and fact.valid_until < today.isoformat()
    ]
