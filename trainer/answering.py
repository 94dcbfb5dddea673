"""Who answers: a local model here, an OpenAI-compatible endpoint in ``endpoint.py``.

Both take the same prompts (messages) and give the same thing back: the answer's
text and how many tokens went in and out.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tunewise.domain.dataset import Message

Chat = Sequence[Message]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an arm produced for one example."""

    text: str  # stripped
    prompt_tokens: int
    answer_tokens: int
    finish: str = ""  # how it ended, where it did not end by itself


@dataclass(frozen=True, slots=True)
class Timed:
    """How long one request took, from when it was sent."""

    first_token_seconds: float | None  # None: the answer came in one piece
    seconds: float  # until the answer was there as text


class Answerer(Protocol):
    """Anything that answers chats in order."""

    window: float  # tokens it can read at once, its answer among them

    def answer(self, chats: Sequence[Chat], *, progress: OnProgress) -> list[Answer]:
        """Answer every chat, batched where the answerer can."""
        ...

    def time_alone(self, chat: Chat) -> Timed:
        """Answer one chat by itself, with nothing kept of earlier ones, and time it."""
        ...

    def count(self, text: str) -> int:
        """Return the number of tokens of a text."""
        ...

    def longest(self, chats: Sequence[Chat]) -> int:
        """Return the tokens of the longest chat, room for its answer included."""
        ...

    def served(self) -> dict[str, str]:
        """Return what the answers say about who gave them, {} where nothing."""
        ...

    def asked(self) -> dict[str, object]:
        """Return what was asked of somebody else, {} where nothing left the machine."""
        ...


class LocalModel:
    """A causal language model of transformers, answering greedily."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        max_new_tokens: int,
        window: float = math.inf,
    ) -> None:
        self.model, self.tokenizer, self.window = model, tokenizer, window
        self.limit = max_new_tokens

    def answer(self, chats: Sequence[Chat], *, progress: OnProgress) -> list[Answer]:
        """Answer in batches behind the shared prefix."""
        from trainer.chat import prompt_ids, stop_ids
        from trainer.generate import generate

        prompts = [prompt_ids(self.tokenizer, c) for c in chats]
        made = generate(
            self.model,
            prompts,
            stop=stop_ids(self.tokenizer, self.model),
            max_new_tokens=self.limit,
            on_progress=progress,
        )
        texts = self.tokenizer.batch_decode(
            [list(g.ids) for g in made], skip_special_tokens=True
        )
        return [
            Answer(t.strip(), len(p), len(g.ids) + g.stopped)
            for t, p, g in zip(texts, prompts, made, strict=True)
        ]

    def time_alone(self, chat: Chat) -> Timed:
        """Time it from the messages to the text."""
        from trainer.chat import prompt_ids, stop_ids
        from trainer.generate import generate_alone

        began = time.perf_counter()
        known: list[float] = []  # when each token was
        made = generate_alone(
            self.model,
            prompt_ids(self.tokenizer, chat),
            stop=stop_ids(self.tokenizer, self.model),
            max_new_tokens=self.limit,
            on_token=lambda: known.append(time.perf_counter()),
        )
        self.tokenizer.decode(list(made.ids), skip_special_tokens=True)
        return Timed(known[0] - began, time.perf_counter() - began)

    def count(self, text: str) -> int:
        """Count with the model's own tokenizer."""
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def longest(self, chats: Sequence[Chat]) -> int:
        """Count as the chats are answered: with the template's own tokens."""
        from trainer.chat import prompt_ids

        return max(len(prompt_ids(self.tokenizer, c)) for c in chats) + self.limit

    def served(self) -> dict[str, str]:
        """Say nothing: the weights' digests are known."""
        return {}

    def asked(self) -> dict[str, object]:
        """Say nothing: it answers here."""
        return {}
