"""Domain values as the JSON of the public surface (DESIGN section 5), and back.

What is stored, printed with ``--json``, served as a JSON twin and rendered as a
report is the same document; this module is where it is made.
"""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from tunewise.domain.decision import Finding, NotMatched, Verdict
from tunewise.domain.facts import Fact, FactSheet

View = dict[str, Any]


def verdict_view(verdict: Verdict) -> View:
    """Return what ``tunewise advise --json`` prints."""
    return {
        "recommended": verdict.recommended.value,
        "because": verdict.because,
        "variant": verdict.variant,
        "runner_up": verdict.runner_up.value if verdict.runner_up else None,
        "margin": verdict.margin,
        "lead": verdict.lead.value,
        "basis": verdict.basis,
        "ruled_out": {o.value: list(c) for o, c in verdict.ruled_out.items()},
        "totals": {o.value: t for o, t in verdict.totals.items()},
        "findings": [_finding(f) for f in verdict.findings],
        "not_matched": [_not_matched(n) for n in verdict.not_matched],
        "unknown": list(verdict.unknown),
        "assumed": list(verdict.assumed),
        "next_question": asdict(verdict.next_question)
        if verdict.next_question
        else None,
        "next_steps": [asdict(s) for s in verdict.next_steps],
        "flips": [
            {"change": dict(f.change), "recommended": f.recommended.value}
            for f in verdict.flips
        ],
        "searched": asdict(verdict.searched),
        "base_models": [
            {"id": m.id, "because": m.because, "ruled_out_by": list(m.ruled_out_by)}
            for m in verdict.base_models
        ],
        "training": {k: asdict(s) for k, s in verdict.training.items()},
        "warnings": list(verdict.warnings),
        "rule_set": verdict.rule_set,
        "engine": verdict.engine,
    }


def facts_view(sheet: FactSheet) -> View:
    """Return the facts by name, each with its evidence."""
    return {fact.name: fact_view(fact) for fact in sheet}


def fact_view(fact: Fact) -> View:
    """Return one fact; what it does not have is left out."""
    view: View = {"value": fact.value, "evidence": _plain(asdict(fact.evidence))}
    for key in ("low", "high"):
        if getattr(fact, key) is not None:
            view[key] = getattr(fact, key)
    for key in ("model", "on", "valid_until", "stated"):
        if getattr(fact, key):
            view[key] = getattr(fact, key)
    return view


def _finding(finding: Finding) -> View:
    view = asdict(finding) | {
        "option": finding.option.value,
        "facts": {f.name: fact_view(f) for f in finding.facts},
    }
    return view


def _not_matched(criterion: NotMatched) -> View:
    return {
        "criterion": criterion.criterion,
        "failed": list(criterion.failed),
        "waiting_for": list(criterion.waiting_for),
    }


def _plain(value: Mapping[str, Any]) -> View:
    return {k: str(v) if isinstance(v, StrEnum) else v for k, v in value.items()}
