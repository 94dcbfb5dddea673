"""What tuning cost a base elsewhere: both models on examples that are not the task's.

    base, tuned -> loss of each reference, in nats a token     nothing is decoded
                -> token F1 of each answer                     greedy, 24 tokens at most

Both models are loaded in the precision that answers, and are asked without passages
and shots, so that what differs is the weights alone. Whether the difference is more
than chance is said elsewhere (``tunewise.evidence.before_after``).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from trainer.answering import LocalModel
from trainer.block_attention import attending_in_blocks
from trainer.cache import can_attend_to_rows
from trainer.chat import Tokens, training_tokens
from trainer.files import Progress, read_examples
from trainer.finetune import loss_of
from trainer.packing import packs
from trainer.run_config import RunConfig
from trainer.scoring import score
from tunewise.domain.dataset import Example

STAGE = "off task"
ANSWER_TOKENS = 24  # of an answer, at most; 17 in the longest of the shipped references
PASS_TOKENS = 1_024  # of one pass over references


@dataclass(frozen=True, slots=True)
class Abilities:
    """What one model does with the examples, in their order."""

    loss: tuple[float, ...]  # nats a token of the reference, its end of turn included
    token_f1: tuple[float, ...]  # in [0, 1], best over the accepted answers


def examples_of(config: RunConfig, folder: Path) -> tuple[Example, ...]:
    """Return the examples that a run is checked on; () where it is not checked."""
    if not (config.trains and config.off_task):
        return ()
    return read_examples(folder / config.off_task)


def check(
    tuned: LocalModel,
    load: Callable[[], Any],
    examples: Sequence[Example],
    progress: Progress,
) -> dict[str, object] | None:
    """Return what base and tuned model do with the examples; None without examples.

    An example that the model cannot read at once, answer included, is left out: the
    check must not end a run whose task fits.

    Parameters
    ----------
    load : loads the untouched base, in the precision of ``tuned``
    """
    if not examples:
        return None
    began = time.monotonic()
    fitting = _fitting(tuned, examples)
    progress.stage(STAGE, f"{len(fitting)} examples, tuned and base")

    def of(model: Any) -> dict[str, object]:
        answerer = LocalModel(model, tuned.tokenizer, max_new_tokens=ANSWER_TOKENS)
        return asdict(abilities(answerer, fitting, progress))

    return {
        "tuned": of(tuned.model),
        "base": of(load()),
        "left_out": len(examples) - len(fitting),
        "seconds": time.monotonic() - began,
    }


def abilities(
    answerer: LocalModel, examples: Sequence[Example], progress: Progress
) -> Abilities:
    """Measure one model on the examples; nothing where there are none."""
    if not examples:
        return Abilities((), ())
    references = [reference_tokens(answerer.tokenizer, e) for e in examples]
    answers = answerer.answer(
        [e.prompt for e in examples],
        progress=lambda done, total: progress.step(STAGE, done, total),
    )
    scored = score("token_f1", examples, [a.text for a in answers])
    return Abilities(
        loss=tuple(losses(answerer.model, references)),
        token_f1=tuple(scored.counts[:, 0].tolist()),
    )


def reference_tokens(tokenizer: Any, example: Example) -> Tokens:
    """Render an example; of the assistant's turns only the last one has a loss."""
    whole = training_tokens(tokenizer, example.messages)
    first = last = whole.last_trained
    while first > 0 and whole.trained[first - 1]:
        first -= 1
    marked = tuple(first <= i <= last for i in range(len(whole.ids)))
    return Tokens(whole.ids, marked)


@torch.inference_mode()
def losses(model: Any, examples: Sequence[Tokens]) -> list[float]:
    """Return the mean loss of each example's reference, in nats a token.

    Several share a pass where the model can be told what each may see; a pass has
    ``PASS_TOKENS`` tokens then, or one example.
    """
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].ids))
    ordered = [examples[i] for i in order]  # as packs would order them
    if can_attend_to_rows(model):
        with attending_in_blocks(model):
            parts = [_token_losses(model, ordered)]
    else:
        parts = [_token_losses(model, [example]) for example in ordered]
    tokens = torch.split(torch.cat(parts), [sum(e.trained) for e in ordered])
    means = {at: float(t.mean()) for at, t in zip(order, tokens, strict=True)}
    return [means[i] for i in range(len(examples))]


def _token_losses(model: Any, examples: Sequence[Tokens]) -> torch.Tensor:
    """Return the loss of every token of the references, one example after the other."""
    passes = packs(examples, max_tokens=PASS_TOKENS)
    return torch.cat([loss_of(model, one, reduction="none").cpu() for one in passes])


def _fitting(answerer: LocalModel, examples: Sequence[Example]) -> list[Example]:
    def needed(example: Example) -> int:
        read = len(training_tokens(answerer.tokenizer, example.messages).ids)
        return read + ANSWER_TOKENS

    return [e for e in examples if needed(e) <= answerer.window]
