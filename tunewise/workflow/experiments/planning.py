"""Planning an experiment: everything that is fixed before its first run starts.

spec -> dataset version -> facts that the data establish -> verdict before
     -> base model -> training configuration by the rules -> Plan
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tunewise.datasets import canonical
from tunewise.datasets.sizes import few_heldout
from tunewise.datasets.splits import limit
from tunewise.domain.dataset import Dataset, Example, Split
from tunewise.domain.errors import FactError, SpecError
from tunewise.domain.experiment import ARMS, ExperimentSpec
from tunewise.domain.facts import Evidence, EvidenceKind, Fact, FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.verdict import advise
from tunewise.evidence.price_table import parse_prices
from tunewise.report.words import split_title
from tunewise.workflow.costs.prices import chosen
from tunewise.workflow.datasets import checks as dataset_checks
from tunewise.workflow.datasets import facts as dataset_facts
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.decisions.claims import marked, not_imported
from tunewise.workflow.experiments import arm_models, endpoints, off_task
from tunewise.workflow.experiments.prediction import foresee
from tunewise.workflow.experiments.specs import read_spec
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.experiments.training_settings import asked_of, configured, warned
from tunewise.workflow.facts import blaming, checked_sheet, sheet_of
from tunewise.workflow.home import Home, slug
from tunewise.workflow.models.bases import FetchedModel
from tunewise.workflow.views import View, verdict_view


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is fixed before the first run starts."""

    id: str
    spec: ExperimentSpec
    rules: RuleSet
    dataset: str
    content: Dataset  # limited as the specification says
    schema: dict[str, Any] | None
    sheet: FactSheet
    folder: Path
    bases: Mapping[str, FetchedModel]  # by reference in the specification
    before: View  # the verdict before anything was measured
    predicted: View  # by the rules alone, whatever scores the facts state
    labels: tuple[str, ...] = ()
    estimate: View | None = None  # what it would take, before it starts
    # few examples, settings that the rules speak against
    warnings: tuple[str, ...] = ()
    classification: str = ""  # of the data, "" where nobody said
    off_task: tuple[Example, ...] = ()  # what tuned weights are checked on, too

    def base_of(self, arm: str) -> FetchedModel | None:
        """Return the local base model of an arm, None where it runs on none."""
        return self.bases.get(self.spec.model_of(arm))

    @property
    def base(self) -> FetchedModel | None:
        """The base that is trained, else the first one that answers; None: neither."""
        return arm_models.main_base(self.spec, self.bases)

    @property
    def heldout_digest(self) -> str:
        """Digest of the held-out examples that every arm answers."""
        return canonical.split_digest(self.content.split(Split.HELDOUT)).digest


def make_plan(
    home: Home,
    spec_path: Path,
    *,
    tell: Tell,
    labels: Sequence[str] = (),
    record: bool = True,
    here: bool = True,
) -> Plan:
    """Check a specification and its data, and fill what it leaves open.

    Without ``record`` the dataset is checked and not registered; without ``here`` the
    answers come from elsewhere, and no model is asked for.

    Raises
    ------
    TunewiseError
        If the specification, its data or the base model stands in the way; nothing
        was recorded then, or the dataset version where the base model is at fault.
    """
    spec = read_spec(spec_path)
    schema = dataset_checks.read_schema(spec.task.schema)
    rules = home.rules()
    with blaming(str(spec_path)):  # before anything is written
        _refuse_contradiction(spec, checked_sheet(spec.facts, rules))
    chosen(spec, parse_prices(rules.texts["prices.toml"]))  # the costs rest on them
    elsewhere = off_task.examples_of(spec)
    if here:
        endpoints.require_ready(spec)
        arm_models.require_known(home, spec, rules)
    tell(Event("step", f"Check {'and register ' if record else ''}the dataset"))
    checked = _checked(spec, schema)
    whole = checked.dataset if checked else datasets.load(home, spec.dataset)
    spec = _fitting(spec, limited(whole, spec))
    classification = spec.provenance.classification
    if here:
        classification = _require_allowed(home, spec, whole, tell)
    if checked is not None and not record:
        version, content = _as_checked(home, spec, checked), limited(whole, spec)
    else:
        version = _registered(home, spec, checked, labels)
        # as registered: files in another order are the same version
        content = limited(datasets.load(home, version["dataset"]), spec)
    tell(Event("result", _described(version)))
    sheet = _known(spec, rules, version, content, home.today().isoformat())
    sheet = _held(home, sheet)
    before = advise(rules, sheet, today=home.today())
    tell(Event("result", f"Before measuring: {before.because}"))
    bases = arm_models.fetched(home, spec, rules, tell) if here else {}
    base = arm_models.main_base(spec, bases)
    asked = asked_of(spec, sheet, base)
    spec = configured(spec, rules, asked, base)
    arm_models.require_contexts(spec, bases)
    few = few_heldout(len(content.split(Split.HELDOUT)))
    settings = warned(spec, rules, asked, tell) if here else ()
    against = (*([few] if few else []), *settings)
    id = home.new_id("e", spec.title)
    return Plan(
        id=id,
        spec=spec,
        rules=rules,
        dataset=version["dataset"],
        content=content,
        schema=schema,
        sheet=sheet,
        folder=home.runs / id,
        bases=bases,
        before=verdict_view(before),
        predicted=foresee(rules, sheet, today=home.today()),
        labels=tuple(labels),
        warnings=against,
        classification=classification,
        off_task=elsewhere,
    )


