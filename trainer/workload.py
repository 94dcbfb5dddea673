"""What a run will compute, counted before it starts: passes, steps, tokens.

Training is counted from the very packs of its first epoch. Answers are not there
yet: at least they are as long as the references, at most as long as the limit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from trainer import finetune
from trainer.answering import LocalModel
from trainer.asking import Data, passages_of, retriever_of, within_window
from trainer.chat import Tokens, prompt_ids
from trainer.generate import BATCH_ROWS, BATCH_TOKENS, common_prefix
from trainer.latency import choose
from trainer.off_task import ANSWER_TOKENS, STAGE
from trainer.packing import Pack, packs
from trainer.prompts import Setup, gold_passage, prompt_setups, rag_setups
from trainer.run_config import RunConfig
from trainer.tuning import BUILDS, Fitted, fitted_examples
from tunewise.domain.dataset import Example
from tunewise.domain.experiment import ARMS

RENDERED = 200  # prompts of a split that are rendered to count all of them


@dataclass(frozen=True, slots=True)
class Training:
    """What all epochs train on, and the passes of one epoch."""

    fitted: Fitted
    epochs: int
    least_epochs: int  # where early stopping ends it first
    steps: int  # of all epochs
    passes: tuple[int, ...]  # tokens of each pass of the first epoch
    smallest: Pack
    largest: Pack

    @property
    def trained_tokens(self) -> int:
        """Tokens with a loss, of one epoch."""
        return sum(sum(e.trained) for e in self.fitted.tokens)


@dataclass(frozen=True, slots=True)
class Decoding:
    """Tokens of all answers, and the steps that make them, one for a batch each."""

    tokens: float
    steps: float


@dataclass(frozen=True, slots=True)
class Asking:
    """Some chats to answer, in batches or one at a time."""

    stage: str
    chats: int
    read: float  # tokens: a shared beginning once, the rest of each
    likely: Decoding  # answers as long as the references
    most: Decoding  # answers as long as they may be
    cached: int  # tokens in the key/value cache at once, at most


@dataclass(frozen=True, slots=True)
class Workload:
    """One run: what it does in every epoch, and what once."""

    training: Training | None
    each_epoch: Asking | None
    once: tuple[Asking, ...]


def workload(
    config: RunConfig,
    data: Data,
    answerer: LocalModel,
    *,
    off_task: Sequence[Example] = (),
) -> Workload:
    """Count what a run of a local model will do.

    Parameters
    ----------
    answerer : the base's tokenizer, window and limit of an answer; its model is
        not asked
    off_task : examples on which a tuned model is held against its base

    Raises
    ------
    SpecError
        If every training example is dropped.
    ModelError
        If no prompt fits into the model's window.
    """
    if config.arm not in BUILDS:
        return _of_setups(config, data, answerer)
    builds = BUILDS[config.arm](config, data, answerer)
    setup = builds.answering
    within_window(config, data, answerer, [setup])
    return Workload(
        training=_training(config, fitted_examples(config, data, answerer, builds)),
        each_epoch=_asking("validation", setup, data.validation, answerer),
        once=(*_heldout(config, setup, data, answerer), *_off_task(off_task, answerer)),
    )


def _training(config: RunConfig, fitted: Fitted) -> Training:
    spec, examples = config.finetune, fitted.tokens
    batches = finetune.batches_of(examples, spec, seed=config.seed, epoch=1)
    # one pack at a time: the masks of all of them would not fit into memory
    passes: list[int] = []
    smallest = largest = packs(batches[0], max_tokens=config.pack_tokens)[0]
    for one in (p for b in batches for p in packs(b, max_tokens=config.pack_tokens)):
        passes.append(one.tokens)
        smallest = min(smallest, one, key=lambda pack: pack.tokens)
        largest = max(largest, one, key=lambda pack: pack.tokens)
    least = min(1 + spec.patience, spec.epochs) if spec.patience else spec.epochs
    return Training(
        fitted=fitted,
        epochs=spec.epochs,
        least_epochs=least,
        steps=finetune.steps_of(len(examples), spec),
        passes=tuple(passes),
        smallest=smallest,
        largest=largest,
    )


def _of_setups(config: RunConfig, data: Data, answerer: LocalModel) -> Workload:
    """Count the set-ups tried on validation, and the dearest of them on held-out."""
    setups = within_window(config, data, answerer, _setups(config, data, answerer))
    tried = [
        _asking(f"validation {s.name}", s, data.validation, answerer)
        for s in (setups if len(setups) > 1 else ())
    ]
    heldout = [_heldout(config, s, data, answerer) for s in setups]
    dearest = max(heldout, key=lambda each: each[0].read)
    return Workload(None, None, (*tried, *dearest))


def _setups(config: RunConfig, data: Data, answerer: LocalModel) -> list[Setup]:
    prompt, rag, seed = config.prompt, config.rag, config.seed
    if config.arm == "prompt":
        return prompt_setups(prompt.setups, prompt.shots, data.train, seed=seed)
    if config.arm == "rag":
        found = retriever_of(config, data, answerer).index
        return rag_setups(found, rag.k, rag.shots, data.train, seed=seed)
    passages = passages_of(config, data, answerer)
    return [gold_passage(passages, max(rag.k), rag.shots, data.train, seed=seed)]


def _heldout(
    config: RunConfig, setup: Setup, data: Data, answerer: LocalModel
) -> tuple[Asking, ...]:
    whole = _asking("heldout", setup, data.heldout, answerer)
    chosen = choose(data.heldout, data.validation, config.latency_examples)
    if chosen is None or config.arm not in ARMS:  # diagnostics are not timed
        return (whole,)
    alone = (chosen.warm_up, *chosen.timed)
    return (whole, _asking("latency", setup, alone, answerer, alone=True))


def _off_task(examples: Sequence[Example], answerer: LocalModel) -> tuple[Asking, ...]:
    """Count both models' answers, and that each reads the references too."""
    if not examples:
        return ()
    short = LocalModel(None, answerer.tokenizer, max_new_tokens=ANSWER_TOKENS)
    asked = _asking(STAGE, Setup(STAGE, lambda e: e.prompt, {}), examples, short)
    each = replace(asked, read=2 * asked.read + asked.likely.tokens)
    return (each, each)


