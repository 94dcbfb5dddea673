"""What every arm does: read its data, ask who answers, score the held-out split.

splits -> Data;  run.json -> who answers, how long an answer may be
set-up + validation -> a score;  set-up + held-out -> Outcome
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os.path import commonprefix
from pathlib import Path
from statistics import mean

from trainer.answer_cache import AnswerCache
from trainer.answering import Answer, Answerer, Chat, LocalModel
from trainer.encoder import encoder_folder
from trainer.endpoint import Endpoint
from trainer.environment import peak_memory_bytes
from trainer.files import Progress, read_documents, read_examples
from trainer.latency import Latency, choose, measure
from trainer.passages import Passage, chunk
from trainer.prompt_form import prompt_form
from trainer.prompts import Build, Setup
from trainer.retrieval import LexicalIndex, PassageIndex
from trainer.retriever import Retriever, pick
from trainer.run_config import RunConfig
from trainer.scoring import score
from trainer.spending import Account
from tunewise.domain.dataset import Document, Example
from tunewise.domain.errors import ModelError, SpecError
from tunewise.domain.experiment import EndpointSpec


@dataclass(frozen=True, slots=True)
class Data:
    """The examples and documents of one run."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    heldout: tuple[Example, ...]
    documents: tuple[Document, ...] = ()
    part: tuple[Example, ...] = ()  # of train, that is trained on; () means all of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an arm did."""

    answers: list[Answer]
    setup: str
    setups: list[dict[str, object]]  # name and validation score of each tried
    details: dict[str, object]  # what a model version keeps to run again
    latencies: list[Latency]
    seconds_answering: float
    shared_tokens: int = 0  # that all prompts begin with
    prompt: list[dict[str, str]] = field(default_factory=list)  # its form
    train: dict[str, object] | None = None
    checks: dict[str, object] = field(default_factory=dict)
    weights: str = ""  # folder of the adapter, relative to the run
    shown: Sequence[Sequence[Passage]] = ()  # with each example; () without retrieval
    ranked: Sequence[Sequence[Passage]] = ()  # found for each example, best first
    answering_memory_bytes: int | None = None  # most while it answered; None: unknown
    earlier_memory_bytes: int = 0  # most of the process before it answered
    asked: dict[str, object] = field(default_factory=dict)  # of an endpoint
    off_task: dict[str, object] | None = None  # base and tuned elsewhere (off_task.py)


def load_data(config: RunConfig, folder: Path) -> Data:
    """Read a run's splits and documents.

    The whole of train says how long an answer may be, whatever part is trained on.
    """
    return Data(
        train=read_examples(folder / config.train),
        validation=read_examples(folder / config.validation),
        heldout=read_examples(folder / config.heldout),
        documents=read_documents(folder / config.documents) if config.documents else (),
        part=load_part(config, folder),
    )


def load_part(config: RunConfig, folder: Path) -> tuple[Example, ...]:
    """Read those of train that a run is trained on; () means all of them."""
    return read_examples(folder / config.train_on) if config.train_on else ()


def answerer_of(config: RunConfig, data: Data, folder: Path) -> Answerer:
    """Return who answers: the endpoint where one is named, else the base model."""
    if config.endpoint:
        longest = max(len(e.reference.split()) for e in data.train or data.heldout)
        return hosted(config, config.endpoint, folder, max_new_tokens=longest * 4 + 16)
    return local_model(config, data, folder)


def hosted(
    config: RunConfig, spec: EndpointSpec, folder: Path, *, max_new_tokens: int
) -> Endpoint:
    """Return an endpoint with what was answered and spent before."""
    kept = folder / config.answer_cache if config.answer_cache else None
    return Endpoint(
        spec,
        max_new_tokens=max_new_tokens,
        cache=AnswerCache(kept, days=spec.cache_days),
        account=Account(spec, folder / config.spent if config.spent else None),
    )


def local_model(
    config: RunConfig, data: Data, folder: Path, *, training: bool = False
) -> LocalModel:
    """Load the base model, in the precision of training or of answering."""
    from trainer import base, device

    counting = tokenizer_of(config, data, folder)
    compute = device.pick()
    dtype = compute.training if training else compute.answering
    counting.model = base.load_model(
        folder / config.model_dir, device=compute.device, dtype=dtype
    )
    return counting


