"""Planning an experiment: everything that is fixed before its first run starts.

spec -> dataset version -> facts that the data establish -> verdict before
     -> base model -> training configuration by the rules -> Plan
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunewise.datasets import canonical
from tunewise.datasets.sizes import few_heldout, on_few_documents
from tunewise.domain.dataset import Dataset, Example, Split
from tunewise.domain.errors import FactError
from tunewise.domain.experiment import ExperimentSpec
from tunewise.domain.facts import Evidence, EvidenceKind, Fact, FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.verdict import advise
from tunewise.evidence.price_table import parse_prices
from tunewise.workflow.costs.prices import chosen
from tunewise.workflow.datasets import checks as dataset_checks
from tunewise.workflow.datasets import facts as dataset_facts
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.decisions.claims import marked, not_imported
from tunewise.workflow.experiments import arm_models, data, endpoints, off_task
from tunewise.workflow.experiments.fitting import fitting
from tunewise.workflow.experiments.parts import Part, parts_of
from tunewise.workflow.experiments.prediction import foresee
from tunewise.workflow.experiments.specs import read_spec
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.experiments.training_settings import asked_of, configured, warned
from tunewise.workflow.facts import blaming, checked_sheet, sheet_of
from tunewise.workflow.home import Home, slug
from tunewise.workflow.models.bases import FetchedModel
from tunewise.workflow.views import View, verdict_view

_FLAGGED_UNKNOWN = (
    "{} was registered by an older version: which examples its quality report flags is "
    "not known, and the finetune arm is not measured without them."
)


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
    # of the training examples, by the diagnostic that trains on no others
    parts: Mapping[str, Part] = field(default_factory=dict)
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
    checked = data.checked(spec, schema)
    whole = checked.dataset if checked else datasets.load(home, spec.dataset)
    spec = fitting(spec, data.limited(whole, spec))
    classification = spec.provenance.classification
    if here:
        classification = _require_allowed(home, spec, whole, tell)
    if checked is not None and not record:
        version = data.as_checked(home, spec, checked)
    else:
        version = data.registered(home, spec, checked, labels)
        # as registered: files in another order are the same version
        whole = datasets.load(home, version["dataset"])
    content = data.limited(whole, spec)
    tell(Event("result", data.described(version)))
    sheet = _known(spec, rules, version, content, home.today().isoformat())
    sheet = _held(home, sheet)
    before = advise(rules, sheet, today=home.today())
    tell(Event("result", f"Before measuring: {before.because}"))
    bases = arm_models.fetched(home, spec, rules, tell) if here else {}
    base = arm_models.main_base(spec, bases)
    asked = asked_of(spec, sheet, base)
    spec = configured(spec, rules, asked, base)
    arm_models.require_contexts(spec, bases)
    heldout = content.split(Split.HELDOUT)
    said = (few_heldout(len(heldout)), on_few_documents(heldout))
    settings = warned(spec, rules, asked, tell) if here else ()
    if here:
        _tell_of_flags(spec, version, tell)
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
        warnings=(*filter(None, said), *settings),
        classification=classification,
        parts=parts_of(spec, content, whole, version["flagged"]),
        off_task=elsewhere,
    )


def _tell_of_flags(spec: ExperimentSpec, version: View, tell: Tell) -> None:
    """Say that nobody knows which examples to leave out, where that was wanted."""
    wanted = "finetune" in spec.arms and spec.finetune.without_flagged
    if wanted and version["flagged"] is None:
        tell(Event("result", _FLAGGED_UNKNOWN.format(version["dataset"])))


def _refuse_contradiction(spec: ExperimentSpec, stated: FactSheet) -> None:
    asked = {"task_type": spec.task.type, "target_score": spec.task.target_score}
    for name, value in asked.items():
        said = stated.value(name)
        if None not in (said, value) and said != value:
            raise FactError(
                f"{name}: the facts say {said}, [task] says {value}\n"
                "  Say it once, under [task]."
            )


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
        *plan.parts,
    )
