"""What tuned weights lost elsewhere: on examples that have nothing to do with the task.

    specification -> the examples: shipped, or a file of its own
    results of an arm's runs -> loss and token F1, of base and tuned, with intervals

A diagnostic: nothing rests on it, and where a loss is shown a warning says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from trainer.files import read_examples
from tunewise.datasets import canonical, chat
from tunewise.datasets.findings import lines_text
from tunewise.domain.completeness import TUNED
from tunewise.domain.dataset import Example, Severity
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import ExperimentSpec, RegressionSpec
from tunewise.evidence.before_after import LEAST, before_after
from tunewise.report.off_task import sentence
from tunewise.report.words import arm_title
from tunewise.resources import off_task_file
from tunewise.workflow.experiments.arm_runs import IMPORTED
from tunewise.workflow.experiments.results import SEED
from tunewise.workflow.experiments.training_settings import trains

View = dict[str, Any]
SHIPPED = "shipped"  # what the examples are called that nobody named
DATA = "off-task"  # their file in an experiment's data/, without its ending


def examples_of(spec: ExperimentSpec) -> tuple[Example, ...]:
    """Return what tuned weights are checked on; () where nothing is to be checked.

    Raises
    ------
    SpecError
        If the file cannot be read, is no chat JSONL, or has too few examples.
    """
    if not (spec.regression.check and trains(spec)):
        return ()
    return _read(Path(spec.regression.examples or off_task_file()))


def examples_again(
    spec: ExperimentSpec, kept: Path, recorded: object
) -> tuple[Example, ...]:
    """Return the examples that an experiment on record began with.

    () where it began without, or they are no longer to be had: the check is left out
    then, and the runs that are still to come say so.

    Parameters
    ----------
    kept : the experiment's copy of them, if it is still there
    recorded : what its record says of them
    """
    digest = recorded.get("digest") if isinstance(recorded, Mapping) else None
    if not digest:
        return ()
    try:
        found = read_examples(kept) if kept.is_file() else examples_of(spec)
    except SpecError:
        return ()
    return found if canonical.split_digest(found).digest == digest else ()


def described(spec: ExperimentSpec, examples: Sequence[Example]) -> View | None:
    """Return what a record keeps of the examples; None where there are none."""
    if not examples:
        return None
    return {
        "examples": _named(spec.regression),
        "n": len(examples),
        "digest": canonical.split_digest(examples).digest,
    }


def off_task_view(
    arm: str, results: Sequence[Mapping[str, Any]], spec: RegressionSpec
) -> View | None:
    """Return what an arm's weights lost elsewhere; None for arms that do not train.

    Seeds are averaged for each example first. Where there is nothing to show,
    ``not_checked`` says why.
    """
    if arm not in TUNED:
        return None
    measured = [found for r in results if (found := r.get("off_task"))]
    if not measured:
        return {"not_checked": _why_not(results, spec)}
    left_out = measured[0]["left_out"]
    if len(measured[0]["base"]["loss"]) < LEAST:
        return {
            "not_checked": f"{left_out} examples are longer than the model can read, "
            f"and fewer than {LEAST} are left"
        }
    loss, token_f1 = (
        before_after(
            _mean(measured, "base", key), _mean(measured, "tuned", key), seed=SEED
        )
        for key in ("loss", "token_f1")
    )
    return {
        "not_checked": "",
        "examples": _named(spec),
        "left_out": left_out,
        "loss": asdict(loss),
        "token_f1": asdict(token_f1),
        "worse": loss.risen or token_f1.fallen,
    }


def warned(arms: Mapping[str, View]) -> list[str]:
    """Say which tuned arms are shown to be worse at other things."""
    return [
        f"{arm_title(arm)}: {sentence(found)}. Serve it for this task only."
        for arm, view in arms.items()
        if (found := view.get("off_task")) and found.get("worse")
    ]


def _read(path: Path) -> tuple[Example, ...]:
    at = f"regression.examples: {path}"
    try:
        parsed = chat.parse(path.read_bytes(), file=path.name)
    except OSError as error:
        raise SpecError(f"{at}: cannot be read ({error.strerror})") from None
    for found in parsed.findings:
        if found.severity is Severity.BLOCK:
            line = f":{found.lines[0]}" if found.lines else ""
            what = found.message.removeprefix(f"{lines_text(found.lines)}: ")
            raise SpecError(f"{at}{line}: {what}")
    if len(parsed.examples) < LEAST:
        raise SpecError(
            f"{at}: {len(parsed.examples)} examples say nothing of others\n"
            f"  Give at least {LEAST}, better 50, or leave it out: some are shipped."
        )
    return parsed.examples


def _named(spec: RegressionSpec) -> str:
    return Path(spec.examples).name if spec.examples else SHIPPED


def _why_not(results: Sequence[Mapping[str, Any]], spec: RegressionSpec) -> str:
    if any(r.get(IMPORTED) for r in results):
        return "its answers were imported, and its weights are not here"
    if not spec.check:
        return "the specification switches it off"
    return "the examples it began with are not here, or older software ran it"


def _mean(measured: Sequence[View], model: str, key: str) -> list[float]:
    """Return one measure of each example, the mean over seeds."""
    means: list[float] = np.mean([m[model][key] for m in measured], axis=0).tolist()
    return means
