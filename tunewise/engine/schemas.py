"""JSON Schemas (draft 2020-12) of the files that people write for the engine.

    fact dictionary  -->  schema of a fact file, schema of a criterion file

They are for editors and for other programs. What a schema cannot say (that low is
not above high, that a text is not blank) the engine still checks when it reads. A
TOML date is checked as its ISO text.
"""

from collections.abc import Mapping
from typing import Any

from tunewise.domain.facts import Conclusion, EvidenceKind, FactDefinition, FactType
from tunewise.domain.rules import Operator, Option
from tunewise.engine.comparisons import COMPARISON_KEYS, NUMBERS, OPTIONAL, TEXTS
from tunewise.engine.conditions import (
    MAX_CONJUNCTS,
    OPERATORS,
    Definitions,
    comparable,
)
from tunewise.engine.criteria_file import CONSEQUENCE_KEYS, CRITERION_KEYS, HEAVIEST
from tunewise.engine.intake import ENTRY_KEYS, NESTED_KEYS, UNKNOWN

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# A text that says something, and a date as text.
TEXT: Mapping[str, Any] = {"type": "string", "pattern": r"\S"}
DATE: Mapping[str, Any] = {
    "type": "string",
    "format": "date",
    "pattern": r"^\d{4}-\d{2}-\d{2}$",
}

_NUMERIC = (FactType.INTEGER, FactType.NUMBER)
_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}


def facts_schema(definitions: Definitions) -> Schema:
    """Return the schema of a fact file: flat, or its facts under ``facts``."""
    return {
        "$schema": DIALECT,
        "title": "Fact file",
        "$ref": "#/$defs/fact_file",
        "$defs": fact_file_definitions(definitions),
    }


def fact_file_definitions(definitions: Definitions) -> Schema:
    """Return ``$defs`` with a ``fact_file``, for this schema and for others."""
    comparisons = {"$ref": "#/$defs/comparisons"}
    same = {name: {"$ref": f"#/$defs/facts/properties/{name}"} for name in definitions}
    nested = {
        "facts": {"$ref": "#/$defs/facts"},
        "comparisons": comparisons,
        "title": True,
    }
    return {
        "fact_file": {
            "type": "object",
            "if": {"required": ["facts"]},
            "then": closed_object({key: nested[key] for key in NESTED_KEYS}),
            "else": closed_object({**same, "comparisons": comparisons}),
        },
        "facts": closed_object({name: _entry(d) for name, d in definitions.items()}),
        "comparisons": {"type": ["array", "null"], "items": _comparison()},
        "evidence": _evidence(),
        "model": {"type": ["string", "null"]},
        "day": {"anyOf": [DATE, {"enum": ["", None]}]},
    }


def criterion_schema(definitions: Definitions) -> Schema:
    """Return the schema of a criterion file, its tests typed by the facts."""
    keys = {
        "title": TEXT,
        "since": {**DATE, "description": "the version of the rule set it came with"},
        "source": TEXT,
        "supported_by": {**_TEXTS, "description": "ids of published cases"},
        "contradicted_by": {**_TEXTS, "description": "ids of published cases"},
        "note": {"type": "string"},
        "when": {"$ref": "#/$defs/tests"},
        "then": {"type": "array", "minItems": 1, "items": _consequence()},
    }
    return {
        "$schema": DIALECT,
        "title": "Criterion",
        **closed_object(
            {key: keys[key] for key in CRITERION_KEYS},
            required=("title", "since", "source", "when", "then"),
        ),
        "$defs": {
            "tests": _tests(definitions),
            **{_operand(d): _compared(d, definitions) for d in definitions.values()},
        },
    }


def closed_object(
    properties: Mapping[str, Any], required: tuple[str, ...] = ()
) -> Schema:
    """Return the schema of an object with these keys and no other."""
    schema: Schema = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    return schema


def _entry(definition: FactDefinition) -> Schema:
    value = {"anyOf": [_value(definition), {"enum": [UNKNOWN, None]}]}
    day = {"$ref": "#/$defs/day"}
    keys = {
        "value": value,
        "low": {"type": ["number", "null"], **_bounds(definition)},
        "high": {"type": ["number", "null"], **_bounds(definition)},
        "evidence": {"$ref": "#/$defs/evidence"},
        "model": {"$ref": "#/$defs/model"},
        "on": day,
        "date": day,
        "valid_until": day,
        "stated": {"type": ["boolean", "null"]},
    }
    known = [
        key
        for key in ENTRY_KEYS
        if definition.type in _NUMERIC or key not in ("low", "high")
    ]
    table = closed_object({key: keys[key] for key in known})
    table["not"] = {"required": ["on", "date"]}
    return {
        "description": definition.question,
        "anyOf": [*value["anyOf"], table],
    }


