"""Conditions: a TOML table of tests becomes a tree, and a tree becomes words.

    [when]                                        AllOf(
    knowledge_changes = { in = ["daily"] }   ->     Leaf("knowledge_changes", IN, …),
    [[when.any]]                                    AnyOf(AllOf(…), …))

Everything is checked against the fact dictionary here, so that the evaluators
never meet a test that its fact cannot answer.
"""

from collections.abc import Iterator, Mapping

from tunewise.domain.facts import FactDefinition, FactType, Scalar
from tunewise.domain.rules import (
    AllOf,
    AnyOf,
    Condition,
    FactReference,
    Leaf,
    Operator,
)
from tunewise.engine.source_text import (
    Section,
    is_finite,
    iso_date,
    listed,
    shown,
    suggest,
)

Definitions = Mapping[str, FactDefinition]

# 20 criteria of 12 tests fit into one fact of durable-rules (durable_adapter).
MAX_CONJUNCTS = 12

_EQUAL = (Operator.IS, Operator.NOT)
_ORDER = (Operator.AT_LEAST, Operator.AT_MOST, Operator.ABOVE, Operator.BELOW)
_NUMERIC = (FactType.INTEGER, FactType.NUMBER)
OPERATORS: Mapping[FactType, tuple[Operator, ...]] = {
    FactType.BOOL: (*_EQUAL, Operator.KNOWN),
    FactType.ENUM: (*_EQUAL, Operator.IN, Operator.KNOWN),
    FactType.TEXT: (*_EQUAL, Operator.IN, Operator.KNOWN),
    FactType.INTEGER: tuple(Operator),
    FactType.NUMBER: tuple(Operator),
    FactType.DATE: tuple(Operator),
}
_WORDS: Mapping[Operator, str] = {
    Operator.IS: "",
    Operator.NOT: "other than ",
    Operator.IN: "",
    Operator.AT_LEAST: "at least ",
    Operator.AT_MOST: "at most ",
    Operator.ABOVE: "above ",
    Operator.BELOW: "below ",
}


def read_condition(table: Section, definitions: Definitions) -> AllOf:
    """Return the tree of a table in which all tests must hold."""
    conditions: list[Condition] = []
    for key in table.table:
        if key == "any":
            branches = table.sections("any")
            conditions.append(
                AnyOf(tuple(read_condition(b, definitions) for b in branches))
            )
        else:
            conditions.extend(_leaves(table, key, definitions))
    if len(conditions) > MAX_CONJUNCTS:
        raise table.error(
            None,
            f"{len(conditions)} tests in one table, more than {MAX_CONJUNCTS}",
            "Split the criterion: nobody can review so many at once.",
        )
    return AllOf(tuple(conditions))


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield every leaf of a tree, in file order."""
    if isinstance(condition, Leaf):
        yield condition
    else:
        for child in condition.conditions:
            yield from leaves(child)


def facts_of(condition: Condition) -> tuple[str, ...]:
    """Return every fact that a condition tests or refers to, once, in order."""
    names: dict[str, None] = {}
    for leaf in leaves(condition):
        names[leaf.fact] = None
        if isinstance(leaf.operand, FactReference):
            names[leaf.operand.fact] = None
    return tuple(names)


def comparable(one: FactDefinition, other: FactDefinition) -> bool:
    """Return whether a fact can be tested against another: same type, or numbers."""
    both_numeric = one.type in _NUMERIC and other.type in _NUMERIC
    return one.name != other.name and (both_numeric or one.type is other.type)


def words(value: object) -> str:
    """Return a value as prose shows it: true, daily, 0.5."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.6g}"
    return str(value)


def describe_operand(leaf: Leaf) -> str:
    """Return what the leaf asks for, e.g. "at least 100" or "weekly or daily"."""
    operand = leaf.operand
    if leaf.operator is Operator.KNOWN:
        return "known" if operand else "unknown"
    if isinstance(operand, FactReference):
        return f"{_WORDS[leaf.operator]}{operand.fact}"
    if isinstance(operand, tuple):
        return listed((words(v) for v in operand), "or")
    return f"{_WORDS[leaf.operator]}{words(operand)}"


def describe(condition: Condition) -> str:
    """Return a condition as one readable line.

    >>> describe(AllOf((Leaf("labels", Operator.AT_LEAST, 3),)))
    'labels is at least 3'
    """
    if isinstance(condition, Leaf):
        return f"{condition.fact} is {describe_operand(condition)}"
    if not condition.conditions:
        return "always"
    parts = [_bracketed(child) for child in condition.conditions]
    return (" and " if isinstance(condition, AllOf) else " or ").join(parts)


def _bracketed(condition: Condition) -> str:
    text = describe(condition)
    compound = not isinstance(condition, Leaf) and len(condition.conditions) > 1
    nested_any = isinstance(condition, AllOf) and any(
        isinstance(child, AnyOf) for child in condition.conditions
    )
    return f"({text})" if compound or nested_any else text


