"""A plan as its record and its folder have it, and back from them.

Plan -> body of the experiment's record, data/ in its folder
record + dataset version + base model -> the same Plan, to go on with it
"""

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tracker import experiments as records
from tracker.experiments import ExperimentRow
from tracker.store import Store
from trainer.run_config import from_json
from tunewise.datasets import canonical
from tunewise.domain.dataset import Dataset, Split
from tunewise.domain.errors import EnvironmentProblem, ModelError, SpecError
from tunewise.domain.experiment import ExperimentSpec
from tunewise.engine.intake import fact_sheet, sheet_to_raw
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import arm_models, endpoints, off_task
from tunewise.workflow.experiments.data import limited
from tunewise.workflow.experiments.parts import parts_of
from tunewise.workflow.experiments.planning import Plan
from tunewise.workflow.experiments.prediction import reconstructed
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.home import Home
from tunewise.workflow.views import View


def record_body(plan: Plan) -> View:
    """Return what the experiment's record keeps of the plan."""
    return {
        "spec": asdict(plan.spec),
        "heldout_digest": plan.heldout_digest,
        "data": {s.value: len(plan.content.split(s)) for s in Split},
        "parts": {
            name: {
                **asdict(canonical.split_digest(part.examples)),
                "flagged": part.flagged,
                "left_out": dict(part.left_out),
            }
            for name, part in plan.parts.items()
        },
        "facts_before": sheet_to_raw(plan.sheet),
        "verdict_before": plan.before,
        "predicted": plan.predicted,
        "base_model": asdict(plan.base) if plan.base else None,
        "base_models": _own_bases(plan),
        "labels": list(plan.labels),
        "warnings": list(plan.warnings),
        "schema": plan.schema,
        "classification": plan.classification,
        "off_task": off_task.described(plan.spec, plan.off_task),
        "rule_set": plan.rules.digest,
        "estimate": plan.estimate,
    }


def put_on_record(store: Store, home: Home, plan: Plan) -> None:
    """Record a planned experiment, and that it begins."""
    records.create(
        store,
        plan.id,
        title=plan.spec.title,
        dataset=plan.dataset,
        body=record_body(plan),
        actor=home.actor,
        at=home.now(),
    )
    records.start(store, plan.id, actor=home.actor, at=home.now())


def _own_bases(plan: Plan) -> View:
    """Return by arm the bases that are not the experiment's main one."""
    found = {arm: plan.base_of(arm) for arm in plan.spec.arms}
    return {arm: asdict(b) for arm, b in found.items() if b and b != plan.base}


def plan_again(
    home: Home, row: ExperimentRow, *, tell: Tell, here: bool = True
) -> Plan:
    """Return the plan of an experiment on record, to go on with it.

    What was planned is taken from the record, and the rules that judge the scores at
    the end are those of today: said where they are others. Without ``here``
    answers come from elsewhere, and no model is asked for.

    Raises
    ------
    TunewiseError
        If the dataset or the base model is not what it was.
    """
    body = row.body
    where = f"experiment {row.id}"
    if "schema" not in body:
        raise SpecError(
            f"{where} was recorded by an older version that kept too little to go on\n"
            "  Run its specification again."
        )
    spec = spec_of(row)
    rules = home.rules()
    if rules.digest != body["rule_set"]:
        tell(
            Event("result", "The rules changed since; today's judge the scores at last")
        )
    whole = datasets.load(home, row.dataset)
    classification = _require_ready(home, spec, row, whole) if here else ""
    folder = home.runs / row.id
    sheet = fact_sheet(body["facts_before"], rules.facts, ignore_unknown=True).sheet
    content = limited(whole, spec)
    flagged = datasets.show(home, row.dataset)["flagged"]
    plan = Plan(
        id=row.id,
        spec=spec,
        rules=rules,
        dataset=row.dataset,
        content=content,
        schema=body["schema"],
        sheet=sheet,
        folder=folder,
        bases=arm_models.fetched(home, spec, rules, tell) if here else {},
        before=body["verdict_before"],
        predicted=body.get("predicted") or reconstructed(rules, sheet, home.today()),
        labels=tuple(body["labels"]),
        estimate=body.get("estimate"),
        warnings=tuple(body.get("warnings", ())),
        classification=classification,
        parts=parts_of(spec, content, whole, flagged),
        off_task=off_task.examples_again(
            spec, folder / "data" / f"{off_task.DATA}.jsonl", body.get("off_task")
        ),
    )
    _require_unchanged(plan, body)
    return plan


def spec_of(row: ExperimentRow) -> ExperimentSpec:
    """Return what an experiment on record was asked for.

    What was planned before retrieval was picked, or parts of the training examples
    were measured, goes on as it was planned.
    """
    said = row.body["spec"]
    then = {
        "rag": {"retrieval": ["lexical"], **said["rag"]},
        "finetune": {"curve": False, "without_flagged": False, **said["finetune"]},
    }
    return from_json(ExperimentSpec, {**said, **then}, where=f"experiment {row.id}")


def _require_ready(
    home: Home, spec: ExperimentSpec, row: ExperimentRow, content: Dataset
) -> str:
    """Return how confidential the data are today; they may have been classified since.

    Raises
    ------
    TunewiseError
        If an endpoint cannot be asked, or may no longer receive the data.
    """
    endpoints.require_ready(spec)
    before = str(row.body.get("classification", ""))
    classification = endpoints.classification_of(home, content, before)
    endpoints.require_allowed(spec, classification, row.dataset)
    return classification


def _require_unchanged(plan: Plan, body: Mapping[str, Any]) -> None:
    if plan.heldout_digest != body["heldout_digest"]:
        raise SpecError(
            f"experiment {plan.id}: its held-out examples are not those it began with\n"
            "  Run its specification again: scores on other examples cannot stand "
            "beside the first."
        )
    main, own = body["base_model"], body.get("base_models") or {}
    for arm in plan.spec.arms:
        base, began = plan.base_of(arm), own.get(arm) or main
        if base and began and began["digest"] != base.digest:
            raise ModelError(
                f"experiment {plan.id}: the base model {began['id']} has other weights "
                f"than when it began ({base.digest[:19]}…, was "
                f"{began['digest'][:19]}…)\n"
                "  Put the old ones back, or run its specification again."
            )


def write_data(plan: Plan) -> None:
    """Write the splits, their parts and documents that the experiment's runs read.

    What stood there, of an earlier attempt, is replaced.

    Raises
    ------
    EnvironmentProblem
        If they cannot be written; nothing is left of them then.
    """
    data = plan.folder / "data"
    files = {s.value: canonical.to_jsonl(plan.content.split(s)) for s in Split}
    files |= {n: canonical.to_jsonl(p.examples) for n, p in plan.parts.items()}
    if plan.content.documents:
        files["documents"] = canonical.documents_to_jsonl(plan.content.documents)
    if plan.off_task:
        files[off_task.DATA] = canonical.to_jsonl(plan.off_task)
    new = not plan.folder.exists()
    try:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        for name, content in files.items():
            (data / f"{name}.jsonl").write_bytes(content)
    except OSError as error:
        if new:
            shutil.rmtree(plan.folder, ignore_errors=True)
        raise EnvironmentProblem(
            f"{data}: cannot be written ({error.strerror})\n"
            "  Make room, or name another folder with --home."
        ) from None
