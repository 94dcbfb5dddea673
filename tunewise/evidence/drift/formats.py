"""References that are JSON: valid, of the schema, with keys and values known?"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from tunewise.domain.dataset import Example
from tunewise.evidence.drift.chance import Chosen
from tunewise.evidence.drift.finding import DriftFinding
from tunewise.evidence.drift.seen import are_few, more_often, unseen

FACT = "labels_or_rules_change_often"

_ONCE = 1 / 3  # of a field's values, at most: else it is free text, as a name is
Fields = Mapping[str, frozenset[str]]  # values by path, as JSON
IsValid = Callable[[str], bool]


def are_json(examples: Sequence[Example]) -> bool:
    """Tell whether most references are JSON objects or lists."""
    read = sum(fields_of(e.reference) is not None for e in examples)
    return 2 * read > len(examples)


def format_findings(
    reference: Sequence[Example],
    later: Sequence[Example],
    chosen: Chosen,
    *,
    is_valid: IsValid | None,
) -> Iterator[DriftFinding]:
    """Yield what changed in the format of references.

    Parameters
    ----------
    is_valid : tells whether a reference satisfies the task's JSON Schema, if any
    """
    before, now = ([fields_of(e.reference) for e in s] for s in (reference, later))
    yield more_often(
        "json_invalid",
        [f is None for f in before],
        [f is None for f in now],
        chosen,
        what="are no JSON",
        fact=FACT,
    )
    if is_valid:
        yield more_often(
            "schema_invalid",
            [not is_valid(e.reference) for e in reference],
            [not is_valid(e.reference) for e in later],
            chosen,
            what="break the JSON Schema",
            fact=FACT,
        )
    yield unseen(
        "new_keys",
        [frozenset(f or ()) for f in before],
        [frozenset(f or ()) for f in now],
        chosen,
        what="a key",
        fact=FACT,
    )
    yield from _new_values(before, now, chosen)


def fields_of(text: str) -> Fields | None:
    """Return a JSON text's values by path, None where it is no object or list.

    >>> fields_of('{"a": {"b": [1]}}')
    {'a.b[]': frozenset({'1'})}
    """
    try:
        value = json.loads(text)
        found: dict[str, set[str]] = {}
        if not isinstance(value, dict | list):
            return None
        _walk(value, "", found)
    except (ValueError, RecursionError):
        return None
    return {path: frozenset(values) for path, values in found.items()}


def _walk(value: object, path: str, found: dict[str, set[str]]) -> None:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            _walk(inner, f"{path}.{key}" if path else str(key), found)
    elif isinstance(value, list) and value:
        for inner in value:
            _walk(inner, f"{path}[]", found)
    else:
        found.setdefault(path, set()).add(json.dumps(value, ensure_ascii=False))


def _new_values(
    before: Sequence[Fields | None], now: Sequence[Fields | None], chosen: Chosen
) -> Iterator[DriftFinding]:
    """Yield one finding: of the field that has most new values for its chance."""
    both = [*before, *now]
    enumerated = [path for path in _paths(both) if _is_enumerated(path, both)]
    found = [
        unseen(
            "new_values",
            [(f or {}).get(path, frozenset()) for f in before],
            [(f or {}).get(path, frozenset()) for f in now],
            chosen,
            what=f"a value of {path}",
            fact=FACT,
            tests=len(enumerated),
        )
        for path in enumerated
    ]
    if found:
        yield min(found, key=lambda f: (not f.drifted, f.p_value or 0.0))


def _paths(fields: Sequence[Fields | None]) -> list[str]:
    return sorted({path for f in fields for path in f or ()})


def _is_enumerated(path: str, fields: Sequence[Fields | None]) -> bool:
    """Tell whether a field is in most references and has few different values."""
    holding = [f[path] for f in fields if f and path in f]
    return 2 * len(holding) > len(fields) and are_few(holding, once_at_most=_ONCE)
