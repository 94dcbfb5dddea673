"""Running an experiment: what is known first, then every arm, then what it shows.

    spec -> dataset version -> verdict before -> base model
         -> for each arm and seed: run recorded, child process, result recorded
         -> report -> facts with runs as evidence -> verdict after

Every run is recorded before it starts and kept when it fails. An arm that fails
does not end the others.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tracker import blobs
from tracker import experiments as records
from tracker import runs as run_records
from tracker.store import Store
from tunewise.datasets import canonical
from tunewise.datasets.splits import limit
from tunewise.domain.dataset import Dataset, Split
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import ARMS, ExperimentSpec, FinetuneSpec, RunStatus
from tunewise.domain.facts import Evidence, EvidenceKind, Fact, FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import sheet_to_raw
from tunewise.engine.training import configure
from tunewise.engine.verdict import advise
from tunewise.evidence.prices import parse_prices
from tunewise.workflow import base_models, datasets, processes, results
from tunewise.workflow.facts import blaming, sheet_of
from tunewise.workflow.home import Home, slug
from tunewise.workflow.output import write_text
from tunewise.workflow.specs import read_spec
from tunewise.workflow.views import View, comparison_view, verdict_view

LEASE = timedelta(hours=12)  # the owner is a process that the run dies with


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell the one who waits.

    ``kind`` is step (a new step begins), progress (``done`` of ``total``) or result
    (one sentence about what a step gave).
    """

    kind: str
    text: str
    done: int = 0
    total: int = 0


Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything that is fixed before the first run starts."""

    id: str
    spec: ExperimentSpec
    rules: RuleSet
    dataset: str
    content: Dataset  # limited as the specification says
    schema: dict[str, Any] | None
    sheet: FactSheet
    folder: Path
    base: base_models.FetchedModel | None


def run(
    home: Home,
    spec_path: Path,
    *,
    tell: Tell,
    labels: Sequence[str] = (),
) -> View:
    """Run an experiment from its specification and return its report.

    Raises
    ------
    TunewiseError
        If the specification, its data or the base model stands in the way; nothing
        was recorded then but perhaps the dataset version.
    """
    spec = read_spec(spec_path)
    schema = datasets.read_schema(spec.task.schema)
    rules = home.rules()
    with blaming(str(spec_path)):  # before anything is written
        sheet_of(spec.facts, rules)
    if not spec.endpoint:
        base_models.require_train_extra()
    registered = _register(home, spec, schema, tell, labels)
    content = _limited(datasets.load(home, registered["dataset"]), spec)
    _require_examples(content)
    spec = _with_arms(spec, content)
    sheet = _known(spec, rules, registered, content, home.today().isoformat())
    spec = _configured(spec, rules, sheet, content)
    before = advise(rules, sheet, today=home.today())
    tell(Event("result", f"Before measuring: {before.because}"))
    base = _base_model(home, spec, rules, tell)
    id = home.new_id("e", spec.title)
    folder = home.runs / id
    plan = _Plan(
        id, spec, rules, registered["dataset"], content, schema, sheet, folder, base
    )
    _write_data(plan)
    with home.store(create=True) as store:
        _record(store, home, plan, verdict_view(before), labels)
        try:
            for arm in (*spec.arms, *_diagnostics(content)):
                for seed in spec.seeds if arm in ARMS else spec.seeds[:1]:
                    _run_one(store, home, plan, arm, seed, tell)
            report = _finish(store, home, plan, verdict_view(before))
        except BaseException as error:
            _close(store, home, id, error)
            raise
    facts = json.dumps(report["facts_after"], ensure_ascii=False, indent=1)
    write_text(folder / "facts.json", facts + "\n")
    return report


def _close(store: Store, home: Home, id: str, error: BaseException) -> None:
    """Record that the experiment, and a run it was in, came to no end."""
    because = str(error) or type(error).__name__
    close = records.fail
    if isinstance(error, KeyboardInterrupt):
        because, close = "interrupted", records.cancel
    with store.writing(home.actor, home.now()):
        for row in run_records.list_all(store, experiment=id):
            if row.status in (RunStatus.QUEUED, RunStatus.RUNNING):
                run_records.cancel(
                    store, row.id, because=because, actor=home.actor, at=home.now()
                )
        close(store, id, because=because, actor=home.actor, at=home.now())


def _register(
    home: Home,
    spec: ExperimentSpec,
    schema: dict[str, Any] | None,
    tell: Tell,
    labels: Sequence[str],
) -> View:
    tell(Event("step", "Check and register the dataset"))
    if spec.dataset:
        found = datasets.show(home, spec.dataset)
    else:
        paths = {role: Path(p) for role, p in spec.dataset_files.items()}
        found = datasets.register(
            home, slug(spec.title), paths, schema=schema, labels=tuple(labels)
        )
    counts = ", ".join(
        f"{split['examples']} {name}" for name, split in found["splits"].items()
    )
    warned = sum(f["severity"] == "warn" for f in found["findings"])
    tell(
        Event(
            "result",
            f"{found['dataset']}: {counts}; quality {found['quality']['grade']}, "
            f"{warned} warnings.",
        )
    )
    return found


def _limited(dataset: Dataset, spec: ExperimentSpec) -> Dataset:
    bounds = {
        Split.TRAIN: spec.limits.train,
        Split.VALIDATION: spec.limits.validation,
        Split.HELDOUT: spec.limits.heldout,
    }
    return Dataset(
        {s: limit(dataset.split(s), n) for s, n in bounds.items()}, dataset.documents
    )


def _require_examples(content: Dataset) -> None:
    for split in Split:
        if not content.split(split):
            raise SpecError(
                f"dataset: the {split.value} split is empty\n"
                "  Give it a file, or more train examples to take a fifth from."
            )


def _with_arms(spec: ExperimentSpec, content: Dataset) -> ExperimentSpec:
    default = ARMS if content.documents else ("prompt", "finetune")
    arms = spec.arms or default
    for arm in ("rag", "hybrid"):
        if arm in arms and not content.documents:
            raise SpecError(
                f"arms: {arm} needs documents\n"
                "  Name them under [dataset]: documents = …, or leave the arm out."
            )
    return replace(spec, arms=tuple(arms))


def _known(
    spec: ExperimentSpec,
    rules: RuleSet,
    registered: View,
    content: Dataset,
    today: str,
) -> FactSheet:
    """Return the specification's facts and those that the dataset establishes."""
    evidence = Evidence(EvidenceKind.DOCUMENT, registered["dataset"])
    found: dict[str, Any] = {
        "task_type": spec.task.type,
        "training_examples": len(content.split(Split.TRAIN)),
        "heldout_examples": len(content.split(Split.HELDOUT)),
        "data_quality": registered["quality"]["grade"],
    }
    if spec.task.target_score is not None:
        found["target_score"] = spec.task.target_score
    stated = sheet_of(spec.facts, rules)
    established = [
        Fact(name, value, evidence=evidence, on=today)
        for name, value in found.items()
        if name in rules.facts
    ]
    return stated.with_facts(*established)


