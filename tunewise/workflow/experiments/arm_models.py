"""Which local base model answers or is trained in which arm.

spec -> references, each once -> known? -> fetched -> the one that settings rest on
"""

from collections.abc import Mapping
from pathlib import Path

from tunewise.domain.completeness import TUNED
from tunewise.domain.experiment import ARMS, ExperimentSpec
from tunewise.domain.rules import RuleSet
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.home import Home
from tunewise.workflow.models import bases as base_models
from tunewise.workflow.models.base_folder import require_context, require_usable
from tunewise.workflow.models.bases import FetchedModel


def references_of(spec: ExperimentSpec) -> list[str]:
    """Return the references of the local bases that arms run on, each once.

    None where an endpoint answers every arm.
    """
    named = dict.fromkeys(spec.model_of(arm) for arm in spec.arms or ARMS)
    return [reference for reference in named if reference]


def require_known(home: Home, spec: ExperimentSpec, rules: RuleSet) -> None:
    """Refuse a base model that cannot be used, as far as it lies here already.

    Raises
    ------
    TunewiseError
        If the extra [train] is missing, or a reference names nothing usable.
    """
    for reference in references_of(spec):
        base_models.require_train_extra()
        base_models.require_known(reference, home.models, rules.base_models)
        here = base_models.folder_of(reference, home.models)
        if here and reference in _trained_names(spec):
            require_context(here, spec.finetune.max_length)


def fetched(
    home: Home, spec: ExperimentSpec, rules: RuleSet, tell: Tell
) -> dict[str, FetchedModel]:
    """Return the base models that arms run on, ready to load, by reference."""
    found = {}
    for reference in references_of(spec):
        tell(Event("step", f"Make the base model {reference} ready"))
        base = base_models.fetch(
            home,
            reference,
            rules.base_models,
            say=lambda text: tell(Event("result", text)),
        )
        require_usable(Path(base.folder))
        tell(Event("result", f"{base.id}, weights {base.digest[:19]}…"))
        found[reference] = base
    return found


def require_contexts(spec: ExperimentSpec, bases: Mapping[str, FetchedModel]) -> None:
    """Refuse examples that are longer than what every base that is trained reads."""
    for base in _trained(spec, bases):
        require_context(Path(base.folder), spec.finetune.max_length)


def main_base(
    spec: ExperimentSpec, bases: Mapping[str, FetchedModel]
) -> FetchedModel | None:
    """Return the base that settings and estimate rest on, None where there is none.

    That is the one that is trained; of two the larger, whose learning rate the
    smaller one bears too. Where none is trained it is the first that answers.
    """
    if trained := _trained(spec, bases):
        return max(trained, key=lambda base: base.parameters)
    return next(iter(bases.values()), None)


def _trained(
    spec: ExperimentSpec, bases: Mapping[str, FetchedModel]
) -> list[FetchedModel]:
    """Return the bases that are trained; none where answers come from elsewhere."""
    return [bases[name] for name in _trained_names(spec) if name in bases]


def _trained_names(spec: ExperimentSpec) -> list[str]:
    arms = [arm for arm in spec.arms or ARMS if arm in TUNED]
    return list(dict.fromkeys(spec.model_of(arm) for arm in arms))