def _leaves(table: Section, name: str, definitions: Definitions) -> list[Leaf]:
    definition = definitions.get(name)
    if definition is None:
        raise table.error(
            name,
            f"unknown fact {name!r}",
            f"facts.toml declares the facts.{suggest(name, definitions)}",
        )
    written = table.table[name]
    if not isinstance(written, dict):
        return [Leaf(name, Operator.IS, _operand(table, definition, "is", written))]
    test = table.section(name)
    if not written:
        raise table.error(name, f"{name} = {{}} asks nothing", "Write the test in it.")
    return [_leaf(test, definition, key, definitions) for key in written]


def _leaf(
    test: Section, definition: FactDefinition, key: str, definitions: Definitions
) -> Leaf:
    operators = OPERATORS[definition.type]
    if key not in operators:
        known = [o.value for o in operators]
        raise test.error(
            key,
            f"{definition.name} cannot be asked {key!r}",
            f"A fact of type {definition.type} is asked {listed(known, 'or')}."
            + suggest(key, known),
        )
    operator, written = Operator(key), test.table[key]
    if operator is Operator.KNOWN:
        return Leaf(definition.name, operator, test.boolean(key))
    if operator is Operator.IN:
        return Leaf(definition.name, operator, _choices(test, definition, written))
    if isinstance(written, dict):
        reference = _reference(test.section(key), definition, definitions)
        return Leaf(definition.name, operator, reference)
    return Leaf(definition.name, operator, _operand(test, definition, key, written))


def _choices(
    test: Section, definition: FactDefinition, written: object
) -> tuple[Scalar, ...]:
    if not isinstance(written, list) or not written:
        raise test.error(
            "in", f"in = {shown(written)} is not a list", 'Write in = ["a", "b"].'
        )
    values = tuple(_operand(test, definition, "in", v) for v in written)
    if len(set(values)) < len(values):
        raise test.error("in", f"in = {shown(written)} repeats itself", "Name it once.")
    return values


def _reference(
    table: Section, definition: FactDefinition, definitions: Definitions
) -> FactReference:
    table.only(("fact",), "A reference to another fact")
    name = table.text("fact")
    other = definitions.get(name)
    if other is None:
        raise table.error(
            "fact",
            f"unknown fact {name!r}",
            f"facts.toml declares the facts.{suggest(name, definitions)}",
        )
    if not comparable(definition, other):
        raise table.error(
            "fact",
            f"{definition.name} ({definition.type}) cannot be compared with "
            f"{name} ({other.type})",
            "Compare it with another fact of the same type.",
        )
    return FactReference(name)


def _operand(
    table: Section, definition: FactDefinition, key: str, written: object
) -> Scalar:
    where = definition.name if key == "is" and definition.name in table.table else key
    value = _typed(definition, written)
    if value is None:
        raise table.error(
            where,
            f"{definition.name}: {shown(written)} is not {allowed(definition)}",
            _typed_hint(definition, written),
        )
    return value


def _typed_hint(definition: FactDefinition, written: object) -> str:
    if isinstance(written, list):
        return 'For one of several values write { in = ["a", "b"] }.'
    hint = suggest(written, definition.values) if isinstance(written, str) else ""
    return f"facts.toml gives {definition.name} the type {definition.type}.{hint}"


def _typed(definition: FactDefinition, written: object) -> Scalar | None:
    try:
        return typed_value(definition, written)
    except ValueError:
        return None


def allowed(definition: FactDefinition) -> str:
    """Return what a fact's value may be, in words: "one of a, b or c"."""
    match definition.type:
        case FactType.BOOL:
            return "true or false"
        case FactType.ENUM:
            return f"one of {listed(definition.values, 'or')}"
        case FactType.DATE:
            return "a date (2026-11-23)"
        case FactType.TEXT:
            return "a text"
    noun = "an integer" if definition.type is FactType.INTEGER else "a number"
    low, high = definition.low, definition.high
    if low is not None and high is not None:
        return f"{noun} from {words(low)} to {words(high)}"
    if low is not None:
        return f"{noun} of at least {words(low)}"
    return noun if high is None else f"{noun} of at most {words(high)}"


def typed_value(definition: FactDefinition, written: object) -> Scalar:
    """Return the value in the fact's own type; ValueError where it has none."""
    kind = definition.type
    if kind in _NUMERIC:
        return _number(definition, written)
    if kind is FactType.BOOL and isinstance(written, bool):
        return written
    if kind is FactType.TEXT and isinstance(written, str):
        return written
    if kind is FactType.ENUM and written in definition.values:
        return str(written)
    day = iso_date(written) if kind is FactType.DATE else None
    if day is None:
        raise ValueError(f"{written!r} is not {allowed(definition)}")
    return day


def _number(definition: FactDefinition, written: object) -> int | float:
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise ValueError(f"{written!r} is no number")
    if not is_finite(written):
        raise ValueError("not finite")
    low, high = definition.low, definition.high
    if (low is not None and written < low) or (high is not None and written > high):
        raise ValueError("out of range")
    if definition.type is FactType.NUMBER:
        return float(written)
    if written != int(written):
        raise ValueError(f"{written!r} is no integer")
    return int(written)