def _configured(
    spec: ExperimentSpec, rules: RuleSet, sheet: FactSheet, content: Dataset
) -> ExperimentSpec:
    """Fill what the specification leaves open in [finetune] by the rules."""
    asked = sheet.with_facts(Fact("tuning_method", spec.finetune.method))
    suggested = {k: s.value for k, s in configure(rules, asked).items()}
    tune: FinetuneSpec = spec.finetune
    if not tune.epochs:
        tune = replace(tune, epochs=int(suggested.get("epochs", 3)))
    if not tune.learning_rate:
        default = 1e-5 if tune.method == "full" else 2e-4  # guide; LoRA ten times
        tune = replace(
            tune, learning_rate=float(suggested.get("learning_rate", default))
        )
    return replace(spec, finetune=tune)


def _base_model(
    home: Home, spec: ExperimentSpec, rules: RuleSet, tell: Tell
) -> base_models.FetchedModel | None:
    if spec.endpoint and not {"finetune", "hybrid"} & set(spec.arms):
        return None
    tell(Event("step", f"Make the base model {spec.base_model} ready"))
    base = base_models.ensure(
        spec.base_model,
        home.models,
        rules.base_models,
        say=lambda text: tell(Event("result", text)),
    )
    tell(Event("result", f"{base.id}, weights {base.digest[:19]}…"))
    return base