def _checked(
    spec: ExperimentSpec, schema: dict[str, Any] | None
) -> dataset_checks.Checked | None:
    """Read and check the files; None where the dataset was registered before."""
    if spec.dataset:
        return None
    paths = {role: Path(p) for role, p in spec.dataset_files.items()}
    checked = dataset_checks.read(paths, schema=schema)
    if not spec.accept_because:
        dataset_checks.refuse_blocking(checked)
    return checked


def _registered(
    home: Home,
    spec: ExperimentSpec,
    checked: dataset_checks.Checked | None,
    labels: Sequence[str],
) -> View:
    if checked is None:
        return datasets.show(home, spec.dataset)
    return datasets.record(
        home,
        slug(spec.title),
        checked,
        accepted_because=spec.accept_because,
        provenance=spec.provenance,
        labels=tuple(labels),
    )


def _as_checked(
    home: Home, spec: ExperimentSpec, checked: dataset_checks.Checked
) -> View:
    """Return what a plan reads of a version, for files that are not registered."""
    return {
        "dataset": slug(spec.title),
        "splits": {
            split.value: {"examples": len(checked.dataset.split(split))}
            for split in Split
        },
        "findings": dataset_checks.findings_view(checked.findings),
        "quality": asdict(dataset_checks.graded(home, checked).quality),
    }


def _described(version: View) -> str:
    counts = ", ".join(
        f"{split['examples']} {split_title(name)}"
        for name, split in version["splits"].items()
    )
    warned = sum(f["severity"] == "warn" for f in version["findings"])
    return (
        f"{version['dataset']}: {counts}; quality {version['quality']['grade']}, "
        f"{warned} warnings."
    )


def limited(dataset: Dataset, spec: ExperimentSpec) -> Dataset:
    """Return the examples that the specification's limits leave of a dataset."""
    bounds = {
        Split.TRAIN: spec.limits.train,
        Split.VALIDATION: spec.limits.validation,
        Split.HELDOUT: spec.limits.heldout,
    }
    return Dataset(
        {s: limit(dataset.split(s), n) for s, n in bounds.items()}, dataset.documents
    )


def _fitting(spec: ExperimentSpec, content: Dataset) -> ExperimentSpec:
    """Refuse data that the specification cannot run on; fill the arms it left open."""
    _require_examples(content)
    _require_json(spec, content)
    return _with_arms(spec, content)


def _require_examples(content: Dataset) -> None:
    for split in Split:
        if not content.split(split):
            raise SpecError(
                f"dataset: the {split.value} split is empty\n"
                "  Give it a file, or more train examples to take a fifth from."
            )


def _require_json(spec: ExperimentSpec, content: Dataset) -> None:
    """Refuse a metric that reads JSON where the references are none."""
    metric = spec.task.metric
    if metric not in ("json_valid", "schema_valid", "field_f1"):
        return
    for split in Split:
        for number, example in enumerate(content.split(split), start=1):
            try:
                json.loads(example.reference)
            except ValueError:
                raise SpecError(
                    f"task.metric: {metric} reads JSON, and the reference of {split} "
                    f"example {number} is none: {example.reference[:60]!r}\n"
                    "  Take another metric, or mend the references."
                ) from None


def _refuse_contradiction(spec: ExperimentSpec, stated: FactSheet) -> None:
    asked = {"task_type": spec.task.type, "target_score": spec.task.target_score}
    for name, value in asked.items():
        said = stated.value(name)
        if None not in (said, value) and said != value:
            raise FactError(
                f"{name}: the facts say {said}, [task] says {value}\n"
                "  Say it once, under [task]."
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
    if spec.hybrid.train and "hybrid" not in arms:
        raise SpecError(
            f"hybrid.train: {spec.hybrid.train} examples for an arm that is not run\n"
            "  Add hybrid to arms, or leave [hybrid] train out."
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
    found: dict[str, Any] = {"task_type": spec.task.type}
    if spec.task.target_score is not None:
        found["target_score"] = spec.task.target_score
    established = [
        *(
            Fact(name, value, evidence=evidence, on=today)
            for name, value in found.items()
        ),
        *dataset_facts.established(
            registered,
            on=today,
            training=len(content.split(Split.TRAIN)),
            heldout=len(content.split(Split.HELDOUT)),
        ),
    ]
    known = [fact for fact in established if fact.name in rules.facts]
    return sheet_of(spec.facts, rules).with_facts(*known)


def _require_allowed(
    home: Home, spec: ExperimentSpec, content: Dataset, tell: Tell
) -> str:
    """Return how confidential the data are; refuse to send them where they may not."""
    if not endpoints.used(spec):
        return spec.provenance.classification
    stated = spec.provenance.classification
    classification = endpoints.classification_of(home, content, stated)
    endpoints.require_allowed(spec, classification, spec.dataset or slug(spec.title))
    endpoints.tell_where(spec, classification, tell)
    return classification


def _held(home: Home, sheet: FactSheet) -> FactSheet:
    """Mark scores that the facts call imported, and that no import here holds."""
    if not home.has_records():
        return marked(sheet, not_imported(sheet))
    with home.store() as store:
        return marked(sheet, not_imported(sheet, store))


def arms_of(plan: Plan) -> tuple[str, ...]:
    """Return the arms that are asked for, and the diagnostics that the data allow.

    The gold passage is read where its reader is there: no model is fetched for it.
    """
    reader = plan.base_of("gold_passage") or plan.spec.endpoint_of("gold_passage")
    named = any(e.gold_doc_ids for e in plan.content.split(Split.HELDOUT))
    gold = named and plan.content.documents and reader
    return (
        *plan.spec.arms,
        *(("gold_passage",) if gold else ()),
        "majority",
        "nearest_example",
    )
