"""A rule set as a decision table of zen-engine: the same criteria in its own form.

    criterion, any-branches multiplied out  -->  one row or several, hit policy collect
    fact sheet  -->  JSON; a number is two fields, its lowest and its highest value

Two forms of the same table. ``columns``: one column a fact, as its documentation shows;
the trace then lists the facts of each row that matched. ``expressions``: one expression
a criterion; faster, but the trace says only which rows matched.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from tunewise.domain.facts import FactDefinition, FactSheet, FactType
from tunewise.domain.rules import (
    AllOf,
    Condition,
    FactReference,
    Leaf,
    Operator,
    RuleSet,
)

# A date is the number of its day: zen-engine does not order texts.
_NUMERIC = (FactType.INTEGER, FactType.NUMBER, FactType.DATE)
# A test of a number holds where it holds for the whole range: which end to look at,
# how, and at which end of another fact.
_ENDS = {
    Operator.AT_LEAST: ("low", ">=", "high"),
    Operator.ABOVE: ("low", ">", "high"),
    Operator.AT_MOST: ("high", "<=", "low"),
    Operator.BELOW: ("high", "<", "low"),
}

Facts = Mapping[str, FactDefinition]
View = dict[str, Any]


def columns(rule_set: RuleSet) -> str:
    """Return the JSON of the table with one column a fact."""
    rows = []
    for criterion in rule_set.criteria:
        for leaves in _alternatives(criterion.when):
            row = {"_id": f"{criterion.id}-{len(rows)}", "id": json.dumps(criterion.id)}
            for leaf in leaves:
                field, cell = _cell(leaf, rule_set.facts)
                row[field] = f"{row[field]} and {cell}" if field in row else cell
            rows.append(row)
    fields = sorted({field for row in rows for field in row} - {"_id", "id"})
    empty = dict.fromkeys(fields, "")
    return _table({f: f for f in fields}, [{**empty, **row} for row in rows])


def expressions(rule_set: RuleSet) -> str:
    """Return the JSON of the table with one expression a criterion."""
    rows = [
        {"_id": c.id, "id": json.dumps(c.id), "when": _expression(c.when, rule_set)}
        for c in rule_set.criteria
    ]
    return _table({"when": ""}, rows)


def fields_of(sheet: FactSheet, facts: Facts) -> View:
    """Return a fact sheet as the table reads it."""
    fields: View = {}
    for fact in sheet:
        if facts[fact.name].type in _NUMERIC:
            ends = {f"{fact.name}_low": fact.lower, f"{fact.name}_high": fact.upper}
            fields.update(
                {name: _number(end) for name, end in ends.items() if end is not None}
            )
        else:
            fields[fact.name] = fact.value
    return fields


def _number(value: object) -> object:
    return dt.date.fromisoformat(value).toordinal() if isinstance(value, str) else value


def _alternatives(condition: Condition) -> Iterator[tuple[Leaf, ...]]:
    """Yield the ways in which a condition may hold: tests that must hold together."""
    if isinstance(condition, Leaf):
        yield (condition,)
    elif not isinstance(condition, AllOf):
        for child in condition.conditions:
            yield from _alternatives(child)
    elif not condition.conditions:
        yield ()
    else:
        first, *rest = condition.conditions
        for leaves in _alternatives(first):
            for more in _alternatives(AllOf(tuple(rest))):
                yield leaves + more


def _cell(leaf: Leaf, facts: Facts) -> tuple[str, str]:
    """Return a leaf's field and its cell; ``$`` is the field's value."""
    number = facts[leaf.fact].type in _NUMERIC
    operand = leaf.operand
    if leaf.operator is Operator.KNOWN and not number:
        return leaf.fact, "$ != null" if operand else "$ == null"
    if leaf.operator is Operator.KNOWN:
        # What is known of a number in these sheets has at least one end.
        high = f"{leaf.fact}_high"
        if operand:
            return f"{leaf.fact}_low", f"$ != null or {high} != null"
        return f"{leaf.fact}_low", f"$ == null and {high} == null"
    if leaf.operator in _ENDS:
        end, comparison, other_end = _ENDS[leaf.operator]
        if isinstance(operand, FactReference):
            other = f"{operand.fact}_{other_end}"
            return f"{leaf.fact}_{end}", f"{other} != null and $ {comparison} {other}"
        return f"{leaf.fact}_{end}", f"$ {comparison} {json.dumps(_number(operand))}"
    if isinstance(operand, tuple):
        return leaf.fact, f"$ in {json.dumps(operand)}"
    if number or isinstance(operand, FactReference):
        raise ValueError(f"the shipped criteria have no test like {leaf}")
    if leaf.operator is Operator.NOT:
        return leaf.fact, f"$ != null and $ != {json.dumps(operand)}"
    return leaf.fact, f"$ == {json.dumps(operand)}"


def _expression(condition: Condition, rule_set: RuleSet) -> str:
    if isinstance(condition, Leaf):
        field, cell = _cell(condition, rule_set.facts)
        text = cell.replace("$", field)
        ordered = condition.operator in _ENDS  # raises on null, unlike in a cell
        return f"({field} != null and {text})" if ordered else f"({text})"
    parts = [_expression(child, rule_set) for child in condition.conditions]
    joined = (" and " if isinstance(condition, AllOf) else " or ").join(parts)
    return f"({joined or 'true'})"


def _table(inputs: Mapping[str, str], rows: list[dict[str, str]]) -> str:
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": i, "name": i, "field": f} for i, f in inputs.items()],
        "outputs": [{"id": "id", "name": "id", "field": "id"}],
        "rules": rows,
    }
    names = ("inputNode", "decisionTableNode", "outputNode")
    nodes: list[View] = [
        {"id": name, "name": name, "type": name, "position": {"x": 0, "y": 0}}
        for name in names
    ]
    nodes[1]["content"] = content
    edges = [
        {"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"}
        for a, b in ((names[0], names[1]), (names[1], names[2]))
    ]
    return json.dumps({"nodes": nodes, "edges": edges})
