"""Concluding an experiment: from the answers of its runs to a new verdict."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from tracker import experiments as records
from tracker import runs as run_records
from tracker.runs import RunRow
from tracker.store import Store
from trainer.scoring import MetricCounts
from tunewise.domain.dataset import Split
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import ARMS, JUDGE, LOOKUPS, PARTIAL
from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import Option
from tunewise.engine.comparisons import comparison_to_raw
from tunewise.engine.intake import sheet_to_raw
from tunewise.engine.lookup import LOOKUP_FACTS
from tunewise.engine.verdict import advise
from tunewise.engine.what_if import WhatIf
from tunewise.evidence.price_table import parse_prices
from tunewise.workflow.costs.amounts import Basis, requests_a_month
from tunewise.workflow.costs.plans import plan_of
from tunewise.workflow.costs.prices import chosen
from tunewise.workflow.costs.views import costs_view, digest_of, request_cost
from tunewise.workflow.experiments import (
    curve,
    endpoints,
    forecasts,
    gold_passage,
    lookups,
    off_task,
    results,
    slices,
)
from tunewise.workflow.experiments.arm_quality import quality_of
from tunewise.workflow.experiments.arm_runs import (
    imported_view,
    imported_warnings,
    of_arm,
)
from tunewise.workflow.experiments.judged import judge_view
from tunewise.workflow.experiments.planning import Plan
from tunewise.workflow.experiments.prediction import judged
from tunewise.workflow.experiments.records import answers_of
from tunewise.workflow.experiments.worked import worked
from tunewise.workflow.home import Home
from tunewise.workflow.output import write_text
from tunewise.workflow.views import View, verdict_view


@dataclass(slots=True)
class _Measured:
    """The runs by arm, as the report shows them, and their primary scores."""

    arms: dict[str, View]
    diagnostics: dict[str, View]
    primary: dict[str, MetricCounts]  # of the arms that finished
    lookups: dict[str, MetricCounts]  # of those that arms stand beside
    runs: dict[str, list[RunRow]]  # of the arms that finished, failed ones too
    trained: dict[str, curve.Trained]  # finetune and its diagnostics, the first seed
    gold: MetricCounts | None = None  # of the gold passage
    shots: dict[str, int] = field(default_factory=dict)  # that each set-up shows


def conclude(store: Store, home: Home, plan: Plan) -> View:
    """Record and return what the finished runs of an experiment show.

    Raises
    ------
    SpecError
        If no arm finished.
    """
    spec = plan.spec
    heldout = plan.content.split(Split.HELDOUT)
    measured = _measure(store, plan)
    arms, primary = measured.arms, measured.primary
    if not primary:
        errors = sorted({a["error"] for a in arms.values()})
        raise SpecError(f"{plan.id}: every arm failed\n  " + "\n  ".join(errors))
    terms = results.Terms(
        metric=spec.task.metric,
        margin=spec.task.margin,
        heldout_digest=plan.heldout_digest,
        groups=results.groups_of(heldout),
    )
    comparisons = results.comparisons_of(primary, terms)
    beside = lookups.compared(primary, measured.lookups, terms)
    facts = results.measured_facts(
        arms, metric=spec.task.metric, heldout=len(heldout), on=str(home.today())
    )
    sheet = replace(_with_known(plan, plan.sheet, facts), comparisons=comparisons)
    ruled_out = WhatIf(plan.rules, sheet).today.weighed.ruled_out
    told = lookups.facts_of(
        measured.diagnostics,
        beside,
        metric=spec.task.metric,
        candidates=[arm for arm in primary if Option(arm) not in ruled_out],
        on=str(home.today()),
    )
    if told:
        sheet = _with_known(plan, sheet.without(*LOOKUP_FACTS), told)
    judge = judge_view(
        store,
        plan.id,
        groups=results.groups_of(heldout),
        classification=plan.classification,
    )
    asked = {**arms, **measured.diagnostics, **({JUDGE: judge} if judge else {})}
    odd = endpoints.warnings_of(asked)
    after = verdict_view(advise(plan.rules, sheet, today=home.today()))
    costs = _costed(plan, measured, sheet, on=home.today())
    report: View = {
        "experiment": plan.id,
        "title": spec.title,
        "dataset": plan.dataset,
        "heldout_digest": plan.heldout_digest,
        "primary_metric": spec.task.metric,
        "target_score": spec.task.target_score,
        "margin": spec.task.margin,
        "margin_stated": spec.margin_stated,
        "data": {s.value: len(plan.content.split(s)) for s in Split},
        "warnings": [
            *plan.warnings,
            *odd,
            *lookups.warned(beside, measured.lookups),
            *off_task.warned(arms),
            *imported_warnings(arms),
        ],
        "classification": plan.classification,
        "arms": arms,
        "diagnostics": measured.diagnostics,
        "comparisons": results.comparisons_view(comparisons, arms),
        "beside_lookups": [comparison_to_raw(c) for c in beside],
        "curve": curve.curve_view(measured.trained, terms),
        "unflagged": curve.unflagged_view(measured.trained, plan.parts, terms),
        "reading": gold_passage.concluded(
            primary,
            measured.gold,
            {**arms, **measured.diagnostics},
            terms,
            shots=measured.shots,
            target=spec.task.target_score,
        ),
        "slices": slices.left_out(slices.parts_of(heldout, spec.task.type)),
        "judge": judge,
        "costs": costs,
        "prices": digest_of(plan.rules.texts["prices.toml"]),
        "facts_after": sheet_to_raw(sheet),
        "verdict_before": plan.before,
        "prediction": judged(
            plan.predicted, {a: m.value for a, m in primary.items()}, comparisons
        ),
        "verdict": after,
        "rule_set": plan.rules.digest,
    }
    records.finish(store, plan.id, report=report, actor=home.actor, at=home.now())
    compared = forecasts.compared(store, records.get(store, plan.id))
    return {**report, "status": "finished", "decision": None, "forecasts": compared}


def _with_known(plan: Plan, sheet: FactSheet, facts: Iterable[Fact]) -> FactSheet:
    """Return the sheet with those facts that the rule set declares."""
    return sheet.with_facts(*(f for f in facts if f.name in plan.rules.facts))


def write_facts(plan: Plan, report: View) -> None:
    """Write the facts that a decision can be proposed on, beside the runs."""
    facts = json.dumps(report["facts_after"], ensure_ascii=False, indent=1)
    write_text(plan.folder / "facts.json", facts + "\n")


def _costed(plan: Plan, measured: _Measured, sheet: FactSheet, *, on: date) -> View:
    """Return what the arms cost; each of them learns the cost of its requests."""
    prices = parse_prices(plan.rules.texts["prices.toml"])
    examples = {split: len(plan.content.split(split)) for split in Split}
    basis = Basis(prices, chosen(plan.spec, prices), sheet, examples)
    plans = {
        arm: plan_of(
            arm,
            worked(measured.runs[arm], validation=examples[Split.VALIDATION]),
            basis,
        )
        for arm in ARMS
        if arm in measured.runs and not measured.arms[arm].get("imported")
    }
    requests, _ = requests_a_month(basis)
    for arm, costs in plans.items():
        view = measured.arms[arm]  # a price that the specification states goes first
        view["cost"] = view.get("cost") or request_cost(costs, requests)
    return costs_view(plans, basis, on=on)


def _measure(store: Store, plan: Plan) -> _Measured:
    heldout = plan.content.split(Split.HELDOUT)
    groups = results.groups_of(heldout)
    parts = slices.parts_of(heldout, plan.spec.task.type)
    measured = _Measured({}, {}, {}, {}, {}, {})
    found = run_records.list_all(store, experiment=plan.id)
    for arm in dict.fromkeys(r.arm for r in found if r.arm != JUDGE):
        shown = measured.arms if arm in ARMS else measured.diagnostics
        mine = of_arm(found, arm)
        done = [r for r in mine if r.result]
        if not done:
            shown[arm] = {
                "run": mine[0].id,
                "status": mine[0].status.value,
                "error": mine[0].error,
                "sent_to": endpoints.sent_to(mine, plan.classification),
            }
            continue
        rows = [answers_of(store, r) for r in done]
        given = [[row["answer"] for row in each] for each in rows]
        scored = results.counts_of(
            heldout, given, task=asdict(plan.spec.task), schema=plan.schema
        )
        shown[arm] = results.arm_view(
            done[0].id,
            done[0].result or {},
            scored,
            groups=groups,
        )
        if arm not in PARTIAL:  # the arm itself says where such answers fail
            shown[arm] |= quality_of(plan.content, rows, task_type=plan.spec.task.type)
            shown[arm]["off_task"] = off_task.off_task_view(
                arm, [r.result or {} for r in done], plan.spec.regression
            )
        shown[arm]["sent_to"] = endpoints.sent_to(mine, plan.classification)
        if hosted := plan.spec.endpoint_of(arm):
            shown[arm]["cost"] = endpoints.request_cost(hosted, done[0].result or {})
        details = (done[0].result or {}).get("details", {})
        measured.shots[arm] = len(details.get("shots", ()))
        metric = plan.spec.task.metric
        if first := _first_training(plan, done):
            answers = given[done.index(first)]
            measured.trained[arm] = _trained(plan, first, answers)
        shown[arm]["by_seed"] = results.seeds_view(
            {r.seed: (r.id, (r.result or {})["metrics"][metric]) for r in done}
        )
        if elsewhere := imported_view(done[0], found):
            # what it cost is not known, and its times are what the file says
            shown[arm] |= {"cost": None, "imported": elsewhere}
        if arm in ARMS:
            measured.primary[arm] = scored[metric]
            measured.runs[arm] = mine
            shown[arm]["slices"] = slices.slices_view(
                scored, parts, seed=results.SEED, groups=groups
            )
        elif arm in LOOKUPS:
            measured.lookups[arm] = scored[metric]
        elif arm == gold_passage.GOLD:
            measured.gold = scored[metric]
    return measured


def _first_training(plan: Plan, done: list[RunRow]) -> RunRow | None:
    """Return the run of the first seed of the finetune arm, or of a part of it.

    None where it did not finish, was of another arm, or was answered elsewhere.
    """
    for run in done:
        mine = run.arm in (curve.WHOLE, *PARTIAL) and run.seed == plan.spec.seeds[0]
        if mine and (run.result or {}).get("train"):
            return run
    return None


def _trained(plan: Plan, run: RunRow, answers: list[str]) -> curve.Trained:
    scored = results.counts_of(
        plan.content.split(Split.HELDOUT),
        [answers],
        task=asdict(plan.spec.task),
        schema=plan.schema,
    )
    return curve.Trained(
        run=run.id,
        seed=run.seed,
        examples=(run.result or {})["train"]["examples"],
        scored=scored[plan.spec.task.metric],
    )
