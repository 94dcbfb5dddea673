import copy
from itertools import groupby

import pytest

from trainer.chat import Tokens, fit, prompt_ids, stop_ids, training_tokens
from tunewise.domain.dataset import Message
from tunewise.domain.errors import DatasetError, ModelError

SYSTEM = Message("system", "Answer with a code.")
QUESTION = Message("user", "Where is my card?")
ANSWER = Message("assistant", "card_arrival")

# As SmolLM2's: whoever brings no system prompt is given one.
INJECTING = (
    "{% for message in messages %}"
    "{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are helpful.<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# As templates that leave the thinking out of every turn but the last.
REWRITING = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' and not loop.last %}{{ 'A: (left out)\n' }}"
    "{% else %}{{ message['role'] + ': ' + message['content'] + '\n' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)


def spans(tokenizer, tokens: Tokens) -> list[str]:
    """The runs of trained tokens, as text."""
    marked = groupby(zip(tokens.ids, tokens.trained, strict=True), lambda x: x[1])
    return [
        tokenizer.decode([i for i, _ in run], clean_up_tokenization_spaces=False)
        for trained, run in marked
        if trained
    ]


def with_template(tokenizer, template: str):
    changed = copy.deepcopy(tokenizer)
    changed.chat_template = template
    return changed


@pytest.mark.model
@pytest.mark.parametrize("head", [(), (SYSTEM,)], ids=["no-system", "system"])
@pytest.mark.parametrize("template", [None, INJECTING], ids=["plain", "injecting"])
def test_trained_is_the_answer_and_its_end_of_turn_and_nothing_else(
    tokenizer, head, template
) -> None:
    used = with_template(tokenizer, template) if template else tokenizer

    tokens = training_tokens(used, (*head, QUESTION, ANSWER))

    assert spans(tokenizer, tokens) == ["card_arrival<|im_end|>"]


@pytest.mark.model
def test_every_turn_of_the_assistant_is_trained(tokenizer) -> None:
    chat = (
        SYSTEM,
        QUESTION,
        Message("assistant", "Which card?"),
        Message("user", "The new one."),
        ANSWER,
    )

    tokens = training_tokens(tokenizer, chat)

    assert spans(tokenizer, tokens) == [
        "Which card?<|im_end|>",
        "card_arrival<|im_end|>",
    ]


@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    ["Ça coûte 5 €, d'accord 🙂", "yes \n", "\nyes", '{\n    "a": 1\n}', "   ", ""],
)
def test_no_byte_of_an_answer_is_left_out(tokenizer, text) -> None:
    tokens = training_tokens(tokenizer, (QUESTION, Message("assistant", text)))

    assert spans(tokenizer, tokens) == [f"{text}<|im_end|>"]


@pytest.mark.model
def test_blanks_of_an_answer_are_trained_where_offsets_are_trimmed(tokenizer) -> None:
    # GPT-NeoX's tokenizer: a token of blanks only is given an empty offset
    from tokenizers import processors

    trimming = copy.deepcopy(tokenizer)
    trimming.backend_tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    question = Message("user", "  As JSON,   please  ")
    text = '{\n    "a": 1,\n    "b": 2\n}'

    tokens = training_tokens(trimming, (question, Message("assistant", text)))

    assert spans(tokenizer, tokens) == [f"{text}<|im_end|>"]


@pytest.mark.model
def test_the_end_of_turn_is_trained_although_it_is_the_pad_token(tokenizer) -> None:
    assert tokenizer.pad_token_id == tokenizer.eos_token_id

    tokens = training_tokens(tokenizer, (QUESTION, ANSWER))

    trained = [i for i, t in zip(tokens.ids, tokens.trained, strict=True) if t]
    assert trained[-1] == tokenizer.eos_token_id


@pytest.mark.model
@pytest.mark.parametrize("template", [None, INJECTING], ids=["plain", "injecting"])
def test_training_sees_the_prompt_that_answering_gives(tokenizer, template) -> None:
    used = with_template(tokenizer, template) if template else tokenizer

    tokens = training_tokens(used, (QUESTION, ANSWER))

    prompt = prompt_ids(used, (QUESTION,))
    assert list(tokens.ids[: tokens.first_trained]) == prompt


@pytest.mark.model
def test_a_template_that_rewrites_earlier_turns_is_refused(tokenizer) -> None:
    rewriting = with_template(tokenizer, REWRITING)
    chat = (QUESTION, ANSWER, Message("user", "Sure?"), ANSWER)

    with pytest.raises(ModelError, match="rewrites earlier turns"):
        training_tokens(rewriting, chat)


@pytest.mark.model
def test_an_answer_ends_with_the_tokenizers_mark_or_the_models(
    tokenizer, fresh
) -> None:
    model = fresh()
    model.generation_config.eos_token_id = [5, 6]
    assert stop_ids(tokenizer, model) == {tokenizer.eos_token_id, 5, 6}

    model.generation_config.eos_token_id = None
    assert stop_ids(tokenizer, model) == {tokenizer.eos_token_id}


PROMPT_OF_THREE = Tokens((7, 8, 9, 4, 5), (False, False, False, True, True))


def test_the_first_trained_token_is_found() -> None:
    assert PROMPT_OF_THREE.first_trained == 3
    assert Tokens((7, 8), (False, False)).first_trained == 2


@pytest.mark.parametrize("policy", ["drop", "truncate", "refuse"])
def test_an_example_of_just_the_allowed_length_is_kept(policy) -> None:
    assert fit(PROMPT_OF_THREE, 5, policy, where="x") == PROMPT_OF_THREE


def test_a_long_example_is_dropped_where_the_policy_says_so() -> None:
    assert fit(PROMPT_OF_THREE, 4, "drop", where="x") is None


def test_a_long_example_is_cut_where_the_policy_says_so() -> None:
    cut = fit(PROMPT_OF_THREE, 4, "truncate", where="x")

    assert cut == Tokens((7, 8, 9, 4), (False, False, False, True))


def test_a_long_example_is_refused_with_its_place_and_both_lengths() -> None:
    with pytest.raises(DatasetError, match=r"train example 3: 5 tokens.* is 4"):
        fit(PROMPT_OF_THREE, 4, "refuse", where="train example 3")


def test_cutting_away_everything_trained_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"example 3: truncated to 3 .* nothing"):
        fit(PROMPT_OF_THREE, 3, "truncate", where="train example 3")
