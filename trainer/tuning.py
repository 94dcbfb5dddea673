"""The arms that train: train, take the best epoch from disk, answer with it.

finetune   trained on the examples as they are; its diagnostics on a part of them
hybrid     trained on examples with retrieved passages, the right one among them; how
           many is picked on validation before (passage_count.py)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.answering import Answerer, LocalModel
from trainer.asking import (
    Data,
    Outcome,
    answer_heldout,
    answer_limit,
    local_model,
    retriever_of,
    validated,
    within_window,
)
from trainer.files import Progress
from trainer.passage_count import pick_count
from trainer.prompts import (
    RANKED,
    Build,
    Setup,
    retrieved_with_gold,
    search,
    with_passages,
)
from trainer.retriever import Retriever
from trainer.run_config import RunConfig
from tunewise.domain.dataset import Example, Message
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import PARTIAL, FinetuneSpec

if TYPE_CHECKING:
    from trainer.chat import Tokens


@dataclass(frozen=True, slots=True)
class Fitted:
    """Training examples as tokens, and what became of those that are too long."""

    tokens: "tuple[Tokens, ...]"  # those that are left, in their order
    asked: int  # examples before that
    longest: int  # tokens of the longest, before anything was cut
    truncated: int  # how many of those that are left were cut

    @property
    def dropped(self) -> int:
        """How many are left out."""
        return self.asked - len(self.tokens)


@dataclass(frozen=True, slots=True)
class Builds:
    """The prompts that an arm trains on, and those that it answers."""

    training: Build
    answering: Setup


def tuned_arm(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Train, take the best epoch from disk, and answer the held-out split with it.

    Last it is held against its base on examples that are not the task's.

    Raises
    ------
    SpecError
        If no example is left to train on.
    ModelError
        If training had no effect or went astray.
    """
    from trainer import base, device, finetune, off_task
    from trainer.chat import prompt_ids
    from trainer.environment import peak_memory_bytes
    from trainer.memory import give_back
    from trainer.reloading import reload

    local = local_model(config, data, folder, training=True)
    builds = BUILDS[config.arm](config, data, local)
    within_window(config, data, local, [builds.answering])
    spec = config.finetune
    examples = fitted_examples(config, data, local, builds)

    def evaluate(model: object) -> float:
        answerer = LocalModel(
            model, local.tokenizer, max_new_tokens=answer_limit(data, local)
        )
        return validated(config, data, answerer, builds.answering.build, progress)

    times = "once" if spec.epochs == 1 else f"{spec.epochs} times"
    progress.stage("train", f"on {len(examples.tokens)} examples, {times}")
    _, trained = finetune.train(
        local.model,
        examples.tokens,
        spec,
        folder / "checkpoints",
        seed=config.seed,
        evaluate=evaluate,
        progress=progress,
        minutes=config.minutes,
        pack_tokens=config.pack_tokens,
    )
    peak = peak_memory_bytes()
    local.model = None  # its memory is wanted for the one that is reloaded
    give_back()
    # Reloaded from disk before anything is scored: what is measured is what is kept.
    compute = device.pick()

    def load(dtype: Any) -> Any:
        at = folder / config.model_dir
        return base.load_model(at, device=compute.device, dtype=dtype)

    reloaded = reload(
        load,
        trained.weights,
        spec.method,
        prompt_ids(local.tokenizer, builds.answering.build(data.heldout[0])),
        dtype=compute.answering,
    )
    answerer = LocalModel(
        reloaded.model,
        local.tokenizer,
        max_new_tokens=answer_limit(data, local),
        window=local.window,
    )
    setups = [
        {"setup": f"epoch {n}", "score": e["score"], "loss": e["loss"]}
        for n, e in enumerate(trained.epochs, start=1)
    ]
    name = f"{spec.method}, epoch {trained.epoch} of {len(trained.epochs)}"
    if "k" in builds.answering.details:
        name += f", k={builds.answering.details['k']}"
    report: dict[str, object] = {
        "examples": trained.examples,
        "dropped": examples.dropped,
        "truncated": examples.truncated,
        "steps": trained.steps,
        "seconds": trained.seconds,
        "tokens": trained.tokens,
        "trained_tokens": trained.trained_tokens,
        "pack_tokens": trained.pack_tokens,
        "ended": trained.ended,
        "peak_memory_bytes": peak,
    }
    outcome = answer_heldout(
        config,
        data,
        answerer,
        replace(builds.answering, name=name),
        progress,
        setups=setups,
        latency=config.arm not in PARTIAL,
        train=report,
        checks={
            "reloaded_from_disk": True,
            "largest_logit_difference": reloaded.moved_by_training,
            "largest_merge_difference": reloaded.moved_by_merging,
        },
        weights=str(trained.weights.relative_to(folder)),
    )
    elsewhere = off_task.check(
        answerer,
        lambda: load(compute.answering),
        off_task.examples_of(config, folder),
        progress,
    )
    return replace(outcome, off_task=elsewhere)


