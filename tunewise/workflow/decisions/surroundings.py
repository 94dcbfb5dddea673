"""What the report of a decision says beside its record.

criteria      the text of each that matched, by the rule files of the decision
kinds         what those do that did not match, by the same files
base models   licence and end of life, by the same files
strength      of the evidence for the choice, in a word
asked again   what today's rules say of the same facts; no part of the record
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tracker import decisions as records
from tracker.decision_row import DecisionRow
from tunewise.domain.errors import FactError, TunewiseError
from tunewise.domain.rules import BaseModel, Criterion, RuleSet
from tunewise.engine.conditions import describe
from tunewise.engine.intake import fact_sheet
from tunewise.engine.kinds import Kind, kind_of
from tunewise.engine.what_if import WhatIf
from tunewise.workflow.decisions.shown import rules_of
from tunewise.workflow.decisions.strength import score_of, strength
from tunewise.workflow.home import Home
from tunewise.workflow.rules.replay import replay
from tunewise.workflow.views import View

ASKED_AGAIN = "asked_again"  # depends on the day and on today's rules


def around(home: Home, view: Mapping[str, Any]) -> View:
    """Return what belongs beside the record ``view`` of a decision in its report."""
    with home.store() as store:
        row = records.get(store, view["id"])
    rules = rules_of(home, row)
    matched = {f["criterion"] for f in view["verdict"]["findings"]}
    not_matched = {n["criterion"] for n in view["verdict"]["not_matched"]}
    named = set(_models(view))
    option = row.choice or row.recommended
    return {
        "criteria": {c.id: _criterion(c) for c in rules.criteria if c.id in matched},
        "not_matched_kinds": _kinds(c for c in rules.criteria if c.id in not_matched),
        "base_models": [_model(m) for m in rules.base_models if m.id in named],
        "strength": strength(score_of(row, rules, option)),
    }


def asked_again(home: Home, id: str) -> View:
    """Return what the rules of today recommend on the facts of the record.

    Where that changed it takes as long as advising: a report waits, a page does not.
    """
    asked: View = {"on": home.today().isoformat(), "rule_set": "", "because": []}
    try:
        rules = home.rules()
        with home.store() as store:
            row = records.get(store, id)
        if (same := _unchanged(row, rules)) is not None:
            return {
                **asked,
                "rule_set": rules.digest,
                "recommended": same,
                "error": None,
            }
        said = replay(home, [id])  # says what moved it, and takes ten times as long
    except TunewiseError as error:  # the rules of today cannot be read
        return {**asked, "recommended": None, "error": str(error).splitlines()[0]}
    (found,) = said["decisions"]
    return {
        **asked,
        "rule_set": said["rule_set"],
        "recommended": found["after"]["recommended"] if found["after"] else None,
        "because": found["because"],
        "error": found["error"],
    }


def _unchanged(row: DecisionRow, rules: RuleSet) -> str | None:
    """Return what is recommended still, None where it changed or cannot be asked."""
    try:
        sheet = fact_sheet(row.body["facts"], rules.facts, ignore_unknown=True).sheet
    except FactError:
        return None
    found = WhatIf(rules, sheet).today.recommended.value
    return found if found == row.recommended else None


def _criterion(criterion: Criterion) -> View:
    return {
        "title": criterion.title,
        "when": describe(criterion.when),
        "since": criterion.since,
        "source": criterion.source,
        "origin": criterion.origin,
    }


def _kinds(criteria: Iterable[Criterion]) -> dict[str, list[str]]:
    """Return the ids of criteria by what they do, in the order of a list of them."""
    found: dict[str, list[str]] = {kind.value: [] for kind in Kind}
    for criterion in criteria:
        found[kind_of(criterion).value].append(criterion.id)
    return {kind: ids for kind, ids in found.items() if ids}


def _model(model: BaseModel) -> View:
    return {
        "id": model.id,
        "title": model.title,
        "licence": model.licence,
        "hosted": model.hosted,
        "end_of_life": model.end_of_life,
        "as_of": model.as_of,
        "source": model.source,
    }


def _models(view: Mapping[str, Any]) -> Iterator[str]:
    """Yield the base models that arms ran on."""
    for experiment in view.get("experiment_views", ()):
        for arm in (experiment.get("arms") or {}).values():
            yield arm.get("model") or ""
