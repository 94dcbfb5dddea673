import pytest

from trainer.answering import Answer, LocalModel
from tunewise.domain.dataset import Message

QUESTION = (Message("system", "Be short."), Message("user", "Where?"))
OTHER = (Message("user", "When?"),)


def silent(done: int, total: int) -> None:
    pass


@pytest.mark.model
def test_a_local_model_counts_the_tokens_of_prompt_and_answer(fresh, tokenizer) -> None:
    local = LocalModel(fresh(), tokenizer, max_new_tokens=6)

    [one, other] = local.answer([QUESTION, OTHER], progress=silent)

    # byte tokens: the role, a line break and the text between two marks, and a line
    # break; then the head of the answer
    head = 1 + len("assistant\n")
    system = 1 + len("system\nBe short.") + 2
    assert one.prompt_tokens == system + 1 + len("user\nWhere?") + 2 + head
    assert other.prompt_tokens == 1 + len("user\nWhen?") + 2 + head
    assert one.answer_tokens <= 6
    assert one.text == one.text.strip()
    assert local.count("Where?") == 6


@pytest.mark.model
def test_the_end_of_turn_counts_as_an_answer_token_and_is_not_in_the_text(
    fresh, tokenizer
) -> None:
    model = fresh()
    free = LocalModel(model, tokenizer, max_new_tokens=6)
    [first] = free.answer([OTHER], progress=silent)
    from trainer.chat import prompt_ids
    from trainer.generate import generate

    [made] = generate(
        model,
        [prompt_ids(tokenizer, OTHER)],
        stop=frozenset({tokenizer.eos_token_id}),
        max_new_tokens=6,
    )
    model.generation_config.eos_token_id = made.ids[0]  # what it says first

    [stopped] = free.answer([OTHER], progress=silent)

    assert first.answer_tokens == 6
    assert stopped == Answer("", first.prompt_tokens, 1)


@pytest.mark.model
def test_a_local_model_times_the_first_token_and_the_whole_answer(
    fresh, tokenizer
) -> None:
    local = LocalModel(fresh(), tokenizer, max_new_tokens=2)

    found = local.time_alone(QUESTION)

    assert found.first_token_seconds is not None
    assert 0 < found.first_token_seconds < found.seconds
