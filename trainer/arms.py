"""One arm, from its set-ups to scored answers on the held-out split.

prompt, rag      pick the set-up on validation -> answer held-out
finetune         train, best epoch on validation -> reload from disk -> answer
hybrid           the same, trained with retrieved context
diagnostics      gold passage, majority, nearest example
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from trainer.answering import Answer, Answerer, Endpoint, LocalModel
from trainer.files import Progress, read_documents, read_examples
from trainer.prompts import (
    Build,
    Setup,
    gold_passage,
    prompt_setups,
    rag_setups,
    retrieved_with_gold,
    with_passages,
)
from trainer.retrieval import ExampleIndex, PassageIndex, chunk
from trainer.run_config import RunConfig
from trainer.scoring import score
from tunewise.domain.dataset import Document, Example, Message
from tunewise.domain.errors import ModelError, SpecError
from tunewise.domain.experiment import FinetuneSpec

if TYPE_CHECKING:
    from trainer.chat import Tokens


@dataclass(frozen=True, slots=True)
class Data:
    """The examples and documents of one run."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    heldout: tuple[Example, ...]
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an arm did."""

    answers: list[Answer]
    setup: str
    setups: list[dict[str, object]]  # name and validation score of each tried
    details: dict[str, object]  # what a model version keeps to run again
    latencies: list[float]
    seconds_answering: float
    train: dict[str, object] | None = None
    checks: dict[str, object] = field(default_factory=dict)
    weights: str = ""  # folder of the adapter, relative to the run


def load_data(config: RunConfig, folder: Path) -> Data:
    """Read a run's splits and documents."""
    return Data(
        train=read_examples(folder / config.train),
        validation=read_examples(folder / config.validation),
        heldout=read_examples(folder / config.heldout),
        documents=read_documents(folder / config.documents) if config.documents else (),
    )


def run_arm(config: RunConfig, data: Data, folder: Path, progress: Progress) -> Outcome:
    """Run the arm that the configuration names.

    Raises
    ------
    SpecError
        If the arm needs documents and there are none, or is unknown.
    """
    arms: dict[str, Callable[..., Outcome]] = {
        "prompt": _prompt,
        "rag": _rag,
        "finetune": _finetune,
        "hybrid": _hybrid,
        "gold_passage": _gold_passage,
        "majority": _majority,
        "nearest_example": _nearest_example,
    }
    if config.arm not in arms:
        raise SpecError(f"arm: '{config.arm}' is not one of {', '.join(arms)}")
    if config.arm in ("rag", "hybrid", "gold_passage") and not data.documents:
        raise SpecError(f"arm {config.arm}: the dataset has no documents")
    return arms[config.arm](config, data, folder, progress)


def _prompt(config: RunConfig, data: Data, folder: Path, progress: Progress) -> Outcome:
    answerer = _answerer(config, data, folder)
    spec = config.prompt
    setups = prompt_setups(spec.setups, spec.shots, data.train, seed=config.seed)
    return _best_setup(config, data, answerer, setups, progress)


def _rag(config: RunConfig, data: Data, folder: Path, progress: Progress) -> Outcome:
    answerer = _answerer(config, data, folder)
    passages = _passages(config, data, answerer)
    spec = config.rag
    setups = rag_setups(passages, spec.k, spec.shots, data.train, seed=config.seed)
    outcome = _best_setup(config, data, answerer, setups, progress)
    outcome.details["index"] = passages.described()
    return outcome


