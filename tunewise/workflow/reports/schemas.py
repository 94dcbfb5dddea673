"""JSON Schemas of reports as JSON: of a decision, an experiment, a lineage.

What ``-o FILE --format json`` writes, and what every HTML report holds. Keys may be
added to each; the tests hold them against reports of real records.
"""

from typing import Any

from tunewise.domain.dataset import Classification, Split
from tunewise.domain.experiment import ARMS
from tunewise.domain.facts import Conclusion
from tunewise.domain.rules import Option
from tunewise.engine.schemas import DIALECT, Schema

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_TRUTH: Schema = {"type": "boolean"}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_ANY: Schema = {"type": "object"}
_DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_OPTION: Schema = {"enum": [option.value for option in Option]}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _many(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _by_name(item: Schema) -> Schema:
    return {"type": "object", "additionalProperties": item}


def _object(required: dict[str, Schema], **more: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **more},
        "required": list(required),
    }


_SCORE = _object(
    {"value": _maybe(_NUMBER)},
    low=_maybe(_NUMBER),
    high=_maybe(_NUMBER),
    n=_maybe(_COUNT),
)
_MONEY = _object(
    {"value": _maybe(_NUMBER), "currency": _TEXT, "per": _TEXT},
    low=_maybe(_NUMBER),
    high=_maybe(_NUMBER),
)
_ARM = _object(
    {"run": _TEXT, "status": _TEXT},
    error=_TEXT,
    model=_maybe(_TEXT),
    setup=_TEXT,
    setups=_many({}),
    metrics=_by_name({"anyOf": [_SCORE, _NUMBER]}),
    latency_seconds=_maybe(_ANY),
    answers_per_second=_maybe(_NUMBER),
    prompt_tokens_mean=_maybe(_NUMBER),
    cost=_maybe(_MONEY),
    train=_maybe(_ANY),
    model_version=_TEXT,
    slices=_many(_ANY),
    labels=_maybe(_ANY),
    imported=_maybe(_ANY),
    sent_to=_maybe(_ANY),
)
_COMPARISON = _object(
    {
        "a": _TEXT,
        "b": _TEXT,
        "metric": _TEXT,
        "difference": _NUMBER,
        "conclusion": {"enum": [conclusion.value for conclusion in Conclusion]},
    },
    low=_maybe(_NUMBER),
    high=_maybe(_NUMBER),
    p_value=_maybe(_NUMBER),
    needs_n=_maybe(_COUNT),
    models=_maybe({}),
)
_SHORT_VERDICT = _object(
    {"recommended": _OPTION, "because": _TEXT},
    runner_up=_maybe(_OPTION),
    lead=_TEXT,
    margin=_maybe(_NUMBER),
    basis=_TEXT,
)
_PROVENANCE = _object(
    {},
    classification={"enum": ["", *(c.value for c in Classification)]},
    owner=_TEXT,
    origin=_TEXT,
    licence=_TEXT,
    basis=_TEXT,
)
_FINDING = _object(
    {"code": _TEXT, "severity": {"enum": ["block", "warn", "note"]}, "message": _TEXT},
    file=_TEXT,
    lines=_many(_COUNT),
)
_SPLITS: Schema = {
    **_by_name(_object({"digest": _DIGEST, "examples": _COUNT})),
    "propertyNames": {"enum": [split.value for split in Split]},
}
_DATASET = _object(
    {
        "dataset": _TEXT,
        "digest": _DIGEST,
        "splits": _SPLITS,
        "findings": _many(_FINDING),
        "provenance": _PROVENANCE,
        "deleted": _TEXT,
    },
    documents=_maybe({}),
    quality=_maybe(_ANY),
    accepted_because=_TEXT,
    provenance_missing=_TEXTS,
)
_GIVEN = _object(
    {"answer": _TEXT, "score": _maybe(_NUMBER), "correct": _TRUTH, "imported": _TRUTH}
)
_EXAMPLES = _object(
    {
        "experiment": _TEXT,
        "total": _COUNT,
        "rows": _many(
            _object(
                {
                    "id": _TEXT,
                    "question": _TEXT,
                    "reference": _TEXT,
                    "metric": _TEXT,
                    "arms": _by_name(_GIVEN),
                }
            )
        ),
    }
)
_EXPERIMENT: dict[str, Schema] = {
    "experiment": _TEXT,
    "dataset": _TEXT,
    "status": _TEXT,
    "error": _TEXT,
    "arms": {**_by_name(_ARM), "propertyNames": {"enum": list(ARMS)}},
    "diagnostics": _by_name(_ARM),
    "comparisons": _many(_COMPARISON),
    "primary_metric": _TEXT,
    "decision": _maybe(_TEXT),
    "forecasts": {},
    "spec": _ANY,
    "labels": _TEXTS,
    "at": _TEXT,
    "by": _TEXT,
}
_EXPERIMENT_MORE: dict[str, Schema] = {
    "title": _TEXT,
    "heldout_digest": _TEXT,
    "target_score": _maybe(_NUMBER),
    "margin": _maybe(_NUMBER),
    "margin_stated": _TRUTH,
    "data": _by_name(_COUNT),
    "warnings": _TEXTS,
    "classification": {"enum": ["", *(c.value for c in Classification)]},
    "beside_lookups": _many(_COMPARISON),
    "curve": _maybe(_ANY),
    "unflagged": _maybe(_ANY),
    "reading": _maybe(_ANY),
    "slices": _ANY,
    "judge": _maybe(_ANY),
    "costs": _maybe(_ANY),
    "prices": _TEXT,
    "facts_after": _ANY,
    "verdict_before": _maybe(_SHORT_VERDICT),
    "prediction": _maybe(_ANY),
    "verdict": _SHORT_VERDICT,
    "rule_set": _TEXT,
}
_LINEAGE: dict[str, Schema] = {
    "model": _object(
        {"model": _TEXT, "name": _TEXT, "number": _COUNT, "option": _OPTION}
    ),
    "asked": _object({"reference": _TEXT, "kind": _TEXT, "model": _TEXT, "at": _TEXT}),
    "runs_today": _TRUTH,
    "deployments": _many(_ANY),
    "decision": _maybe(_object({"id": _TEXT, "status": _TEXT})),
    "successor": _maybe(_object({"id": _TEXT, "status": _TEXT})),
    "in_force": _ANY,
    "run": _maybe(_object({"id": _TEXT, "arm": _TEXT, "status": _TEXT})),
    "dataset": _maybe(
        _object(
            {"version": _TEXT, "digest": _TEXT},
            splits=_SPLITS,
            findings=_many(_FINDING),
            provenance=_PROVENANCE,
        )
    ),
    "base_model": _maybe({"type": ["object", "string"]}),
    "alternatives": _many(_object({"arm": _TEXT, "run": _TEXT, "status": _TEXT})),
    "people": _many(_object({"name": _TEXT})),
    "events": _many(_ANY),
    "audit_head": _DIGEST,
    "missing": _TEXTS,
    "completeness": {"type": "number", "minimum": 0, "maximum": 1},
    "expected": _many(
        _object({"group": _TEXT, "name": _TEXT, "why": _TEXT, "known": _TRUTH})
    ),
}
_APART = ("alternatives", "people", "events")  # a decision's report has its own
_SURROUNDINGS: dict[str, Schema] = {  # what a decision's report says beside its record
    "criteria": {
        "type": "object",
        "additionalProperties": _object(
            {
                "title": _TEXT,
                "when": _TEXT,
                "since": _TEXT,
                "source": _TEXT,
                "origin": _TEXT,
            }
        ),
    },
    "not_matched_kinds": {"type": "object", "additionalProperties": _TEXTS},
    "base_models": _many(
        _object(
            {
                "id": _TEXT,
                "title": _TEXT,
                "licence": _TEXT,
                "hosted": _TRUTH,
                "end_of_life": _TEXT,
                "as_of": _TEXT,
                "source": _TEXT,
            }
        )
    ),
    "strength": _TEXT,
    "asked_again": _object(
        {
            "on": _TEXT,
            "rule_set": _TEXT,
            "recommended": _maybe(_TEXT),
            "because": _many(_ANY),
            "error": _maybe(_TEXT),
        }
    ),
}
_FILE: dict[str, Schema] = {"with_examples": _TRUTH, "reported_with": _TEXT}
_EXAMPLES_OF: dict[str, Schema] = {"examples": _many(_EXAMPLES)}