def _value(definition: FactDefinition) -> Schema:
    match definition.type:
        case FactType.BOOL:
            return {"type": "boolean"}
        case FactType.ENUM:
            return {"enum": list(definition.values)}
        case FactType.TEXT:
            return {"type": "string"}
        case FactType.DATE:
            return dict(DATE)
        case FactType.INTEGER:
            return {"type": "integer", **_bounds(definition)}
        case FactType.NUMBER:
            return {"type": "number", **_bounds(definition)}


def _bounds(definition: FactDefinition) -> Schema:
    bounds = {"minimum": definition.low, "maximum": definition.high}
    return {key: bound for key, bound in bounds.items() if bound is not None}


def _evidence() -> Schema:
    named = [k.value for k in EvidenceKind if k is not EvidenceKind.ASSUMED]
    assumed = EvidenceKind.ASSUMED.value
    return {
        "description": "what the fact rests on; left out where it is assumed",
        "anyOf": [
            {"enum": ["", None]},
            {"type": "string", "pattern": rf"^({'|'.join(named)}):\s*\S"},
            {"type": "string", "pattern": f"^{assumed}(:|$)"},
            closed_object(
                {"kind": {"enum": named}, "reference": TEXT},
                required=("kind", "reference"),
            ),
            closed_object(
                {"kind": {"const": assumed}, "reference": {"type": "string"}},
                required=("kind",),
            ),
        ],
    }


def _comparison() -> Schema:
    keys: Schema = {
        **{key: {"type": "string", "minLength": 1} for key in TEXTS},
        **{key: {"type": "number"} for key in NUMBERS},
        "conclusion": {"enum": [c.value for c in Conclusion]},
        "needs_n": {"type": ["integer", "null"]},
        "stated": {"type": ["boolean", "null"]},
    }
    required = tuple(key for key in COMPARISON_KEYS if key not in OPTIONAL)
    return closed_object({key: keys[key] for key in COMPARISON_KEYS}, required=required)


def _tests(definitions: Definitions) -> Schema:
    """Return the schema of a table in which all tests must hold."""
    branches = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/tests"}}
    tests = {name: _test(d) for name, d in definitions.items()}
    return {
        **closed_object({**tests, "any": branches}),
        "maxProperties": MAX_CONJUNCTS,
    }


def _test(definition: FactDefinition) -> Schema:
    operators = {o.value: _asked(o, definition) for o in OPERATORS[definition.type]}
    return {
        "description": definition.question,
        "anyOf": [
            _value(definition),
            {**closed_object(operators), "minProperties": 1},
        ],
    }


def _asked(operator: Operator, definition: FactDefinition) -> Schema:
    if operator is Operator.KNOWN:
        return {"type": "boolean"}
    if operator is Operator.IN:
        value = _value(definition)
        return {"type": "array", "minItems": 1, "uniqueItems": True, "items": value}
    return {"$ref": f"#/$defs/{_operand(definition)}"}


def _operand(definition: FactDefinition) -> str:
    """Return the name under ``$defs`` of what a fact can be held against."""
    return f"operand_{definition.name}"


def _compared(definition: FactDefinition, definitions: Definitions) -> Schema:
    """Return a value of the fact, or the name of another one."""
    others = [d.name for d in definitions.values() if comparable(definition, d)]
    if not others:
        return _value(definition)
    reference = closed_object({"fact": {"enum": others}}, required=("fact",))
    return {"anyOf": [_value(definition), reference]}


def _consequence() -> Schema:
    weights = list(range(-HEAVIEST, HEAVIEST + 1))
    keys: Schema = {
        "option": {"enum": [o.value for o in Option]},
        "weight": {
            "enum": weights,
            "description": "negative: speaks against it; 0: only names the variant",
        },
        "veto": {"type": "boolean", "description": "rules the option out"},
        "because": TEXT,
        "variant": {"type": "string"},
        "next": {"type": "string"},
        "who": {"type": "string"},
    }
    veto = {"required": ["veto"], "properties": {"veto": {"const": True}}}
    return {
        **closed_object(
            {key: keys[key] for key in CONSEQUENCE_KEYS}, required=("option", "because")
        ),
        "if": veto,
        "then": {"not": {"required": ["weight"]}},
        "else": {"required": ["weight"]},
        "allOf": [
            *(_of_option(option) for option in Option),
            {
                "if": {
                    "required": ["weight"],
                    "properties": {"weight": {"const": 0}},
                },
                "then": {"required": ["variant"]},
            },
        ],
    }


def _of_option(option: Option) -> Schema:
    """Return what holds for one option: its variants, and that defer has no veto."""
    then: Schema = {"variant": {"pattern": f"^({option}/.*)?$"}}
    if option is Option.DEFER:
        then["veto"] = {"const": False}
    return {
        "if": {"properties": {"option": {"const": option.value}}},
        "then": {"properties": then},
    }
