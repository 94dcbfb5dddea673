"""The form of a prompt says how it is built, and no text of an example."""

import pytest

from trainer.passages import Passage
from trainer.prompt_form import prompt_form
from trainer.prompts import prompt_setups, rag_setups
from trainer.retrieval import LexicalIndex
from tunewise.domain.dataset import Example, Message

PASSAGES = LexicalIndex(
    [
        Passage("light", "Lights", "A red light means no network."),
        Passage("battery", "Battery", "It lasts two years."),
    ]
)


@pytest.fixture
def train(ask) -> list[Example]:
    return [ask("Where is my card?", "late"), ask("I lost my card", "lost")]


def form_of(setup, examples) -> list[tuple[str, str]]:
    chats = [setup.build(e) for e in examples]
    shown = [setup.found(e) for e in examples]
    return [(m["role"], m["content"]) for m in prompt_form(examples, chats, shown)]


def test_shots_and_question_are_named_and_not_quoted(ask, train) -> None:
    [setup] = prompt_setups(["few-shot"], [2], train, seed=0)

    found = form_of(setup, [ask("Where is it?", "secret")])

    assert found == [
        ("user", "‹message of a training example›"),
        ("assistant", "‹its answer›"),
        ("user", "‹message of a training example›"),
        ("assistant", "‹its answer›"),
        ("user", "‹question›"),
    ]


def test_the_system_message_that_all_share_stands_as_it_is(ask, train) -> None:
    [setup] = prompt_setups(["zero-shot"], [2], train, seed=0)
    told = Message("system", "Be short.")
    examples = [Example((told, *ask(q, "a").messages)) for q in ("One?", "Two?")]

    assert form_of(setup, examples) == [("system", "Be short."), ("user", "‹question›")]


def test_a_system_message_of_one_example_is_its_own_text(ask, train) -> None:
    [setup] = prompt_setups(["zero-shot"], [2], train, seed=0)
    examples = [
        Example((Message("system", f"Call me {name}."), *ask("Who?", "a").messages))
        for name in ("Ann", "Bob")
    ]

    found = form_of(setup, examples)

    assert found[0] == ("system", "‹system message of the example›")


def test_passages_stand_where_they_are_put(ask, train) -> None:
    setup = rag_setups(PASSAGES, [2], 1, train, seed=0)[1]

    found = form_of(setup, [ask("What does a red light mean?", "no network")])

    assert found[:2] == [
        ("user", "‹message of a training example›"),
        ("assistant", "‹its answer›"),
    ]
    passage = "[‹id›] ‹title›: ‹passage›"
    assert found[2] == (
        "user",
        f"Documents:\n{passage}\n{passage}\n\n‹question›",
    )


def test_earlier_turns_of_a_conversation_are_the_examples_own(train) -> None:
    [setup] = prompt_setups(["zero-shot"], [2], train, seed=0)
    asked = Example(
        (
            Message("user", "My name is Ann"),
            Message("assistant", "Hello Ann"),
            Message("user", "Who am I?"),
            Message("assistant", "Ann"),
        )
    )

    assert form_of(setup, [asked]) == [
        ("user", "‹earlier user message›"),
        ("assistant", "‹earlier assistant message›"),
        ("user", "‹question›"),
    ]


def test_a_split_without_examples_has_no_form() -> None:
    assert prompt_form([], [], []) == []
