"""The arms that train: train, take the best epoch from disk, answer with it.

finetune   trained on the examples as they are
hybrid     trained on examples with retrieved passages, the right one among them
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.answering import Answerer, LocalModel
from trainer.asking import (
    Data,
    Outcome,
    answer_heldout,
    answer_limit,
    local_model,
    passages_of,
    validated,
    within_window,
)
from trainer.files import Progress
from trainer.prompts import Build, Setup, retrieved_with_gold, with_passages
from trainer.run_config import RunConfig
from tunewise.domain.dataset import Example, Message
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import FinetuneSpec

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
class Prepared:
    """What an arm trains on, and how it asks afterwards."""

    examples: Fitted
    for_answering: Build
    details: dict[str, object]


def prepare(config: RunConfig, data: Data, local: LocalModel) -> Prepared:
    """Return what the arm trains on; only the tokenizer of ``local`` is needed.

    Raises
    ------
    DatasetError
        If an example is too long and the specification refuses that.
    ModelError
        If the model cannot read the longest prompt and its answer.
    SpecError
        If nothing is left to train on.
    """
    for_training, for_answering, details = _builders(config, data, local)
    within_window(config, data, local, [Setup("", for_answering, details)])
    limit = config.hybrid.train if config.arm == "hybrid" else 0
    chosen = data.train[: limit or len(data.train)]
    asked = [Example((*for_training(e), e.messages[-1])) for e in chosen]
    examples = fitted(local.tokenizer, asked, config.finetune)
    if not examples.tokens:
        raise SpecError(
            f"{config.arm}: no training example is left, so no step would be taken: "
            f"max_length is {config.finetune.max_length}, and the longest of "
            f"{len(asked)} has {examples.longest} tokens\n"
            "  Raise max_length in [finetune], or shorten the examples."
        )
    return Prepared(examples, for_answering, details)


def tuned_arm(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Train, reload the best epoch from disk, and answer the held-out split with it."""
    from trainer import base, device, finetune
    from trainer.chat import prompt_ids
    from trainer.environment import peak_memory_bytes
    from trainer.reloading import reload

    local = local_model(config, data, folder, training=True)
    prepared = prepare(config, data, local)
    examples, for_answering = prepared.examples, prepared.for_answering
    spec, details = config.finetune, prepared.details

    def evaluate(model: object) -> float:
        answerer = LocalModel(
            model, local.tokenizer, max_new_tokens=answer_limit(data, local)
        )
        return validated(config, data, answerer, for_answering, progress)

    progress.stage("train", f"{len(examples.tokens)} examples, {spec.epochs} epochs")
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
    # Reloaded from disk before anything is scored: what is measured is what is kept.
    compute = device.pick()
    reloaded = reload(
        lambda dtype: base.load_model(
            folder / config.model_dir, device=compute.device, dtype=dtype
        ),
        trained.weights,
        spec.method,
        prompt_ids(local.tokenizer, for_answering(data.heldout[0])),
        dtype=compute.answering,
    )
    answerer = LocalModel(
        reloaded.model, local.tokenizer, max_new_tokens=answer_limit(data, local)
    )
    setups = [
        {"setup": f"epoch {n}", "score": e["score"], "loss": e["loss"]}
        for n, e in enumerate(trained.epochs, start=1)
    ]
    name = f"{spec.method}, epoch {trained.epoch} of {len(trained.epochs)}"
    if "k" in details:
        name += f", k={details['k']}"
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
    return answer_heldout(
        config,
        data,
        answerer,
        Setup(name, for_answering, details),
        progress,
        setups=setups,
        train=report,
        checks={
            "reloaded_from_disk": True,
            "largest_logit_difference": reloaded.moved_by_training,
            "largest_merge_difference": reloaded.moved_by_merging,
        },
        weights=str(trained.weights.relative_to(folder)),
    )


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
    return Fitted(
        tokens=tuple(after for _, after in kept),
        asked=len(whole),
        longest=max((len(tokens.ids) for tokens in whole), default=0),
        truncated=sum(len(after.ids) < len(before.ids) for before, after in kept),
    )


def _builders(
    config: RunConfig, data: Data, answerer: Answerer
) -> tuple[Build, Build, dict[str, object]]:
    """Return how the arm asks in training and afterwards, and how to do that again."""
    if config.arm != "hybrid":
        return _as_asked, _as_asked, {}
    passages, k = passages_of(config, data, answerer), config.hybrid.k
    return (
        retrieved_with_gold(passages, k),
        with_passages(lambda e: passages.search(e.question, k)),
        {"k": k, "index": passages.described()},
    )


def _as_asked(example: Example) -> tuple[Message, ...]:
    return example.prompt
