"""What facts say of the records that they name, beside what those records hold.

a score, with a run or an experiment as evidence     arm, primary metric, value
a score, with imported answers as evidence           the same, of their run
what a lookup shows, with its run as evidence        the same fact of that experiment
a number of examples, with a dataset version         the size of its split
a comparison, with the runs of both arms             conclusion and figures (compared)

A score that the run holds is measured; one that it does not hold is only stated,
whatever its evidence is called, and one that differs contradicts the record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from tracker import datasets
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tracker.experiments import ExperimentRow
from tracker.store import Store
from tunewise.domain.dataset import Split
from tunewise.domain.errors import FactError, NotRecorded
from tunewise.domain.facts import EvidenceKind, Fact, FactSheet
from tunewise.domain.record import Claim, Standing
from tunewise.engine import lookup
from tunewise.engine.weighing import SCORES
from tunewise.workflow.decisions import compared
from tunewise.workflow.decisions.links import is_imported_run
from tunewise.workflow.decisions.rounding import is_rounded

_ARMS = {name: option.value for option, name in SCORES.items()}
# of what runs today and of the best lookup, whichever arm or diagnostic it was
_ANY_ARM = ("current_score", lookup.SCORE)
_BESIDE_LOOKUP = (lookup.BEST, lookup.BESIDE, lookup.NEEDED)
_SIZES = {"training_examples": Split.TRAIN, "heldout_examples": Split.HELDOUT}
_RUNS = (EvidenceKind.RUN, EvidenceKind.IMPORTED)


@dataclass(frozen=True, slots=True)
class _Score:
    """A score on record: of one run, or of an arm over all its runs."""

    arm: str
    metric: str
    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        interval = _interval(self.low, self.high)
        return f"{self.metric} {self.value:.4g}{interval} of the arm {self.arm}"


def claims_of(store: Store, sheet: FactSheet) -> list[Claim]:
    """Return what the facts say of records, each beside its record.

    Their evidence must be recorded here (``links.of_sheet`` sees to it), but for what
    they call imported: without a run that holds such answers it is only stated.
    """
    experiments = _experiments(store, sheet)
    claims = []
    for fact in sheet:
        if _is_score(fact) and _is_here(store, fact):
            claims.append(_of_score(store, fact))
        elif _is_score(fact) and fact.evidence.kind is EvidenceKind.IMPORTED:
            claims.append(_not_imported(fact))
        elif fact.name in _BESIDE_LOOKUP and _is_here(store, fact):
            claims.append(_of_lookup(store, fact))
        elif fact.name in _SIZES:
            claims += _of_size(store, fact, experiments)
    here = {_ARMS[f.name] for f in sheet if f.name in _ARMS and _is_here(store, f)}
    return claims + compared.claims_of(sheet.comparisons, experiments, here=here)


def not_imported(sheet: FactSheet, store: Store | None = None) -> list[Claim]:
    """Return the claims of scores that are called imported and that no run here holds.

    Nobody makes a score measured by typing ``imported:``. Without a store nothing is
    recorded here.
    """
    return [
        _not_imported(fact)
        for fact in sheet
        if _is_score(fact)
        and fact.evidence.kind is EvidenceKind.IMPORTED
        and not (store and _is_here(store, fact))
    ]


def marked(sheet: FactSheet, claims: Iterable[Claim]) -> FactSheet:
    """Return the sheet in which scores and comparisons count only where measured."""
    said = {claim.fact: claim.standing for claim in claims}
    held = replace(sheet, comparisons=compared.marked(sheet.comparisons, said))
    return held.with_facts(
        *(
            replace(fact, stated=said[fact.name] is not Standing.MEASURED)
            for fact in sheet
            if fact.name in said and (_is_score(fact) or fact.name in _BESIDE_LOOKUP)
        )
    )


def contradicting(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims that their records contradict."""
    return [claim for claim in claims if claim.standing is Standing.CONTRADICTED]


def require_agreement(claims: Iterable[Claim], because: str) -> None:
    """Refuse facts that contradict the records they name, unless a reason is given."""
    wrong = contradicting(claims)
    if wrong and not because:
        told = "\n".join(
            f"{c.fact}: the facts say {c.said}, {c.evidence} holds {c.recorded}"
            for c in wrong
        )
        raise FactError(
            f"{told}\n  Correct the facts, or keep them with a reason that stays on "
            "record: --accept-because TEXT."
        )


def _is_score(fact: Fact) -> bool:
    return fact.name in _ARMS or fact.name in _ANY_ARM


def _is_here(store: Store, fact: Fact) -> bool:
    """Tell whether a fact names a run or an experiment that is recorded here."""
    if fact.evidence.kind is EvidenceKind.IMPORTED:
        return is_imported_run(store, fact.evidence.reference)
    return fact.evidence.kind in (EvidenceKind.RUN, EvidenceKind.EXPERIMENT)


def _not_imported(fact: Fact) -> Claim:
    return _claim(fact, "no answers that were imported here", Standing.STATED)


def _of_score(store: Store, fact: Fact) -> Claim:
    found = _scores(store, fact)
    arm = _ARMS.get(fact.name, "")
    own = [score for score in found if arm in ("", score.arm)]
    if any(_agrees(fact, score) for score in own):
        standing = Standing.MEASURED
    elif own or (found and fact.evidence.kind in _RUNS):
        standing = Standing.CONTRADICTED
    else:
        standing = Standing.STATED
    named = dict.fromkeys(str(score) for score in own or found)
    none = f"no score of the arm {arm}" if arm else "no score"
    recorded = none if standing is Standing.STATED else " and ".join(named)
    return _claim(fact, recorded, standing)


