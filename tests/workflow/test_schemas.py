"""The schemas agree with what specifications are read and decisions are printed."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tunewise import resources
from tunewise.domain.errors import SpecError
from tunewise.domain.formats import FORMATS
from tunewise.workflow import decisions, schemas
from tunewise.workflow.experiments.specs import parse_spec
from tunewise.workflow.home import Home

from .conftest import as_bea
from .on_heldout import begin, imported, register

ROOT = Path(__file__).parents[2]
SPECS = [
    *ROOT.glob("benchmarks/experiments/*.toml"),
    *ROOT.glob("examples/*/experiment.toml"),
]


def as_json(value: Any) -> Any:
    """Return TOML values as JSON has them: a date as its ISO text."""
    if isinstance(value, dict):
        return {key: as_json(v) for key, v in value.items()}
    if isinstance(value, list):
        return [as_json(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def errors(home: Home, kind: str, value: Any) -> list[str]:
    validator = Draft202012Validator(schemas.schema(home, kind))
    return [f"{e.json_path}: {e.message}" for e in validator.iter_errors(value)]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_schema_is_one_itself(home: Home, kind: str) -> None:
    Draft202012Validator.check_schema(schemas.schema(home, kind))


def test_facts_of_the_house_are_in_the_schema(home: Home) -> None:
    folder = home.path / "house"
    folder.mkdir(parents=True)
    shipped = resources.rule_texts()["facts.toml"]
    house = '[moon]\ntype = "bool"\nquestion = "Is it full?"\nwhy = "W."\n'
    (folder / "facts.toml").write_text(f"{shipped}\n{house}")

    assert errors(home, "facts", {"moon": True}) == []
    assert errors(home, "facts", {"moon": "full"})


def test_there_are_specifications_to_validate() -> None:
    assert len(SPECS) > 5


@pytest.mark.parametrize("path", SPECS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_specification_of_ours_is_valid(home: Home, path: Path) -> None:
    spec = as_json(tomllib.loads(path.read_text(encoding="utf-8")))

    assert errors(home, "experiment", spec) == []


LEAST: dict[str, Any] = {
    "title": "Desk",
    "dataset": "desk@1",
    "task": {"type": "classification", "metric": "accuracy"},
}
GOOD: dict[str, dict[str, Any]] = {
    "least": {},
    "lists": {"prompt": {"shots": [4, 8], "setups": ["zero-shot"]}, "seeds": [0, 1]},
    "one for a list": {"prompt": {"shots": 4}, "rag": {"k": 1}, "seeds": 3},
    "endpoint": {"endpoint": {"base_url": "http://localhost:1", "model": "m"}},
    "endpoint of an arm": {
        "rag": {"endpoint": {"base_url": "http://c", "model": "m", "retries": 3}}
    },
    "judge": {"judge": {"endpoint": {"base_url": "http://c", "model": "m"}}},
    "facts": {"facts": {"must_cite_sources": {"value": True}}},
    "target": {"task": {**LEAST["task"], "target_score": 0.9, "margin": 0}},
    "numbers": {"finetune": {"epochs": 2, "learning_rate": 1e-5, "method": "full"}},
}
BAD: dict[str, dict[str, Any]] = {
    "unknown key": {"sedes": [1]},
    "unknown key in a table": {"rag": {"top_k": 3}},
    "blank title": {"title": " "},
    "no metric": {"task": {"type": "classification"}},
    "unknown metric": {"task": {**LEAST["task"], "metric": "vibes"}},
    "unknown arm": {"arms": ["prompt", "magic"]},
    "arm twice": {"arms": ["prompt", "prompt"]},
    "no seed": {"seeds": []},
    "seed twice": {"seeds": [1, 1]},
    "seed too large": {"seeds": [2**32]},
    "half an epoch": {"finetune": {"epochs": 0.5}},
    "too many epochs": {"finetune": {"epochs": 101}},
    "negative limit": {"limits": {"train": -1}},
    "no shots": {"prompt": {"shots": []}},
    "unknown set-up": {"prompt": {"setups": ["best"]}},
    "endpoint without a model": {"endpoint": {"base_url": "http://localhost:1"}},
    "endpoint of an arm without a model": {
        "rag": {"endpoint": {"base_url": "http://c"}}
    },
    "retries below 0": {
        "rag": {"endpoint": {"base_url": "http://c", "model": "m", "retries": -1}}
    },
    "judge without an endpoint": {"judge": {}},
    "files without train": {"dataset": {"heldout": "h.jsonl"}},
    "table where a text is": {"base_model": {}},
}


@pytest.mark.parametrize("name", GOOD)
def test_specification_that_is_read_is_valid(home: Home, name: str) -> None:
    spec = LEAST | GOOD[name]

    parse_spec(spec, where="spec.toml", folder=Path())

    assert errors(home, "experiment", spec) == []


@pytest.mark.parametrize("name", BAD)
def test_specification_that_is_refused_is_not_valid(home: Home, name: str) -> None:
    spec = LEAST | BAD[name]

    with pytest.raises(SpecError):
        parse_spec(spec, where="spec.toml", folder=Path())

    assert errors(home, "experiment", spec)


def test_specification_with_a_fact_that_is_impossible_is_not_valid(home: Home) -> None:
    spec = LEAST | {"facts": {"must_cite_sources": "perhaps"}}

    assert errors(home, "experiment", spec)


FACTS = {
    "must_cite_sources": {"value": True, "evidence": "person:Ada Byron"},
    "knowledge_changes": "daily",
    "training_examples": {"low": 100, "high": 300, "on": "2026-11-20"},
    "prompt_score": {"value": 0.7, "low": 0.6, "high": 0.8, "model": "m"},
}


MEASURED = {
    "facts": {
        f"{arm}_score": {
            "value": value,
            "low": value - 0.1,
            "high": value + 0.1,
            "evidence": f"imported:r-e-1-{arm}-imported",
            "model": "m",
        }
        for arm, value in (("prompt", 0.6), ("rag", 0.85))
    },
    "comparisons": [
        {
            "a": "rag",
            "b": "prompt",
            "metric": "accuracy",
            "difference": 0.25,
            "low": 0.1,
            "high": 0.4,
            "p_value": 0.01,
            "conclusion": "win",
        }
    ],
}


def test_decision_on_measured_scores_is_valid(home: Home) -> None:
    register(home)
    begin(home, "e-1", "desk@1")
    for arm, score in (("prompt", 0.6), ("rag", 0.85)):
        imported(home, "e-1", score=score, arm=arm)

    view = decisions.propose(home, MEASURED, title="Desk")

    assert view["verdict"]["basis"] == "measured"
    assert len(view["comparisons"]) == 1
    assert errors(home, "decision", view) == []


def test_every_status_of_a_decision_is_valid(home: Home) -> None:
    proposed = decisions.propose(home, FACTS, title="HR answers")
    other = decisions.propose(home, {}, title="Nothing known", labels=["DEMO"])
    accepted = decisions.accept(
        home, proposed["id"], choice="prompt", because="Cheap.", conditions=["pilot"]
    )
    signed = decisions.sign(as_bea(home), proposed["id"], role="auditor")
    rejected = decisions.reject(home, other["id"], because="Too early.")
    closed = decisions.close_condition(
        home, proposed["id"], 1, evidence="person:Bea", because="It ran."
    )
    reviewed = decisions.review(home, proposed["id"], score=0.7, because="Logs.")
    new = decisions.supersede(
        home,
        proposed["id"],
        FACTS,
        retrospective=True,
        decided_at=home.today().isoformat(),
        source="minutes",
    )
    waiting = decisions.show(home, proposed["id"])
    decisions.accept(home, new["id"])
    superseded = decisions.show(home, proposed["id"])

    views = (proposed, other, accepted, signed, rejected, closed, reviewed, new)
    for view in (*views, waiting):
        assert errors(home, "decision", view) == []
    assert superseded["status"] == "superseded"
    assert errors(home, "decision", superseded) == []


def test_the_schema_of_a_decision_names_every_key_that_is_printed(home: Home) -> None:
    view = decisions.propose(home, FACTS, title="HR answers")

    schema = schemas.schema(home, "decision")

    assert set(schema["properties"]) == set(view)
    assert set(schema["properties"]["verdict"]["properties"]) == set(view["verdict"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", "pending"),
        ("choice", "magic"),
        ("facts", {"must_cite_sources": True}),
        ("verdict", {}),
        ("conditions", "pilot"),
        ("accepted_by", 3),
    ],
)
def test_decision_with_something_else_in_it_is_not_valid(
    home: Home, key: str, value: object
) -> None:
    view = decisions.propose(home, FACTS, title="HR answers")

    assert errors(home, "decision", view | {key: value})
