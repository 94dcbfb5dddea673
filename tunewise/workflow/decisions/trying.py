"""What the rules would say of a decision if some of its facts were others.

    facts of the record, changed  --rules of today-->  a verdict, beside the recorded

Nothing is kept: whoever asks brings the changes along, and may propose a successor
with them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from tracker import decisions as records
from tunewise.domain.errors import FactError
from tunewise.domain.facts import FactDefinition
from tunewise.domain.rules import RuleSet
from tunewise.workflow.advice import give_advice
from tunewise.workflow.decisions.shown import show
from tunewise.workflow.facts import checked_sheet
from tunewise.workflow.home import Home
from tunewise.workflow.intake import read
from tunewise.workflow.rules.verdict_changes import because_of, criteria_between
from tunewise.workflow.views import View

Raw = dict[str, Any]


def attempt(
    home: Home,
    id: str,
    typed: Mapping[str, str],
    *,
    unknown: Collection[str] = (),
    people: Mapping[str, str] | None = None,
) -> View:
    """Return the verdict on a decision's facts with some changed.

    Parameters
    ----------
    typed : by fact, the new value as a person typed it; "" leaves it as it is
    unknown : facts that shall count as unknown
    people : by fact, who says so; the others count as assumed

    Returns
    -------
    dict
        ``decision`` as ``decisions.show`` has it, ``fields`` (the facts that matter
        first: ``matters``), ``changed`` (names), ``facts`` as a proposal takes them,
        ``other_rules`` (today's are not those of the record), ``ignored`` (facts that
        today's do not know), ``verdict`` (None where they cannot be taken),
        ``because`` (criteria that moved it, heaviest first) and ``errors`` by fact, ""
        for what concerns several.
    """
    rules = home.rules()
    decision = show(home, id)
    with home.store() as store:
        recorded: Raw = dict(records.get(store, id).body["facts"])
    known = {n: said for n, said in recorded["facts"].items() if n in rules.facts}
    said, errors = read(rules, typed, people or {})
    facts = {**known, **said}
    for name in unknown:
        facts.pop(name, None)
    raw = {**recorded, "facts": facts}  # paired comparisons were measured, and stay
    view: View = {
        "decision": decision,
        "fields": [
            _field(rules.facts[name], decision, name in matters)
            for matters in [set(_matters(decision))]
            for name in sorted(rules.facts, key=lambda n: n not in matters)
        ],
        "changed": sorted(n for n in {*said, *unknown} if facts.get(n) != known.get(n)),
        "facts": raw,
        "other_rules": rules.digest != decision["rule_set"],
        "ignored": sorted(recorded["facts"].keys() - known.keys()),
        "verdict": None,
        "because": [],
        "errors": errors,
    }
    try:
        checked_sheet(raw, rules)
        view["verdict"] = give_advice(home, raw)
    except FactError as error:
        errors[""] = str(error)
        return view
    before, after = decision["verdict"], view["verdict"]
    view["because"] = _titled(
        because_of(criteria_between(before, after), before, after), rules
    )
    return view


def _matters(decision: View) -> Iterator[str]:
    """Yield the facts that the verdict rests on, or that may turn it."""
    verdict = decision["verdict"]
    yield from verdict["unknown"]
    yield from verdict["assumed"]
    for flip in verdict["flips"]:
        yield from flip["change"]
    for finding in verdict["findings"]:
        yield from (
            f["name"] if isinstance(f, Mapping) else f for f in finding["facts"]
        )


def _field(definition: FactDefinition, decision: View, matters: bool) -> View:
    return {
        "name": definition.name,
        "question": definition.question,
        "type": definition.type.value,
        "values": list(definition.values),
        "unit": definition.unit,
        "group": definition.group,
        "recorded": decision["facts"].get(definition.name),
        "matters": matters,
    }


def _titled(criteria: Sequence[View], rules: RuleSet) -> list[View]:
    titles = {c.id: c.title for c in rules.criteria}
    return [
        {**c, "title": titles.get(c["criterion"], c["criterion"])} for c in criteria
    ]