def _asking(
    stage: str,
    setup: Setup,
    examples: Sequence[Example],
    answerer: LocalModel,
    *,
    alone: bool = False,
) -> Asking:
    shown = _evenly(examples, RENDERED)
    prompts = [prompt_ids(answerer.tokenizer, setup.build(e)) for e in shown]
    answers = [answerer.count(e.reference) + 1 for e in shown]  # and the end of turn
    share = len(examples) / len(shown)
    shared = 0 if alone else common_prefix(prompts)
    columns = max(map(len, prompts)) - shared + answerer.limit
    rows = 1 if alone else max(1, min(BATCH_ROWS, BATCH_TOKENS // columns))
    batches = math.ceil(len(examples) / rows)
    answered = share * sum(answers)
    return Asking(
        stage=stage,
        chats=len(examples),
        read=shared + share * sum(len(p) - shared for p in prompts),
        likely=Decoding(answered, answered if alone else batches * max(answers)),
        most=Decoding(len(examples) * answerer.limit, batches * answerer.limit),
        cached=shared + min(rows, len(examples)) * columns,
    )


def _evenly(examples: Sequence[Example], most: int) -> Sequence[Example]:
    if len(examples) <= most:
        return examples
    return [examples[i * len(examples) // most] for i in range(most)]


def spans(tokenizer: Any, tokens: Tokens) -> list[dict[str, object]]:
    """Return a rendered example as texts, each trained on or not."""
    edges = [0]
    edges += [i for i, (a, b) in enumerate(pairwise(tokens.trained), 1) if a != b]
    edges.append(len(tokens.ids))
    return [
        {
            "text": tokenizer.decode(list(tokens.ids[a:b])),
            "trained": tokens.trained[a],
        }
        for a, b in pairwise(edges)
    ]
