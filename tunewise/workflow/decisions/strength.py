"""How strong the evidence for a choice is, in a word: what its score rests on."""

from tracker.decision_row import DecisionRow
from tunewise.domain.errors import FactError
from tunewise.domain.facts import EvidenceKind, Fact, FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import fact_sheet

_MEASURED, _IMPORTED, _STATED = "measured here", "imported", "stated"
_ASSUMED, _RULES = "assumed", "rules only"


def score_of(row: DecisionRow, rules: RuleSet | None, option: str) -> Fact | None:
    """Return the score of an option, as the facts of the decision have it."""
    if rules is None:
        return None
    try:
        sheet = fact_sheet(row.body["facts"], rules.facts, ignore_unknown=True).sheet
    except FactError:  # told by what compares the verdicts
        sheet = FactSheet()
    return sheet.get(f"{option}_score")


def strength(score: Fact | None) -> str:
    """Return what stands behind a score, "rules only" where there is none."""
    if score is None:
        return _RULES
    kinds = {
        EvidenceKind.RUN: _MEASURED,
        EvidenceKind.EXPERIMENT: _MEASURED,
        EvidenceKind.IMPORTED: _IMPORTED,
        EvidenceKind.ASSUMED: _ASSUMED,
    }
    return kinds.get(score.evidence.kind, _STATED)
