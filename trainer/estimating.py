"""What runs on one base model would take: counted, traced, probed, put together.

run.json of each -> workload (workload.py)
shapes           -> memory of training (traced.py)
a few passes     -> rates (probe.py)
                 -> seconds and bytes of each run (forecast.py)
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from transformers import AutoConfig

from trainer import device, memory, off_task
from trainer.answering import LocalModel
from trainer.asking import Data, load_data, load_part, tokenizer_of
from trainer.chat import prompt_ids
from trainer.environment import describe
from trainer.forecast import Machine, cached_token_bytes, forecast
from trainer.probe import Probed, probe_answering, probe_training
from trainer.run_config import RunConfig, read_run_config
from trainer.traced import TrainingMemory, training_memory
from trainer.workload import Training, Workload, spans, workload
from tunewise.domain.dataset import Example
from tunewise.domain.errors import EnvironmentProblem, SpecError
from tunewise.domain.experiment import PARTIAL

SHOWN = 2  # rendered examples
MOST_TOKENS = 65_536  # of a pass; nobody packs more
GB = 1e9


@dataclass(frozen=True, slots=True)
class _Subject:
    """What the runs have in common."""

    folder: Path  # of the base model
    base: LocalModel  # without its weights
    data: Data
    off_task: tuple[Example, ...]  # of the runs that train
    compute: device.Compute
    process: int  # bytes before anything is loaded
    available: int  # bytes


def estimate(folder: Path) -> dict[str, object]:
    """Return what the runs of a folder would take; they share data and base model.

    Raises
    ------
    TunewiseError
        If the base cannot be loaded, or the runs cannot be done with it.
    """
    began = time.monotonic()
    runs = {at.parent: read_run_config(at.parent) for at in folder.glob("*/run.json")}
    asked = list(runs.values())
    parts = {run.arm: load_part(run, at) for at, run in runs.items()}
    subject = _subject(runs)
    traced = _traced(subject, asked)
    room = traced.largest_pass(subject.available, at_most=MOST_TOKENS) if traced else 0
    work = _workloads(subject, asked, parts, room)
    trained = {arm: w.training for arm, w in work.items() if w.training}
    for each in trained.values():
        _require_memory(subject, traced, each)
    untouched, tuned = _probed(subject, asked, list(trained.values()))
    machine = _machine(subject, traced)
    return {
        "machine": describe(subject.compute.described()),
        "because": subject.compute.because(),
        "available_bytes": subject.available,
        "runs": {
            arm: asdict(forecast(each, untouched, tuned, traced, machine))
            for arm, each in work.items()
        },
        "rates": {
            "answering": asdict(untouched.answering),
            "training": asdict(tuned.training) if tuned and tuned.training else None,
        },
        "training": {arm: _counted(subject, each) for arm, each in trained.items()},
        "pack_tokens": min(asked[0].pack_tokens, room) if traced else None,
        "largest_pass_tokens": room if traced else None,
        "shown": _shown(subject, list(trained.values())),
        "seconds": time.monotonic() - began,
    }


def _subject(runs: Mapping[Path, RunConfig]) -> _Subject:
    at, config = next(iter(runs.items()))
    data = load_data(config, at)
    compute = device.pick()
    return _Subject(
        folder=at / config.model_dir,
        base=tokenizer_of(config, data, at),
        data=data,
        off_task=next(
            (e for r, c in runs.items() if (e := off_task.examples_of(c, r))), ()
        ),
        compute=compute,
        process=memory.peak_bytes(compute.device),
        available=memory.available_bytes(compute.device),
    )


def _traced(subject: _Subject, runs: Sequence[RunConfig]) -> TrainingMemory | None:
    spec = next((run.finetune for run in runs if run.trains), None)
    if spec is None:
        return None
    return training_memory(subject.folder, spec, dtype=subject.compute.training)


def _workloads(
    subject: _Subject,
    runs: Sequence[RunConfig],
    parts: Mapping[str, tuple[Example, ...]],
    room: int,
) -> dict[str, Workload]:
    work = {}
    for run in runs:
        packed = min(run.pack_tokens, room) if run.trains else run.pack_tokens
        fitting = replace(run, pack_tokens=packed)
        data = replace(subject.data, part=parts[run.arm])
        elsewhere = subject.off_task if run.off_task else ()
        try:
            work[run.arm] = workload(fitting, data, subject.base, off_task=elsewhere)
        except SpecError:  # all of a part is too long: that run alone will fail
            if run.arm not in PARTIAL:
                raise
    return work


def _require_memory(
    subject: _Subject, traced: TrainingMemory | None, training: Training
) -> None:
    """Refuse what cannot fit, though a pass kept the least that it may."""
    if traced is None:
        return
    needed = traced.standing + traced.least_pass_bytes(training.largest.tokens)
    if needed > subject.available:
        raise EnvironmentProblem(
            f"training needs at least {needed / GB:.1f} GB for its longest example "
            f"({training.largest.tokens} tokens), and "
            f"{subject.available / GB:.1f} GB are free\n"
            "  Lower max_length in [finetune], close other programs, or take a "
            "smaller base model."
        )


def _probed(
    subject: _Subject, runs: Sequence[RunConfig], trained: Sequence[Training]
) -> tuple[Probed, Probed | None]:
    asked = [
        prompt_ids(subject.base.tokenizer, e.prompt) for e in subject.data.validation
    ]
    untouched = probe_answering(subject.folder, subject.compute, asked)
    if not trained:
        return untouched, None
    tuned = probe_training(
        subject.folder,
        subject.compute,
        next(run.finetune for run in runs if run.trains),
        asked,
        smallest=min((t.smallest for t in trained), key=lambda p: p.tokens),
        largest=max((t.largest for t in trained), key=lambda p: p.tokens),
    )
    return untouched, tuned


def _machine(subject: _Subject, traced: TrainingMemory | None) -> Machine:
    config = AutoConfig.from_pretrained(subject.folder, local_files_only=True)
    compute = subject.compute
    numbers = traced.base // compute.training.itemsize if traced else 0
    return Machine(
        process=subject.process,
        cached_token=cached_token_bytes(config, compute.answering),
        base_answering=numbers * compute.answering.itemsize,
    )


def _counted(subject: _Subject, training: Training) -> dict[str, object]:
    """Return what is trained on, as a table of numbers."""
    end = subject.base.tokenizer.eos_token_id
    examples = training.fitted.tokens
    return {
        "examples": len(examples),
        "dropped": training.fitted.dropped,
        "truncated": training.fitted.truncated,
        "longest_tokens": training.fitted.longest,
        "epochs": training.epochs,
        "steps": training.steps,
        "passes": len(training.passes),
        "tokens": sum(training.passes),
        "tokens_without_packing": sum(len(e.ids) for e in examples),
        "trained_tokens": training.trained_tokens,
        "end_of_turn_trained": sum(e.ids[e.last_trained] == end for e in examples),
        "largest_pass_tokens": training.largest.tokens,
    }


def _shown(subject: _Subject, trained: Sequence[Training]) -> list[object]:
    if not trained:
        return []
    some = trained[0].fitted.tokens[:SHOWN]
    return [spans(subject.base.tokenizer, example) for example in some]