_IN_BRIEF = _object(  # an earlier one: the rest is in its own report
    {
        **{
            key: _EXPERIMENT[key]
            for key in ("experiment", "dataset", "status", "error", "arms")
        },
        "comparisons": _EXPERIMENT["comparisons"],
        "primary_metric": _TEXT,
        "in_brief": {"const": True},
    },
    **_EXPERIMENT_MORE,
)


def report_schema(decision: Schema) -> Schema:
    """Return the schema of a decision's report, from that of the decision."""
    around = {
        "experiment_views": _many(
            {"anyOf": [_object(_EXPERIMENT, **_EXPERIMENT_MORE), _IN_BRIEF]}
        ),
        "dataset_view": _DATASET,
        "lineage": _object({k: s for k, s in _LINEAGE.items() if k not in _APART}),
        **_SURROUNDINGS,
        **_EXAMPLES_OF,
    }
    return {
        **decision,
        "title": "Report of a decision",
        "properties": {**decision["properties"], **_FILE, **around},
        "required": [*decision["required"], *_FILE, "experiment_views"],
        **_if_asked(),
    }


def experiment_report_schema() -> Schema:
    """Return the schema of an experiment's report."""
    required = {
        **_EXPERIMENT,
        **_FILE,
        "audit_head": _DIGEST,
        "dataset_view": _maybe(_DATASET),
    }
    return _whole("Report of an experiment", required, _EXPERIMENT_MORE)


def lineage_schema() -> Schema:
    """Return the schema of a lineage's report."""
    return _whole("Report of a lineage", {**_LINEAGE, **_FILE}, {})


def _whole(
    title: str, required: dict[str, Schema], more: dict[str, Schema]
) -> dict[str, Any]:
    found = _object(required, **more, **_EXAMPLES_OF)
    return {"$schema": DIALECT, "title": title, **found, **_if_asked()}


def _if_asked() -> Schema:
    """Return that examples are there where somebody asked for them, and only there."""
    return {
        "if": {"properties": {"with_examples": {"const": True}}},
        "then": {"required": ["examples"]},
        "else": {"not": {"required": ["examples"]}},
    }
