from typing import Any

from trainer.asking import shared_tokens
from tunewise.domain.dataset import Message


class Words:
    """Counts words, as an answerer counts tokens."""

    def count(self, text: str) -> int:
        return len(text.split())


def chat(question: str) -> tuple[Message, ...]:
    return (Message("system", "Answer in one word."), Message("user", question))


def test_what_all_prompts_begin_with_is_counted() -> None:
    words: Any = Words()

    assert shared_tokens([chat("Where is it?"), chat("Where was it?")], words) == 5
    assert shared_tokens([chat("Where?"), (Message("user", "No."),)], words) == 0


def test_a_single_prompt_shares_nothing() -> None:
    words: Any = Words()

    assert shared_tokens([chat("Where is it?")], words) == 0