def _of_lookup(store: Store, fact: Fact) -> Claim:
    """Hold a fact against the one that the experiment of its run established."""
    reference = fact.evidence.reference
    if fact.evidence.kind is not EvidenceKind.EXPERIMENT:
        reference = run_records.get(store, reference).experiment
    report = experiment_records.get(store, reference).report if reference else None
    facts = (report or {}).get("facts_after", {}).get("facts", {})
    if fact.name not in facts:
        return _claim(fact, f"no {fact.name}", Standing.STATED)
    recorded = facts[fact.name]["value"]
    same = fact.value == recorded
    standing = Standing.MEASURED if same else Standing.CONTRADICTED
    return _claim(fact, str(recorded), standing)


def _scores(store: Store, fact: Fact) -> list[_Score]:
    """Return the primary scores that a run or an experiment holds."""
    reference = fact.evidence.reference
    if fact.evidence.kind is EvidenceKind.EXPERIMENT:
        experiment = experiment_records.get(store, reference)
        return _reported(experiment) or _averaged(store, experiment)
    run = run_records.get(store, reference)
    metrics = (run.result or {}).get("metrics", {})
    if not run.experiment:
        return [_Score(run.arm, name, value) for name, value in metrics.items()]
    experiment = experiment_records.get(store, run.experiment)
    primary = experiment.body["spec"]["task"]["metric"]
    own = [_Score(run.arm, primary, metrics[primary])] if primary in metrics else []
    return [*_reported(experiment, run=run.id), *own]


def _reported(experiment: ExperimentRow, *, run: str = "") -> list[_Score]:
    """Return the scores of an experiment's report, perhaps of one run in it."""
    report = experiment.report or {}
    arms: dict[str, Any] = {**report.get("diagnostics", {}), **report.get("arms", {})}
    found = []
    for arm, view in arms.items():
        score = view.get("metrics", {}).get(report.get("primary_metric"))
        if score and run in ("", view["run"]):
            bounds = score.get("low"), score.get("high")
            found.append(_Score(arm, report["primary_metric"], score["value"], *bounds))
    return found


def _averaged(store: Store, experiment: ExperimentRow) -> list[_Score]:
    """Return each arm's score over its seeds, where no report has it yet."""
    primary = experiment.body["spec"]["task"]["metric"]
    by_arm: dict[str, list[float]] = {}
    for run in run_records.list_all(store, experiment=experiment.id):
        value = (run.result or {}).get("metrics", {}).get(primary)
        if value is not None:
            by_arm.setdefault(run.arm, []).append(value)
    return [_Score(arm, primary, fmean(values)) for arm, values in by_arm.items()]


def _agrees(fact: Fact, score: _Score) -> bool:
    """Tell whether a fact says what is on record, as precisely as it was written."""
    if fact.value is None:
        lower = float("-inf") if fact.low is None else fact.low
        upper = float("inf") if fact.high is None else fact.high
        return lower <= score.value <= upper
    pairs = ((fact.value, score.value), (fact.low, score.low), (fact.high, score.high))
    return all(is_rounded(said, recorded) for said, recorded in pairs)


def _of_size(
    store: Store, fact: Fact, experiments: Sequence[ExperimentRow]
) -> list[Claim]:
    """Return what a fact says of the size of a split, if it names a version."""
    if fact.evidence.kind not in (EvidenceKind.DATASET, EvidenceKind.DOCUMENT):
        return []
    try:
        version = datasets.get(store, fact.evidence.reference)
    except NotRecorded:
        return []  # a document that is none
    if version.id != fact.evidence.reference:
        return []
    split = _SIZES[fact.name].value
    size = version.body.get("splits", {}).get(split, {}).get("examples")
    if size is None:
        return []
    # an experiment with a limit took a part of the split
    used = {
        e.body.get("data", {}).get(split)
        for e in experiments
        if e.dataset == version.id
    }
    agrees = any(_holds(fact, number) for number in {size, *used} - {None})
    standing = Standing.AGREES if agrees else Standing.CONTRADICTED
    return [_claim(fact, f"{size:,} examples in its {_NAMES[split]} split", standing)]


_NAMES = {Split.TRAIN.value: "train", Split.HELDOUT.value: "held-out"}


def _holds(fact: Fact, number: int) -> bool:
    if fact.value is not None:
        return fact.value == number
    low, high = fact.low, fact.high
    return (low is None or low <= number) and (high is None or number <= high)


def _experiments(store: Store, sheet: FactSheet) -> list[ExperimentRow]:
    """Return the experiments that the facts rest on."""
    named: dict[str, None] = {}
    for fact in sheet:
        reference = fact.evidence.reference
        if fact.evidence.kind is EvidenceKind.RUN or (
            fact.evidence.kind is EvidenceKind.IMPORTED
            and is_imported_run(store, reference)
        ):
            named[run_records.get(store, reference).experiment] = None
        elif fact.evidence.kind is EvidenceKind.EXPERIMENT:
            named[reference] = None
    return [experiment_records.get(store, id) for id in named if id]


def _claim(fact: Fact, recorded: str, standing: Standing) -> Claim:
    interval = _interval(fact.low, fact.high)
    said = interval.strip(" ()") if fact.value is None else f"{fact.value}{interval}"
    evidence = f"{fact.evidence.kind}:{fact.evidence.reference}"
    return Claim(fact.name, evidence, said, recorded, standing)


def _interval(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    ends = ("?" if end is None else f"{end:.4g}" for end in (low, high))
    return f" ({' to '.join(ends)})"
