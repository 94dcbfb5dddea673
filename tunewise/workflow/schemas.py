"""JSON Schemas of what Tunewise reads and prints: ``tunewise schema KIND``.

    facts, criterion   what the fact dictionary allows (engine.schemas)
    experiment         what ``specs`` reads
    model              what ``model register --from`` reads (model_files)
    decision           what ``decision show --json`` prints; keys may be added to it
    report, experiment-report, lineage
                       what reports as JSON hold (reports.schemas); keys may be added

Those of experiment and decision are made from the dataclasses' own types.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from math import inf
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tunewise.domain.dataset import Classification
from tunewise.domain.decision import Status, Verdict
from tunewise.domain.description import Described
from tunewise.domain.experiment import (
    ARMS,
    CostSpec,
    EndpointSpec,
    FinetuneSpec,
    HybridSpec,
    JudgeSpec,
    Limits,
    PromptSpec,
    RagSpec,
    RegressionSpec,
    TaskSpec,
)
from tunewise.domain.facts import Comparison, Evidence, Fact
from tunewise.domain.record import (
    Change,
    Claim,
    Condition,
    EvidenceLink,
    Figure,
    HeldoutRun,
    Margin,
    OptionCost,
    RecordedLater,
    ReviewView,
)
from tunewise.domain.rules import Option
from tunewise.engine.conditions import Definitions
from tunewise.engine.schemas import (
    DIALECT,
    TEXT,
    Schema,
    closed_object,
    criterion_schema,
    fact_file_definitions,
    facts_schema,
)
from tunewise.workflow.experiments.specs import (
    ACCEPT,
    FILES,
    LARGEST_SEED,
    PROVENANCE,
    TOP_KEYS,
)
from tunewise.workflow.experiments.tables import bounds_of, choices_of, nested
from tunewise.workflow.home import Home
from tunewise.workflow.models.files import model_schema
from tunewise.workflow.reports.schemas import (
    experiment_report_schema,
    lineage_schema,
    report_schema,
)

_SPEC_TABLES: Mapping[str, type] = {
    "task": TaskSpec,
    "endpoint": EndpointSpec,
    "prompt": PromptSpec,
    "rag": RagSpec,
    "finetune": FinetuneSpec,
    "hybrid": HybridSpec,
    "judge": JudgeSpec,
    "regression": RegressionSpec,
    "limits": Limits,
    "costs": CostSpec,
}
_TYPES: Mapping[object, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    NoneType: "null",
}
# What ``decisions.show`` puts together of records, by the type of each key. ``Fact``
# stands for a fact as ``views.fact_view`` shows it.
_DECISION: Mapping[str, Any] = {
    "id": str,
    "status": Status,
    "title": str,
    "facts": Mapping[str, Fact],
    "comparisons": tuple[Comparison, ...],
    "verdict": Verdict,
    "choice": Option | None,
    "justification": str,
    "conditions": tuple[Condition, ...],
    "description": Mapping[str, str | tuple[str, ...]],
    "description_from": Mapping[str, str],
    "described": tuple[Described, ...],
    "risks": tuple[Mapping[str, str | tuple[str, ...] | Mapping[str, str] | None], ...],
    "signatures": tuple[Mapping[str, str | bool | tuple[str, ...]], ...],
    "state_digest": str,
    "evidence": tuple[str, ...],
    "evidence_links": tuple[EvidenceLink, ...],
    "claims": tuple[Claim, ...],
    "accepted_because": str,
    "experiments": tuple[str, ...],
    "runs_on_heldout": tuple[HeldoutRun, ...],
    "runs_on_heldout_total": int,
    "runs_on_heldout_cited": int,
    "experiments_on_heldout": tuple[str, ...],
    "equivalence_margin": Margin | None,
    "changes": tuple[Change, ...],
    "costs": tuple[OptionCost, ...],
    "target_set_after_score": bool,
    "margin_set_after_score": bool,
    "model": str | None,
    "supersedes": str | None,
    "superseded_by": str | None,
    "to_be_superseded_by": str | None,
    "review_on": str | None,
    "review_in_past": bool,
    "promised": tuple[Figure, ...],
    "reviews": tuple[ReviewView, ...],
    "by": str,
    "identity": str,
    "at": str,
    "retrospective": RecordedLater | None,
    "accepted_by": str | None,
    "accepted_identity": str | None,
    "accepted_at": str | None,
    "closed_because": str,
    "rule_set": str,
    "rule_files": Mapping[str, str],
    "prices": str,
    "engine": str,
    "software": str,
    "audit_head": str,
    "audit": tuple[Mapping[str, int | str], ...],
    "labels": tuple[str, ...],
    "notes": tuple[str, ...],
    "fact_definitions": Mapping[str, Mapping[str, str]],
}


def schema(home: Home, kind: str) -> Schema:
    """Return the schema of one of the kinds above."""
    match kind:
        case "facts":
            return facts_schema(home.rules().facts)
        case "criterion":
            return criterion_schema(home.rules().facts)
        case "experiment":
            return experiment_schema(home.rules().facts)
        case "model":
            return model_schema()
        case "decision":
            return decision_schema()
        case "report":
            return report_schema(decision_schema())
        case "experiment-report":
            return experiment_report_schema()
        case "lineage":
            return lineage_schema()
    raise ValueError(f"no schema of {kind!r}")


def experiment_schema(definitions: Definitions) -> Schema:
    """Return the schema of an experiment specification.

    ``specs`` checks more: that files are there, that a metric has what it needs.
    """
    keys = {
        "title": TEXT,
        "dataset": {"anyOf": [TEXT, _files()]},
        "facts": {"anyOf": [TEXT, {"$ref": "#/$defs/fact_file"}]},
        "base_model": TEXT,
        "arms": {"type": "array", "uniqueItems": True, "items": {"enum": list(ARMS)}},
        "seeds": _one_or_more(
            {"type": "integer", "minimum": 0, "maximum": LARGEST_SEED}, unique=True
        ),
        **{name: _spec_table(name, kind) for name, kind in _SPEC_TABLES.items()},
    }
    return {
        "$schema": DIALECT,
        "title": "Experiment specification",
        **closed_object(
            {key: keys[key] for key in TOP_KEYS}, required=("title", "dataset", "task")
        ),
        "$defs": fact_file_definitions(definitions),
    }


def decision_schema() -> Schema:
    """Return the schema of a decision; its verdict is what ``advise`` prints."""
    return {
        "$schema": DIALECT,
        "title": "Decision",
        "type": "object",
        "properties": {key: _schema_of(hint) for key, hint in _DECISION.items()},
        "required": list(_DECISION),
        "$defs": {"fact": _fact_view()},
    }


def _files() -> Schema:
    texts = dict.fromkeys((*FILES, ACCEPT, *PROVENANCE), TEXT)
    circles = {"classification": {"enum": [*Classification]}}
    return closed_object({**texts, **circles}, required=("train",))


def _spec_table(name: str, kind: Any) -> Schema:  # noqa: ANN401
    hints = get_type_hints(kind)
    return closed_object(
        {f.name: _spec_value(hints[f.name], f"{name}.{f.name}") for f in fields(kind)},
        required=_without_default(kind),
    )


def _spec_value(hint: Any, key: str) -> Schema:  # noqa: ANN401
    """Return what a key of a table takes; one value stands for a list of one."""
    origin, kinds = get_origin(hint), get_args(hint)
    if kind := nested(hint):
        return _spec_table(key, kind)
    if origin is tuple:
        return _one_or_more(_spec_value(kinds[0], key))
    if origin in (Union, UnionType):
        return _spec_value(kinds[0], key)
    if hint is bool:
        return {"type": "boolean"}
    if hint is str:
        allowed = choices_of(key)
        return {"enum": list(allowed)} if allowed else dict(TEXT)
    low, high = bounds_of(key)
    bounds = {"minimum": low} | ({"maximum": high} if high < inf else {})
    return {"type": _TYPES[hint], **bounds}


def _one_or_more(item: Schema, *, unique: bool = False) -> Schema:
    many: Schema = {"type": "array", "minItems": 1, "items": item}
    if unique:
        many["uniqueItems"] = True
    return {"anyOf": [item, many]}


def _schema_of(hint: Any) -> Schema:  # noqa: ANN401
    """Return the schema of a value of this type as a view shows it."""
    origin, kinds = get_origin(hint), get_args(hint)
    if hint is Fact:
        return {"$ref": "#/$defs/fact"}
    if hint == tuple[Fact, ...]:  # views give them by name
        return _schema_of(Mapping[str, Fact])
    if hint in _TYPES:
        return {"type": _TYPES[hint]}
    if is_dataclass(hint):
        return _record(hint)
    if origin in (Union, UnionType):
        return {"anyOf": [_schema_of(kind) for kind in kinds]}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(kinds[0])}
    if origin is None and issubclass(hint, StrEnum):
        return {"enum": [member.value for member in hint]}
    named = {} if kinds[0] is str else {"propertyNames": _schema_of(kinds[0])}
    return {"type": "object", "additionalProperties": _schema_of(kinds[1]), **named}


def _record(kind: Any) -> Schema:  # noqa: ANN401
    """Return the schema of a dataclass; old records lack what was added since."""
    return {
        "type": "object",
        "properties": {n: _schema_of(h) for n, h in get_type_hints(kind).items()},
        "required": list(_without_default(kind)),
    }


def _without_default(kind: Any) -> tuple[str, ...]:  # noqa: ANN401
    def needed(field: Field[Any]) -> bool:
        return field.default is MISSING and field.default_factory is MISSING

    return tuple(f.name for f in fields(kind) if needed(f))


def _fact_view() -> Schema:
    hints = get_type_hints(Fact)
    shown = {
        n: _schema_of(h) for n, h in hints.items() if n not in ("name", "evidence")
    }
    evidence = _record(Evidence)
    return {
        "type": "object",
        "properties": {**shown, "evidence": evidence},
        "required": ["value", "evidence"],
    }