def _gold_passage(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Give the right document: tells a weak retriever from a weak reader."""
    answerer = _answerer(config, data, folder)
    passages = _passages(config, data, answerer)
    spec = config.rag
    setup = gold_passage(
        passages, max(spec.k), spec.shots, data.train, seed=config.seed
    )
    return _best_setup(config, data, answerer, [setup], progress, latency=False)


def _finetune(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    return _trained(
        config, data, folder, progress, lambda _: (_as_asked, _as_asked, {})
    )


def _hybrid(config: RunConfig, data: Data, folder: Path, progress: Progress) -> Outcome:
    def builders(answerer: Answerer) -> tuple[Build, Build, dict[str, object]]:
        passages = _passages(config, data, answerer)
        k = config.hybrid.k
        return (
            retrieved_with_gold(passages, k),
            with_passages(lambda e: passages.search(e.question, k)),
            {"k": k, "index": passages.described()},
        )

    return _trained(config, data, folder, progress, builders)


def _as_asked(example: Example) -> tuple[Message, ...]:
    return example.prompt


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

    local = _local(config, data, folder, training=True)
    for_training, for_answering, details = builders(local)
    _within_window(config, data, local, [Setup("", for_answering, details)])
    spec = config.finetune
    limit = config.hybrid.train if config.arm == "hybrid" else 0
    chosen = data.train[: limit or len(data.train)]
    asked = [Example((*for_training(e), e.messages[-1])) for e in chosen]
    examples = training_examples(local.tokenizer, asked, spec)

    def evaluate(model: object) -> float:
        answerer = LocalModel(
            model, local.tokenizer, max_new_tokens=_limit(data, local)
        )
        return _validated(config, data, answerer, for_answering, progress)

    progress.stage("train", f"{len(examples)} examples, {spec.epochs} epochs")
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
        reloaded.model, local.tokenizer, max_new_tokens=_limit(data, local)
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
    return _answer_heldout(
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


def _majority(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Answer with the most frequent reference of the training split."""
    counted = Counter(e.reference for e in data.train)
    most = counted.most_common(1)[0][0] if counted else ""
    answers = [Answer(most, 0, 0) for _ in data.heldout]
    return Outcome(answers, "majority", [], {"answer": most}, [], 0.0)


def _nearest_example(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Answer with the reference of the most similar training example."""
    index = ExampleIndex(data.train)
    answers = [
        Answer(index.nearest(e.question, 1)[0].reference, 0, 0) for e in data.heldout
    ]
    return Outcome(answers, "nearest example", [], {}, [], 0.0)


def _best_setup(
    config: RunConfig,
    data: Data,
    answerer: Answerer,
    setups: Sequence[Setup],
    progress: Progress,
    *,
    latency: bool = True,
) -> Outcome:
    """Pick the set-up on validation; a tie goes to the earlier, cheaper one.

    Set-ups whose prompts are longer than the model's window are not tried.
    """
    setups = _within_window(config, data, answerer, setups)
    scores: list[dict[str, object]] = []
    values = []
    for setup in setups if len(setups) > 1 else ():
        progress.stage("validation", setup.name)
        values.append(_validated(config, data, answerer, setup.build, progress))
        scores.append({"setup": setup.name, "score": values[-1]})
    best = setups[values.index(max(values))] if values else setups[0]
    return _answer_heldout(
        config, data, answerer, best, progress, setups=scores, latency=latency
    )


def _within_window(
    config: RunConfig, data: Data, answerer: Answerer, setups: Sequence[Setup]
) -> list[Setup]:
    """Return the set-ups whose longest prompt and answer the model can read.

    Raises
    ------
    ModelError
        If there is none.
    """
    asked = (*data.validation, *data.heldout)
    needed = [answerer.longest([s.build(e) for e in asked]) for s in setups]
    usable = [s for s, n in zip(setups, needed, strict=True) if n <= answerer.window]
    if not usable:
        raise ModelError(
            f"{config.model_name}: the longest prompt and its answer have "
            f"{min(needed)} tokens, the model reads {answerer.window:.0f}\n"
            "  Shorten the examples or passages, show fewer, or take another base."
        )
    return usable


def _validated(
    config: RunConfig,
    data: Data,
    answerer: Answerer,
    build: Build,
    progress: Progress,
) -> float:
    if not data.validation:
        raise SpecError("the validation split is empty, so no set-up can be picked")
    answers = answerer.answer(
        [build(e) for e in data.validation],
        progress=lambda done, total: progress.step("validation", done, total),
    )
    return score(
        config.task.metric,
        data.validation,
        [a.text for a in answers],
        schema=config.task.schema,
    ).value


def _answer_heldout(
    config: RunConfig,
    data: Data,
    answerer: Answerer,
    setup: Setup,
    progress: Progress,
    *,
    setups: list[dict[str, object]],
    latency: bool = True,
    train: dict[str, object] | None = None,
    checks: Mapping[str, object] = {},
    weights: str = "",
) -> Outcome:
    progress.stage("heldout", setup.name)
    chats = [setup.build(e) for e in data.heldout]
    began = time.monotonic()
    answers = answerer.answer(
        chats, progress=lambda done, total: progress.step("heldout", done, total)
    )
    seconds = time.monotonic() - began
    alone: list[float] = []
    if latency and config.latency_examples:
        progress.stage("latency", f"{config.latency_examples} single requests")
        alone = answerer.seconds_alone(chats[: config.latency_examples])
    return Outcome(
        answers=answers,
        setup=setup.name,
        setups=setups,
        details={**setup.details, **answerer.served()},
        latencies=alone,
        seconds_answering=seconds,
        train=train,
        checks=dict(checks),
        weights=weights,
    )


def _answerer(config: RunConfig, data: Data, folder: Path) -> Answerer:
    if config.endpoint:
        longest = max(len(e.reference.split()) for e in data.train or data.heldout)
        return Endpoint(config.endpoint, max_new_tokens=longest * 4 + 16)
    return _local(config, data, folder)


def _local(
    config: RunConfig, data: Data, folder: Path, *, training: bool = False
) -> LocalModel:
    from trainer import base, device

    model_dir = folder / config.model_dir
    tokenizer = base.load_tokenizer(model_dir)
    compute = device.pick()
    dtype = compute.training if training else compute.answering
    model = base.load_model(model_dir, device=compute.device, dtype=dtype)
    counting = LocalModel(model, tokenizer, max_new_tokens=0)
    return LocalModel(
        model,
        tokenizer,
        max_new_tokens=_limit(data, counting),
        window=base.context_tokens(model_dir),
    )


def _limit(data: Data, answerer: Answerer) -> int:
    """Most tokens an answer may have: the longest reference and a quarter, + 8.

    From train and validation, never from held-out; the same for every arm.
    """
    seen = [*data.train, *data.validation] or list(data.heldout)
    return round(max(answerer.count(e.reference) for e in seen) * 1.25) + 8


def _passages(config: RunConfig, data: Data, answerer: Answerer) -> PassageIndex:
    return PassageIndex(
        chunk(data.documents, tokens=config.rag.chunk_tokens, count=answerer.count)
    )


def mean_tokens(answers: Sequence[Answer]) -> tuple[float, float]:
    """Return the mean prompt and answer tokens."""
    return mean(a.prompt_tokens for a in answers), mean(
        a.answer_tokens for a in answers
    )
