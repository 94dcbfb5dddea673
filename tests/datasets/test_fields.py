import json

import pytest

from tunewise.datasets.fields import check_json
from tunewise.domain.errors import DatasetError

FILES = {"train": "t.jsonl", "validation": "v.jsonl", "heldout": "h.jsonl"}
SCHEMA = {
    "type": "object",
    "required": ["vendor"],
    "properties": {"vendor": {"type": "string"}},
}


def by_code(findings):
    return {f.code: f for f in findings}


def vendors(*names: str):
    return [(f"note {i}", json.dumps({"vendor": v})) for i, v in enumerate(names)]


@pytest.mark.parametrize(("wrong", "severity"), [(1, "warn"), (2, "block")])
def test_references_must_follow_the_schema(dataset, wrong: int, severity: str) -> None:
    # of 20: one is 5 %, two are 10 %
    right = vendors(*["Cisco"] * (20 - wrong))
    data = dataset(train=[*right, *[("x", '{"vendor": 1}')] * wrong])

    found = by_code(check_json(data, FILES, SCHEMA))["reference_not_valid"]

    assert found.severity == severity
    assert found.lines[-1] == 20
    assert "at vendor: 1 is not of type 'string'" in found.message


def test_a_few_references_without_json_are_found_without_a_schema(dataset) -> None:
    data = dataset(train=[*vendors(*["Cisco"] * 19), ("x", "I do not know")])

    assert by_code(check_json(data, FILES, None))["reference_not_json"].lines == (20,)


@pytest.mark.parametrize(("known", "severity"), [(2, "warn"), (99, "note")])
def test_values_that_train_does_not_have_are_as_grave_as_their_share(
    dataset, known: int, severity: str
) -> None:
    data = dataset(
        train=vendors(*["Cisco", "Apple"] * 5),
        heldout=vendors("Ivanti", *["Apple"] * known),
    )

    found = by_code(check_json(data, FILES, None))["unseen_values"]

    assert (found.lines, found.severity) == ((1,), severity)
    assert "'Ivanti'" in found.message
    assert {2: "33.3 %", 99: "1.0 %"}[known] in found.message


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "objekt"}, "schema: at type: "),
        ({"$ref": "https://example.com/s.json"}, "cannot be followed"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "cannot be followed"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(dataset, schema, said: str) -> None:
    data = dataset(train=vendors("Cisco"))

    with pytest.raises(DatasetError, match=said):
        list(check_json(data, FILES, schema))


def test_a_reference_inside_the_schema_is_followed(dataset) -> None:
    schema = {"$ref": "#/$defs/row", "$defs": {"row": SCHEMA}}

    assert list(check_json(dataset(train=vendors("Cisco")), FILES, schema)) == []


def test_a_reference_that_is_no_json_breaks_the_schema(dataset) -> None:
    data = dataset(train=[("q", "not JSON")])

    found = by_code(check_json(data, FILES, SCHEMA))["reference_not_valid"]

    assert "it is not JSON" in found.message
