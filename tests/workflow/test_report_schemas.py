"""Reports as JSON are what their published schemas say, and a changed one is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tunewise.workflow import decisions, schemas
from tunewise.workflow.reports import files as reports

from .decided import KINDS, Decided, decide

SCHEMAS = {
    "decision": "report",
    "experiment": "experiment-report",
    "lineage": "lineage",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    return decide(tmp_path_factory.mktemp("schemas"))


def record_of(made: Decided, kind: str, path: Path, **how: Any) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(made.write(kind, path, **how).read_text())
    return record


def schema_of(made: Decided, kind: str) -> dict[str, Any]:
    return schemas.schema(made.home, SCHEMAS[kind])


def errors(schema: dict[str, Any], record: object) -> list[str]:
    found = Draft202012Validator(schema).iter_errors(record)
    return [f"{e.json_path}: {e.message}" for e in found]


@pytest.mark.parametrize("with_examples", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_real_report_is_what_its_schema_says(
    made: Decided, tmp_path: Path, kind: str, with_examples: bool
) -> None:
    record = record_of(made, kind, tmp_path / "r.json", with_examples=with_examples)

    assert errors(schema_of(made, kind), record) == []


def test_a_proposal_without_any_experiment_has_a_valid_report(made: Decided) -> None:
    id = decisions.propose(made.home, {"must_cite_sources": True}, title="Rules")["id"]
    view = reports.decision_report(made.home, id)

    assert errors(schema_of(made, "decision"), view) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_describes_every_key_of_a_report(
    made: Decided, tmp_path: Path, kind: str
) -> None:
    record = record_of(made, kind, tmp_path / "r.json", with_examples=True)

    assert record.keys() - schema_of(made, kind)["properties"].keys() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_that_is_required_is_missed(
    made: Decided, tmp_path: Path, kind: str
) -> None:
    record = record_of(made, kind, tmp_path / "r.json")
    schema = schema_of(made, kind)

    for key in schema["required"]:
        without = {k: v for k, v in record.items() if k != key}
        assert errors(schema, without), key


def test_examples_are_there_only_where_somebody_asked(
    made: Decided, tmp_path: Path
) -> None:
    schema = schema_of(made, "experiment")
    without = record_of(made, "experiment", tmp_path / "a.json")
    asked = record_of(made, "experiment", tmp_path / "b.json", with_examples=True)

    assert errors(schema, without | {"examples": asked["examples"]})
    assert errors(schema, asked | {"with_examples": False})
    assert errors(schema, without | {"with_examples": True})


@pytest.mark.parametrize(
    ("kind", "path", "wrong"),
    [
        ("experiment", "arms.rag.metrics.accuracy.value", "high"),
        ("experiment", "arms.rag.status", None),
        ("experiment", "comparisons.0.conclusion", "maybe"),
        ("experiment", "classification", "hush"),
        ("experiment", "dataset_view.digest", "sha256:0"),
        ("experiment", "verdict.recommended", "magic"),
        ("lineage", "completeness", 1.5),
        ("lineage", "model.option", "magic"),
        ("lineage", "expected.0.known", "yes"),
        ("decision", "experiment_views.0.arms.prompt.run", 3),
        ("decision", "lineage.audit_head", "none"),
    ],
)
def test_a_report_of_another_shape_is_refused(
    made: Decided, tmp_path: Path, kind: str, path: str, wrong: object
) -> None:
    record = record_of(made, kind, tmp_path / "r.json")
    *outer, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    part: Any = record
    for key in outer:
        part = part[key]
    part[last] = wrong

    (error,) = errors(schema_of(made, kind), record)

    assert error.startswith(f"$.{path.split('.')[0]}")
