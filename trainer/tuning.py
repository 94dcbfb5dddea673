"""The arms that train: train, take the best epoch from disk, answer with it.

finetune   trained on the examples as they are
hybrid     trained on examples with retrieved passages, the right one among them
"""

from collections.abc import Callable, Sequence
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
from tunewise.domain.experiment import FinetuneSpec

if TYPE_CHECKING:
    from trainer.chat import Tokens


def finetune_arm(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Train on the examples as they are, and answer without anything added."""
    return _trained(
        config, data, folder, progress, lambda _: (_as_asked, _as_asked, {})
    )


def hybrid_arm(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Train with retrieved passages, and answer with them."""

    def builders(answerer: Answerer) -> tuple[Build, Build, dict[str, object]]:
        passages = passages_of(config, data, answerer)
        k = config.hybrid.k
        return (
            retrieved_with_gold(passages, k),
            with_passages(lambda e: passages.search(e.question, k)),
            {"k": k, "index": passages.described()},
        )

    return _trained(config, data, folder, progress, builders)


def _trained(
    config: RunConfig,
    data: Data,
    folder: Path,
    progress: Progress,
    builders: Callable[[Answerer], tuple[Build, Build, dict[str, object]]],
) -> Outcome:
    from trainer import base, device, finetune
    from trainer.chat import prompt_ids
    from trainer.environment import peak_memory_bytes
    from trainer.reloading import reload

    local = local_model(config, data, folder, training=True)
    for_training, for_answering, details = builders(local)
    within_window(config, data, local, [Setup("", for_answering, details)])
    spec = config.finetune
    limit = config.hybrid.train if config.arm == "hybrid" else 0
    chosen = data.train[: limit or len(data.train)]
    asked = [Example((*for_training(e), e.messages[-1])) for e in chosen]
    examples = training_examples(local.tokenizer, asked, spec)

    def evaluate(model: object) -> float:
        answerer = LocalModel(
            model, local.tokenizer, max_new_tokens=answer_limit(data, local)
        )
        return validated(config, data, answerer, for_answering, progress)

    times = "once" if spec.epochs == 1 else f"{spec.epochs} times"
    progress.stage("train", f"on {len(examples)} examples, {times}")
    _, trained = finetune.train(
        local.model,
        examples,
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
        "dropped": len(chosen) - len(examples),
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
    """Render examples as they are trained on; those that are left, in their order.

    Raises
    ------
    DatasetError
        If an example is too long and the specification refuses that.
    """
    from trainer.chat import fit, training_tokens

    rendered = [
        fit(
            training_tokens(tokenizer, example.messages),
            spec.max_length,
            spec.too_long,
            where=f"train example {n}",
        )
        for n, example in enumerate(examples, start=1)
    ]
    return [t for t in rendered if t is not None and any(t.trained)]


def _as_asked(example: Example) -> tuple[Message, ...]:
    return example.prompt
