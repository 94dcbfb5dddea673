"""Chats to token ids, and which of the tokens are trained on.

The loss falls on the assistant's tokens only, end-of-turn included. Which tokens
those are is found by rendering prefixes of the chat (``messages[:i]`` with the
generation prompt, then ``messages[:i + 1]``), because the template's own mark for
generated text is missing from many base models, SmolLM2 among them; and never by
the pad id, which is the end-of-turn id there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tunewise.domain.dataset import Message
from tunewise.domain.errors import DatasetError, ModelError


@dataclass(frozen=True, slots=True)
class Tokens:
    """One rendered chat: ids, and for each whether it is trained on."""

    ids: tuple[int, ...]
    trained: tuple[bool, ...]  # same length

    @property
    def first_trained(self) -> int:
        """Index of the first trained token, the length where there is none."""
        return self.trained.index(True) if any(self.trained) else len(self.ids)

    @property
    def last_trained(self) -> int:
        """Index of the last trained token, the length where there is none."""
        if not any(self.trained):
            return len(self.ids)
        return len(self.ids) - 1 - self.trained[::-1].index(True)


def prompt_ids(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """Render a chat up to where the assistant answers."""
    return _encode(tokenizer, _render(tokenizer, messages, answer=True))


def training_tokens(tokenizer: Any, messages: Sequence[Message]) -> Tokens:
    """Render a whole chat and mark what the assistant says in it.

    The mark covers every assistant turn up to and including its end-of-turn
    token, and not the newline that some templates put behind it.
    """
    whole = _render(tokenizer, messages, answer=False)
    spans = []
    for i, message in enumerate(messages):
        if message.role != "assistant":
            continue
        before = _render(tokenizer, messages[:i], answer=True)
        after = _render(tokenizer, messages[: i + 1], answer=False)
        if not (whole.startswith(before) and whole.startswith(after.rstrip())):
            raise ModelError(
                "the chat template rewrites earlier turns, so the assistant's tokens "
                "cannot be told from the others\n"
                "  Use a base model whose template only appends."
            )
        spans.append((len(before), len(after.rstrip())))
    encoded = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
    # Some tokenizers (GPT-NeoX) give a token of blanks an empty span at its end.
    trained = tuple(
        any(start <= a and b <= end and start < b for start, end in spans)
        for a, b in encoded["offset_mapping"]
    )
    return Tokens(ids=tuple(encoded["input_ids"]), trained=trained)


def fit(tokens: Tokens, max_length: int, too_long: str, *, where: str) -> Tokens | None:
    """Apply the policy for long examples: None where the example is dropped.

    Raises
    ------
    DatasetError
        If the policy is ``refuse``, or truncation leaves nothing to train on.
    """
    if len(tokens.ids) <= max_length:
        return tokens
    if too_long == "refuse":
        raise DatasetError(
            f"{where}: {len(tokens.ids)} tokens, but max_length is {max_length}\n"
            "  Raise max_length, shorten the example, or set too_long to drop."
        )
    if too_long == "drop":
        return None
    cut = Tokens(tokens.ids[:max_length], tokens.trained[:max_length])
    if not any(cut.trained):
        raise DatasetError(
            f"{where}: truncated to {max_length} tokens, nothing is left to train on\n"
            "  Raise max_length, shorten the prompt, or set too_long to drop."
        )
    return cut


def stop_ids(tokenizer: Any, model: Any) -> frozenset[int]:
    """Return the ids that end an answer."""
    ids = {tokenizer.eos_token_id}
    configured = getattr(model.generation_config, "eos_token_id", None)
    if configured is not None:
        ids |= set(configured) if isinstance(configured, list) else {configured}
    return frozenset(i for i in ids if i is not None)


def _render(
    tokenizer: Any,
    messages: Sequence[Message],
    *,
    answer: bool,
) -> str:
    chat = [{"role": m.role, "content": m.content} for m in messages]
    return str(
        tokenizer.apply_chat_template(
            chat, tokenize=False, add_generation_prompt=answer
        )
    )


def _encode(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])
