"""Whether a specification and its data fit: examples, JSON, documents for its arms."""

import json
from dataclasses import replace

from tunewise.domain.dataset import Dataset, Split
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import ARMS, ExperimentSpec


def fitting(spec: ExperimentSpec, content: Dataset) -> ExperimentSpec:
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
