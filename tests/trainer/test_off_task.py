import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

import transformers  # noqa: E402

from trainer.answering import LocalModel  # noqa: E402
from trainer.chat import training_tokens  # noqa: E402
from trainer.files import Progress  # noqa: E402
from trainer.off_task import (  # noqa: E402
    check,
    examples_of,
    losses,
    reference_tokens,
)
from trainer.run_config import read_run_config  # noqa: E402
from tunewise.domain.dataset import Example, Message  # noqa: E402
from tunewise.evidence.before_after import before_after  # noqa: E402

from .conftest import FULL, one_turn  # noqa: E402

pytestmark = pytest.mark.model

ELSEWHERE = [
    one_turn("What is frozen water called?", "Ice"),
    one_turn("What is 9 - 4?", "5", answers=("5", "up")),
    one_turn("Put into the plural: The dog sleeps.", "The dogs sleep."),
    one_turn("Write the word hello in upper case.", "HELLO"),
    one_turn("Is a carrot a fruit or a vegetable?", "Vegetable"),
    one_turn("Explain why people sleep.", "Sleep lets the body rest." * 20),
]


@pytest.fixture
def checked(
    fresh: Callable[[], Any], tokenizer: Any, progress: Progress
) -> Callable[..., dict[str, Any]]:
    """Holds a tuned model against the tiny base."""

    def run(tuned: Any, examples: Any = ELSEWHERE, **changed: Any) -> dict[str, Any]:
        answerer = LocalModel(tuned, tokenizer, max_new_tokens=4, **changed)
        found = check(answerer, fresh, examples, progress)
        assert found
        return found

    return run


def theirs(model: Any, tokenizer: Any, example: Example) -> float:
    """The loss of one example alone, as transformers gives it."""
    tokens = training_tokens(tokenizer, example.messages)
    labels = [t if m else -100 for t, m in zip(tokens.ids, tokens.trained, strict=True)]
    ids = torch.tensor([tokens.ids])
    with torch.inference_mode():
        return float(model(input_ids=ids, labels=torch.tensor([labels])).loss)


def test_the_loss_of_each_reference_is_what_transformers_gives_alone(
    fresh, tokenizer
) -> None:
    model = fresh()

    found = losses(model, [reference_tokens(tokenizer, e) for e in ELSEWHERE])

    alone = [theirs(model, tokenizer, e) for e in ELSEWHERE]
    assert found == pytest.approx(alone, abs=1e-4)
    assert len({round(loss, 3) for loss in found}) == len(ELSEWHERE)  # each its own


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("window", [None, 4096], ids=["whole", "sliding window"])
def test_precisions_and_windows_of_attention_change_nothing(
    tokenizer, dtype, window
) -> None:
    torch.manual_seed(0)
    config = transformers.MistralConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=window,
    )
    model = transformers.MistralForCausalLM(config).to(dtype).eval()

    found = losses(model, [reference_tokens(tokenizer, e) for e in ELSEWHERE])

    alone = [theirs(model, tokenizer, e) for e in ELSEWHERE]
    assert found == pytest.approx(alone, abs=0.05 if dtype is torch.bfloat16 else 1e-4)


def test_only_the_last_turn_of_the_assistant_has_a_loss(tokenizer) -> None:
    [first] = [one_turn("Name a fruit.", "Plum").messages]
    example = Example((*first, *one_turn("And a colour?", "Green").messages))

    tokens = reference_tokens(tokenizer, example)

    marked = [i for i, m in zip(tokens.ids, tokens.trained, strict=True) if m]
    assert tokenizer.decode(marked) == "Green<|im_end|>"


def test_an_untouched_model_shows_exactly_no_difference(checked, fresh) -> None:
    found = checked(fresh())

    assert found["base"] == found["tuned"]
    loss = before_after(found["base"]["loss"], found["tuned"]["loss"], seed=0)
    assert (loss.difference, loss.low, loss.high) == (0.0, 0.0, 0.0)
    assert not loss.risen
    assert (loss.n, found["left_out"]) == (len(ELSEWHERE), 0)


def test_a_model_trained_hard_on_one_answer_loses(
    checked, train, tokenizer, tmp_path
) -> None:
    asked = [one_turn(q, "up") for q in ("one", "two", "three", "four")]
    examples = [training_tokens(tokenizer, e.messages) for e in asked]
    hard = replace(FULL, epochs=20, patience=0, learning_rate=1e-2)
    tuned, _ = train(hard, tmp_path, examples=examples, scores=[0.1] * 20)

    found = checked(tuned)

    loss = before_after(found["base"]["loss"], found["tuned"]["loss"], seed=0)
    assert loss.difference > 1  # nats: a random base is at ln 258 = 5.6
    assert loss.risen
    # it says "up" whatever it is asked, which one of the accepted answers is
    assert found["tuned"]["token_f1"] == (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    assert found["base"]["token_f1"] == (0.0,) * 6


def test_what_the_model_cannot_read_at_once_is_left_out(checked, fresh) -> None:
    long = Example((Message("user", "x" * 300), Message("assistant", "y")))

    found = checked(fresh(), [*ELSEWHERE[:2], long], window=200)

    assert found["left_out"] == 1
    assert len(found["base"]["loss"]) == 2


def test_nothing_is_measured_where_nothing_fits(checked, fresh) -> None:
    found = checked(fresh(), ELSEWHERE[:2], window=10)

    assert found["left_out"] == 2
    assert found["base"] == found["tuned"] == {"loss": (), "token_f1": ()}


@pytest.mark.parametrize(
    ("arm", "named", "count"),
    [("finetune", "off-task.jsonl", 1), ("finetune", "", 0), ("prompt", "x", 0)],
    ids=["trains", "is not asked to", "does not train"],
)
def test_only_runs_that_train_are_checked(
    toy_config, tmp_path: Path, arm: str, named: str, count: int
) -> None:
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]
    (tmp_path / "off-task.jsonl").write_text(json.dumps({"messages": said}))
    (tmp_path / "run.json").write_text(json.dumps(toy_config(arm, off_task=named)))

    found = examples_of(read_run_config(tmp_path), tmp_path)

    assert len(found) == count