def fitted_examples(
    config: RunConfig, data: Data, local: LocalModel, builds: Builds
) -> Fitted:
    """Return what an arm trains on; only the tokenizer of ``local`` is needed."""
    chosen = chosen_examples(config, data)
    asked = [Example((*builds.training(e), e.messages[-1])) for e in chosen]
    return fitted(local.tokenizer, asked, config.finetune)


def training_examples(
    tokenizer: Any, examples: Sequence[Example], spec: FinetuneSpec
) -> "list[Tokens]":
    """Render examples as they are trained on; those that are left, in their order."""
    return list(fitted(tokenizer, examples, spec).tokens)


def fitted(tokenizer: Any, examples: Sequence[Example], spec: FinetuneSpec) -> Fitted:
    """Render examples, and do with those that are too long as the settings say.

    Raises
    ------
    DatasetError
        If an example is too long and the specification refuses that.
    SpecError
        If nothing is left to train on.
    """
    from trainer.chat import fit, training_tokens

    whole = [training_tokens(tokenizer, example.messages) for example in examples]
    left = [
        fit(tokens, spec.max_length, spec.too_long, where=f"train example {n}")
        for n, tokens in enumerate(whole, start=1)
    ]
    kept = [
        (before, after)
        for before, after in zip(whole, left, strict=True)
        if after is not None and any(after.trained)
    ]
    if not kept:
        raise SpecError(
            f"all {len(whole)} training examples are longer than max_length = "
            f"{spec.max_length} tokens: there is nothing to train on\n"
            "  Raise max_length in [finetune], or set too_long to truncate."
        )
    return Fitted(
        tokens=tuple(after for _, after in kept),
        asked=len(whole),
        longest=max(len(tokens.ids) for tokens in whole),
        truncated=sum(len(after.ids) < len(before.ids) for before, after in kept),
    )


def chosen_examples(config: RunConfig, data: Data) -> Sequence[Example]:
    """Return the training examples of an arm; hybrid may be given fewer."""
    if data.part:
        return data.part
    limit = config.hybrid.train if config.arm == "hybrid" else 0
    return data.train[: limit or len(data.train)]


def _as_they_are(config: RunConfig, data: Data, answerer: Answerer) -> Builds:
    return Builds(_as_asked, Setup(config.arm, _as_asked, {}))


def _with_passages(config: RunConfig, data: Data, answerer: Answerer) -> Builds:
    """Show as many passages as validation asks for, of those that the window holds."""
    retriever = retriever_of(config, data, answerer)
    passages = retriever.index
    setups = [_showing(k, retriever) for k in sorted(set(config.hybrid.k))]
    usable = {s.name: s for s in within_window(config, data, answerer, setups)}
    ks = [k for k in config.hybrid.k if _named(k) in usable]
    picked = pick_count(passages, data.validation, ks, answerer.count)
    setup = usable[_named(picked.k)]
    details = {**setup.details, "passages_tried": picked.described()}
    return Builds(
        training=retrieved_with_gold(passages, picked.k),
        answering=replace(setup, details=details),
    )


def _showing(k: int, retriever: Retriever) -> Setup:
    found = search(retriever.index, k)
    return Setup(
        _named(k),
        with_passages(found),
        {"k": k, "index": retriever.described()},
        found,
        ranked=search(retriever.index, RANKED),
    )


def _named(k: int) -> str:
    return f"k={k}"


def _as_asked(example: Example) -> tuple[Message, ...]:
    return example.prompt


BUILDS: Mapping[str, Callable[[RunConfig, Data, Answerer], Builds]] = {
    "finetune": _as_they_are,
    "hybrid": _with_passages,
    **dict.fromkeys(PARTIAL, _as_they_are),
}
