"""JSON references, field by field: as the schema says, and with known values."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tunewise.datasets.findings import (
    counted,
    file_of,
    finding,
    in_part,
    percent,
    severity_of_unseen,
)
from tunewise.domain.dataset import Dataset, Example, QualityFinding, Severity, Split
from tunewise.domain.errors import DatasetError

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_JSON_SHARE = 0.9  # of the references are JSON objects: then all should be
_INVALID_BLOCKS = 0.05  # share of a split that its own schema refuses
_LEAST_REPEATED = 3  # times that a value of a field occurs, on average


def check_json(
    dataset: Dataset, files: Mapping[str, str], schema: Mapping[str, object] | None
) -> Iterator[QualityFinding]:
    """Look at JSON references: valid, as the schema says, with known values."""
    if _no_json(dataset) and schema is None:
        return
    values = {s: [_object(e.reference) for e in dataset.split(s)] for s in Split}
    for split in Split:
        examples = dataset.split(split)
        objects = [v for v in values[split] if v is not None]
        if schema is not None:
            found = _invalid(examples, schema, file_of(files, split))
            yield from in_part(found, files, split)
        elif examples and _JSON_SHARE <= len(objects) / len(examples) < 1:
            found = _not_json(examples, values[split], file_of(files, split))
            yield from in_part(found, files, split)
    yield from _unseen_values(dataset, values, files)


def _not_json(
    examples: Sequence[Example],
    values: Sequence[Mapping[str, object] | None],
    file: str,
) -> Iterator[QualityFinding]:
    odd = [e.line for e, v in zip(examples, values, strict=True) if v is None]
    message = (
        f"{counted(len(odd), 'reference')} without a JSON object, where the other "
        f"{len(examples) - len(odd):,} are one. Mend them: the model learns the "
        "exception."
    )
    yield finding(
        "reference_not_json", Severity.WARN, file=file, lines=odd, message=message
    )


def _invalid(
    examples: Sequence[Example], schema: Mapping[str, object], file: str
) -> Iterator[QualityFinding]:
    validator = validator_of(schema)
    wrong: dict[int, str] = {}
    for example in examples:
        try:
            value = json.loads(example.reference)
        except (ValueError, RecursionError):
            wrong[example.line] = "it is not JSON"
            continue
        error = next(iter(validator.iter_errors(value)), None)
        if error is not None:
            place = "/".join(map(str, error.absolute_path)) or "the top"
            said = error.message
            wrong[example.line] = f"at {place}: {said[:120]}"
    if wrong:
        many = len(wrong) > _INVALID_BLOCKS * len(examples)
        line, why = next(iter(wrong.items()))
        message = (
            f"{counted(len(wrong), 'reference')} "
            f"({percent(len(wrong), len(examples))}) against the schema "
            f"(line {line}, {why}). Mend them or the schema."
        )
        yield finding(
            "reference_not_valid",
            Severity.BLOCK if many else Severity.WARN,
            file=file,
            lines=wrong,
            message=message,
        )


def validator_of(schema: Mapping[str, object], *, where: str = "schema") -> "Validator":
    """Return what checks values against a JSON Schema.

    Raises
    ------
    DatasetError
        If the schema is none, or refers to what lies outside it.
    """
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    kind = validator_for(schema)
    try:
        kind.check_schema(dict(schema))
    except SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "the top"
        raise DatasetError(
            f"{where}: at {place}: {error.message[:200]}\n"
            "  Write it as JSON Schema says (json-schema.org)."
        ) from None
    for reference in _references(schema):
        if not _can_be_followed(reference, schema):
            raise DatasetError(
                f"{where}: $ref {reference!r} cannot be followed\n"
                "  Nothing is fetched: keep what it names inside the schema ($defs)."
            )
    return kind(dict(schema))


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("$ref", "$dynamicRef") and isinstance(inner, str):
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _can_be_followed(reference: str, schema: Mapping[str, object]) -> bool:
    if reference == "#":
        return True
    place: object = schema
    for part in reference.removeprefix("#/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, dict) or name not in place:
            return False
        place = place[name]
    return reference.startswith("#/")


def _unseen_values(
    dataset: Dataset,
    values: Mapping[Split, Sequence[Mapping[str, object] | None]],
    files: Mapping[str, str],
) -> Iterator[QualityFinding]:
    """Find values of a field with a closed set of values that train does not have."""
    trained: dict[str, list[str]] = defaultdict(list)
    for value in values[Split.TRAIN]:
        for key, text in _text_fields(value):
            trained[key].append(text)
    heldout = list(
        zip(dataset.split(Split.HELDOUT), values[Split.HELDOUT], strict=True)
    )
    for key in sorted(trained):
        known = set(trained[key])
        if len(known) * _LEAST_REPEATED > len(trained[key]):
            continue  # free text: new values are no news
        unseen = [
            (example.line, text)
            for example, value in heldout
            for name, text in _text_fields(value)
            if name == key and text not in known
        ]
        if unseen:
            distinct = sorted({text for _, text in unseen})
            lines = {line for line, _ in unseen}
            message = (
                f"the field {key!r} of held-out has {counted(len(distinct), 'value')} "
                f"that train does not have (such as {distinct[0]!r}), in "
                f"{percent(len(lines), len(heldout))} of its examples. A tuned model "
                "has never written them."
            )
            yield finding(
                "unseen_values",
                severity_of_unseen(len(lines), len(heldout)),
                file=file_of(files, Split.HELDOUT),
                lines=lines,
                message=message,
            )


def _no_json(dataset: Dataset) -> bool:
    return not any(
        e.reference.lstrip().startswith("{") for s in Split for e in dataset.split(s)
    )


def _object(text: str) -> Mapping[str, object] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text_fields(value: object, path: str = "") -> list[tuple[str, str]]:
    """Return the texts of a JSON value with their paths; items of a list share one."""
    if isinstance(value, str):
        return [(path, value)]
    if isinstance(value, list):
        return [pair for inner in value for pair in _text_fields(inner, path)]
    if not isinstance(value, Mapping):
        return []
    return [
        pair
        for key, inner in value.items()
        for pair in _text_fields(inner, f"{path}.{key}" if path else str(key))
    ]