def tokenizer_of(config: RunConfig, data: Data, folder: Path) -> LocalModel:
    """Return a local model that can count and cannot answer: it has no weights."""
    from trainer import base

    model_dir = folder / config.model_dir
    tokenizer = base.load_tokenizer(model_dir)
    counting = LocalModel(None, tokenizer, max_new_tokens=0)
    return LocalModel(
        None,
        tokenizer,
        max_new_tokens=answer_limit(data, counting),
        window=base.context_tokens(model_dir),
    )


def answer_limit(data: Data, answerer: Answerer) -> int:
    """Most tokens an answer may have: the longest reference and a quarter, + 8.

    From train and validation, never from held-out; the same for every arm.
    """
    seen = [*data.train, *data.validation] or list(data.heldout)
    return round(max(answerer.count(e.reference) for e in seen) * 1.25) + 8


def retriever_of(config: RunConfig, data: Data, answerer: Answerer) -> Retriever:
    """Return what finds passages of the documents, picked on validation."""
    rag = config.rag
    return pick(
        rag.retrieval,
        chunk(data.documents, tokens=rag.chunk_tokens, count=answerer.count),
        data.validation,
        k=max(config.hybrid.k) if config.arm == "hybrid" else max(rag.k),
        encoder=encoder_folder(rag.encoder),
    )


def passages_of(config: RunConfig, data: Data, answerer: Answerer) -> PassageIndex:
    """Return the documents' passages where their words alone are enough."""
    return LexicalIndex(
        chunk(data.documents, tokens=config.rag.chunk_tokens, count=answerer.count)
    )


def within_window(
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


def validated(
    config: RunConfig,
    data: Data,
    answerer: Answerer,
    build: Build,
    progress: Progress,
) -> float:
    """Return the primary metric of a set-up on the validation split."""
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


def answer_heldout(
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
    """Answer the held-out split, then some of it one request at a time."""
    earlier = peak_memory_bytes()
    watched = bool(config.model_dir) and _watch_memory()
    progress.stage("heldout", setup.name)
    chats = [setup.build(e) for e in data.heldout]
    shown = [setup.found(e) for e in data.heldout]
    began = time.monotonic()
    answers = answerer.answer(
        chats, progress=lambda done, total: progress.step("heldout", done, total)
    )
    seconds = time.monotonic() - began
    chosen = choose(data.heldout, data.validation, config.latency_examples)
    alone: list[Latency] = []
    if latency and chosen:
        progress.stage("latency", f"{len(chosen.timed)} single requests")
        alone = measure(
            answerer,
            setup.build,
            chosen,
            progress=lambda done, total: progress.step("latency", done, total),
        )
    return Outcome(
        answers=answers,
        setup=setup.name,
        setups=setups,
        details={**setup.details, **answerer.served()},
        latencies=alone,
        seconds_answering=seconds,
        shared_tokens=shared_tokens(chats, answerer),
        prompt=prompt_form(data.heldout, chats, shown),
        train=train,
        checks=dict(checks),
        weights=weights,
        shown=shown,
        ranked=[setup.ranked(e) for e in data.heldout],
        answering_memory_bytes=_most_memory() if watched else None,
        earlier_memory_bytes=earlier,
        asked=answerer.asked(),
    )


def shared_tokens(chats: Sequence[Chat], answerer: Answerer) -> int:
    """Count the tokens that all prompts begin with: what a provider may keep cached."""
    texts = ["\n".join(m.content for m in chat) for chat in chats]
    shared = commonprefix(texts) if len(texts) > 1 else ""  # noqa: RUF071 (meant)
    return answerer.count(shared) if shared else 0


def _watch_memory() -> bool:
    """Begin to look for the most memory; False where this system cannot."""
    from trainer import device, memory

    memory.give_back()
    return memory.restart_peak(device.pick().device)


def _most_memory() -> int:
    from trainer import device, memory

    return memory.peak_since_bytes(device.pick().device)


def mean_tokens(answers: Sequence[Answer]) -> tuple[float, float]:
    """Return the mean prompt and answer tokens."""
    return mean(a.prompt_tokens for a in answers), mean(
        a.answer_tokens for a in answers
    )