def _write_data(plan: _Plan) -> None:
    data = plan.folder / "data"
    data.mkdir(parents=True)
    for split in Split:
        content = canonical.to_jsonl(plan.content.split(split))
        (data / f"{split.value}.jsonl").write_bytes(content)
    if plan.content.documents:
        content = canonical.documents_to_jsonl(plan.content.documents)
        (data / "documents.jsonl").write_bytes(content)


def _record(
    store: Store, home: Home, plan: _Plan, before: View, labels: Sequence[str]
) -> None:
    heldout = canonical.split_digest(plan.content.split(Split.HELDOUT))
    body: View = {
        "spec": asdict(plan.spec),
        "heldout_digest": heldout.digest,
        "data": {s.value: len(plan.content.split(s)) for s in Split},
        "facts_before": sheet_to_raw(plan.sheet),
        "verdict_before": before,
        "base_model": asdict(plan.base) if plan.base else None,
        "labels": list(labels),
    }
    records.create(
        store,
        plan.id,
        title=plan.spec.title,
        dataset=plan.dataset,
        body=body,
        actor=home.actor,
        at=home.now(),
    )
    records.start(store, plan.id, actor=home.actor, at=home.now())


def _diagnostics(content: Dataset) -> tuple[str, ...]:
    gold = any(e.gold_doc_ids for e in content.split(Split.HELDOUT))
    return (
        *(("gold_passage",) if gold and content.documents else ()),
        "majority",
        "nearest_example",
    )


def _run_one(
    store: Store, home: Home, plan: _Plan, arm: str, seed: int, tell: Tell
) -> None:
    tell(
        Event(
            "step", f"Run {arm.replace('_', ' ')}" + (f", seed {seed}" if seed else "")
        )
    )
    id = f"r{plan.id[1:]}-{arm.replace('_', '-')}-{seed}"
    folder = plan.folder / f"{arm}-{seed}"
    folder.mkdir()
    config = _run_config(plan, id, arm, seed)
    (folder / "run.json").write_text(
        json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    body = {**config, "dataset": plan.dataset}
    run_records.create(
        store,
        id,
        experiment=plan.id,
        arm=arm,
        seed=seed,
        body=body,
        actor=home.actor,
        at=home.now(),
    )
    claimed = run_records.claim(
        store,
        id,
        owner=f"pid {os.getpid()}",
        lease_until=(home.clock() + LEASE).isoformat(timespec="milliseconds"),
        actor=home.actor,
        at=home.now(),
    )
    ended = processes.train(folder, lambda entry: _told(entry, arm, tell))
    result, error = _result_of(folder, ended)
    if error:
        run_records.fail(
            store,
            id,
            attempt=claimed.attempt,
            because=error,
            actor=home.actor,
            at=home.now(),
        )
        tell(Event("result", f"The {arm} arm failed: {error.splitlines()[0]}"))
        return
    kept = _keep(store, folder, result)
    run_records.finish(
        store,
        id,
        attempt=claimed.attempt,
        result=result,
        blobs=kept,
        actor=home.actor,
        at=home.now(),
    )
    metric = plan.spec.task.metric
    tell(
        Event(
            "result",
            f"{result['setup']}: {metric} {result['metrics'][metric]:.3f} on "
            f"{result['n']} held-out examples, {result['seconds']:.0f} s.",
        )
    )


def _run_config(plan: _Plan, id: str, arm: str, seed: int) -> View:
    spec = plan.spec
    hosted = spec.endpoint if arm in ("prompt", "rag", "gold_passage") else None
    local = plan.base is not None and not hosted
    needs_model = arm not in ("majority", "nearest_example")
    named = hosted.model if hosted else plan.base.id if plan.base else ""
    return {
        "run": id,
        "arm": arm,
        "seed": seed,
        "task": {
            "type": spec.task.type,
            "metric": spec.task.metric,
            "schema": plan.schema,
        },
        "train": "../data/train.jsonl",
        "validation": "../data/validation.jsonl",
        "heldout": "../data/heldout.jsonl",
        "documents": "../data/documents.jsonl" if plan.content.documents else "",
        "model_dir": plan.base.folder if plan.base and local and needs_model else "",
        "model_name": named if needs_model else "",
        "prompt": asdict(spec.prompt),
        "rag": asdict(spec.rag),
        "finetune": asdict(spec.finetune),
        "hybrid": asdict(spec.hybrid),
        "endpoint": asdict(hosted) if hosted else None,
        "minutes": spec.limits.minutes,
        "latency_examples": spec.limits.latency,
    }


def _told(entry: Mapping[str, Any], arm: str, tell: Tell) -> None:
    if "total" in entry:
        tell(Event("progress", entry["stage"], entry["done"], entry["total"]))
    else:
        message = entry.get("message") or ""
        tell(Event("progress", f"{entry['stage']} {message}".strip()))


def _result_of(folder: Path, ended: processes.Ended) -> tuple[View, str]:
    """Return the result, or an error in words where there is none."""
    try:
        result: View = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}, f"{ended.reason}\n{ended.errors[-1500:]}".strip()
    if result["status"] != "finished":
        return {}, str(result["error"]) or "no message"
    return result, ""


