"""The settings of a training: filled by the rules, held against the base and the rules.

spec + what is known of data and base -> [finetune] without a gap -> warnings
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from trainer.token_counter import context_tokens
from tunewise.domain.completeness import TUNED
from tunewise.domain.experiment import ExperimentSpec
from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.training import configure, warnings
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.models import bases as base_models
from tunewise.workflow.models.base_folder import require_context


def trains(spec: ExperimentSpec) -> bool:
    """Tell whether an arm of a specification trains weights."""
    return not spec.arms or any(arm in TUNED for arm in spec.arms)


def asked_of(
    spec: ExperimentSpec, sheet: FactSheet, base: base_models.FetchedModel | None
) -> FactSheet:
    """Return what the rules of training are asked about.

    The base model is the one that is tuned here, whatever size the fact sheet says
    the firm could run.
    """
    known: dict[str, Any] = {"tuning_method": spec.finetune.method}
    if base and base.parameters:
        known["base_model_size_b"] = base.parameters / 1e9
    return sheet.with_facts(*(Fact(name, value) for name, value in known.items()))


def configured(
    spec: ExperimentSpec,
    rules: RuleSet,
    asked: FactSheet,
    base: base_models.FetchedModel | None,
) -> ExperimentSpec:
    """Fill what the specification leaves open in [finetune] by the rules."""
    suggested = configure(rules, asked)
    chosen: dict[str, Any] = {
        key: suggested[key].value
        for key in (
            "epochs",
            "learning_rate",
            "rank",
            "alpha",
            "batch_size",
            "max_length",
        )
        if not getattr(spec.finetune, key) and key in suggested
    }
    if base and (context := context_tokens(Path(base.folder))):
        # what the rules suggest, never more than the base reads
        chosen |= {k: min(v, context) for k, v in chosen.items() if k == "max_length"}
        if trains(spec):
            require_context(Path(base.folder), spec.finetune.max_length)
    return replace(spec, finetune=replace(spec.finetune, **chosen))


def warned(
    spec: ExperimentSpec, rules: RuleSet, asked: FactSheet, tell: Tell
) -> tuple[str, ...]:
    """Return, and tell, what the rules say against the settings of a training."""
    if not trains(spec):
        return ()
    found = warnings(rules, asked, asdict(spec.finetune))
    for warning in found:
        tell(Event("result", f"Take care: {warning}"))
    return found
