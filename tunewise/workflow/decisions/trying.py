"""A decision's facts, changed to see what the rules would say; records nothing.

    facts of the record + what somebody changed -> verdict, beside the recorded one

A fact that stays as it is keeps its evidence; one that is changed counts as assumed,
an empty one as unknown. Rules and date are those of today.
"""

from collections.abc import Mapping
from typing import Any

from tracker import decisions as records
from tracker.decision_row import DecisionRow
from tunewise.domain.errors import FactError
from tunewise.domain.facts import FactDefinition, FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import fact_sheet, read_answer
from tunewise.workflow.advice import give_advice
from tunewise.workflow.decisions.acts import supersede
from tunewise.workflow.decisions.seen import newest
from tunewise.workflow.facts import checked_sheet
from tunewise.workflow.home import Home
from tunewise.workflow.rules.verdict_changes import because_of, criteria_between
from tunewise.workflow.views import View, fact_view, facts_view


def try_facts(
    home: Home, id: str, typed: Mapping[str, str], *, every: bool = False
) -> View:
    """Return what the rules would say if these facts were otherwise.

    Parameters
    ----------
    typed : by fact, as a person typed it; one that is left out stays as recorded
    every : whether ``fields`` has every fact, or those only that can matter

    Returns
    -------
    dict
        ``fields`` (each fact with its question, what is recorded and what is tried),
        ``changed`` (those of them that were changed), ``recorded`` and ``verdict``
        (None where answers cannot be taken), ``criteria`` that differ between the two,
        ``because`` (those that turned it), ``flips`` of the record with the answers
        that lead there, ``errors`` by fact, ``ignored`` facts that are no longer
        asked, and ``seen``, the newest entry of the log about it.
    """
    rules = home.rules()
    with home.store() as store:
        row, seen = records.get(store, id), newest(store, id)
    said = fact_sheet(row.body["facts"], rules.facts, ignore_unknown=True)
    raw, errors = _tried(row, said.sheet, rules, typed)
    recorded: View = dict(row.body["verdict"])
    verdict, sheet = None, said.sheet
    try:
        sheet = checked_sheet(raw, rules)
    except FactError as error:  # two answers contradict each other
        errors[""] = str(error)
    else:
        verdict = give_advice(home, raw)
    changed = {name for name in raw["facts"] | _entries(row) if _moved(row, raw, name)}
    changed |= errors.keys() & rules.facts.keys()
    shown = rules.facts if every else _matter(recorded, verdict) | changed
    criteria = criteria_between(recorded, verdict) if verdict else []
    titles = {criterion.id: criterion.title for criterion in rules.criteria}
    fields = [
        _field(definition, said.sheet, typed, changed)
        for definition in rules.facts.values()
        if definition.name in shown
    ]
    return {
        "decision": row.id,
        "title": row.title,
        "status": row.status.value,
        "choice": row.choice or None,
        "fields": fields,
        "changed": [field for field in fields if field["changed"]],
        "recorded": recorded,
        "verdict": verdict,
        "turned": bool(verdict) and verdict["recommended"] != recorded["recommended"],
        "other_rules": row.body["rule_set"] != rules.digest,
        "criteria": [
            {**entry, "title": titles.get(entry["criterion"], entry["criterion"])}
            for entry in criteria
        ],
        "because": [
            entry["criterion"]
            for entry in (because_of(criteria, recorded, verdict) if verdict else [])
        ],
        "flips": [
            {**flip, "answers": {k: as_typed(v) for k, v in flip["change"].items()}}
            for flip in recorded["flips"]
        ],
        "facts": raw,
        "sheet": facts_view(sheet),
        "errors": errors,
        "ignored": list(said.ignored),
        "seen": seen,
        "every": every,
    }


def propose_tried(home: Home, id: str, typed: Mapping[str, str], *, seen: str) -> View:
    """Propose a successor with the facts as they were tried.

    Raises
    ------
    FactError
        If an answer cannot be taken.
    Stale
        If the log has an entry about the decision that is newer than ``seen``.
    """
    tried = try_facts(home, id, typed)
    if tried["errors"]:
        raise FactError("\n".join(tried["errors"].values()))
    with home.store() as store:
        row = records.get(store, id)
    return supersede(
        home,
        id,
        tried["facts"],
        documents=None,
        labels=row.body.get("labels", []),
        accept_because=row.body.get("accepted_because", ""),
        seen=seen,
    )


def as_typed(value: object) -> str:
    """Return a value as a person would type it; "" for one that is unknown.

    >>> as_typed(True), as_typed(None), as_typed(1200), as_typed(0.5)
    ('yes', '', '1200', '0.5')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _tried(
    row: DecisionRow, sheet: FactSheet, rules: RuleSet, typed: Mapping[str, str]
) -> tuple[View, dict[str, str]]:
    """Return the facts as a proposal takes them, and a message for each wrong one."""
    facts = {n: e for n, e in _entries(row).items() if n in rules.facts}
    errors: dict[str, str] = {}
    for name, text in typed.items():
        if name not in rules.facts:
            checked_sheet({name: text}, rules)  # says which name may be meant
        fact = sheet.get(name)
        if fact is not None and text.strip() == as_typed(fact.value):
            continue
        try:
            value = read_answer(text, rules.facts[name])
            if value is not None:
                checked_sheet({name: value}, rules)
        except FactError as error:
            errors[name] = str(error)
            continue
        if value is None and (fact is None or fact.value is None):
            continue
        if fact is not None and value == fact.value:
            continue  # written otherwise, such as 1,200
        facts.pop(name, None)
        if value is not None:
            facts[name] = value
    comparisons = row.body["facts"].get("comparisons", [])
    return {
        "facts": facts,
        **({"comparisons": comparisons} if comparisons else {}),
    }, errors


def _entries(row: DecisionRow) -> View:
    entries: View = row.body["facts"]["facts"]
    return entries


def _moved(row: DecisionRow, raw: Mapping[str, Any], name: str) -> bool:
    return bool(raw["facts"].get(name) != _entries(row).get(name))


def _matter(recorded: View, verdict: View | None) -> set[str]:
    """Return the facts that decided, that could turn it, and that are not sure."""
    names: set[str] = set()
    for said in (recorded, verdict or {}):
        for finding in said.get("findings", ()):
            names |= finding["facts"].keys()
        for flip in said.get("flips", ()):
            names |= flip["change"].keys()
        names.update(said.get("unknown", ()), said.get("assumed", ()))
    return names


def _field(
    definition: FactDefinition,
    sheet: FactSheet,
    typed: Mapping[str, str],
    changed: set[str],
) -> View:
    fact = sheet.get(definition.name)
    recorded = as_typed(fact.value) if fact else ""
    return {
        "name": definition.name,
        "question": definition.question,
        "type": definition.type.value,
        "values": list(definition.values),
        "unit": definition.unit,
        "recorded": recorded,
        "fact": fact_view(fact) if fact else None,
        "tried": typed.get(definition.name, recorded).strip(),
        "changed": definition.name in changed,
    }