def _keep(store: Store, folder: Path, result: View) -> list[str]:
    """Store answers and weights as blobs and name them in the result."""
    answers = blobs.put_file(store.blobs, folder / "answers.jsonl")
    result["answers_blob"] = answers
    result["weights_blobs"] = {}
    if result["weights"]:
        for path in sorted((folder / result["weights"]).iterdir()):
            if path.name.startswith(("adapter_", "model.")):
                digest = blobs.put_file(store.blobs, path)
                result["weights_blobs"][path.name] = digest
    return [answers, *result["weights_blobs"].values()]


def _finish(store: Store, home: Home, plan: _Plan, before: View) -> View:
    from tunewise.workflow.experiments import answers_of

    spec = plan.spec
    heldout = plan.content.split(Split.HELDOUT)
    groups = results.groups_of(heldout)
    prices = parse_prices(plan.rules.texts["prices.toml"])
    arms: dict[str, View] = {}
    diagnostics: dict[str, View] = {}
    primary = {}
    found = run_records.list_all(store, experiment=plan.id)
    for arm in dict.fromkeys(r.arm for r in found):
        mine = [r for r in found if r.arm == arm]
        done = [r for r in mine if r.result]
        if not done:
            failed = {"run": mine[0].id, "status": "failed", "error": mine[0].error}
            (arms if arm in ARMS else diagnostics)[arm] = failed
            continue
        given = [[a["answer"] for a in answers_of(store, r)] for r in done]
        scored = results.counts_of(
            heldout, given, task=asdict(spec.task), schema=plan.schema
        )
        view = results.arm_view(
            done[0].id,
            done[0].result or {},
            scored,
            groups=groups,
            prices=prices,
            endpoint=spec.endpoint is not None,
        )
        (arms if arm in ARMS else diagnostics)[arm] = view
        if arm in ARMS:
            primary[arm] = scored[spec.task.metric]
    if not primary:
        errors = {a["error"].splitlines()[0] for a in arms.values()}
        raise SpecError(f"every arm failed: {'; '.join(sorted(errors))}")
    heldout_digest = canonical.split_digest(heldout).digest
    comparisons = results.comparisons_of(
        primary,
        metric=spec.task.metric,
        margin=spec.task.margin,
        heldout_digest=heldout_digest,
        groups=groups,
    )
    facts = results.measured_facts(
        arms, metric=spec.task.metric, heldout=len(heldout), on=str(home.today())
    )
    known = [f for f in facts if f.name in plan.rules.facts]
    sheet = replace(plan.sheet.with_facts(*known), comparisons=comparisons)
    after = verdict_view(advise(plan.rules, sheet, today=home.today()))
    report: View = {
        "experiment": plan.id,
        "title": spec.title,
        "dataset": plan.dataset,
        "heldout_digest": heldout_digest,
        "primary_metric": spec.task.metric,
        "target_score": spec.task.target_score,
        "margin": spec.task.margin,
        "data": {s.value: len(plan.content.split(s)) for s in Split},
        "arms": arms,
        "diagnostics": diagnostics,
        "comparisons": [comparison_view(c) for c in comparisons],
        "tuning_costs": results.tuning_costs(
            arms, sheet, prices, examples=len(plan.content.split(Split.TRAIN))
        ),
        "facts_after": sheet_to_raw(sheet),
        "verdict_before": before,
        "verdict": after,
        "rule_set": plan.rules.digest,
    }
    records.finish(store, plan.id, report=report, actor=home.actor, at=home.now())
    return {**report, "status": "finished", "decision": None}
