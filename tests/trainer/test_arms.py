import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trainer import asking
from trainer.answering import Answer
from trainer.arms import run_arm
from trainer.asking import Data, Outcome
from trainer.files import Progress
from trainer.run_config import read_run_config
from tunewise.domain.dataset import Example, Message
from tunewise.domain.errors import DatasetError, ModelError, SpecError

Run = Callable[..., Outcome]


@pytest.fixture
def data(toy) -> Data:
    return Data(**toy)


@pytest.fixture
def run(toy_config, data: Data, tmp_path: Path, progress: Progress) -> Run:
    """Runs one arm on the toy, or on the data given."""

    def run(
        arm: str, name: str = "run", *, given: Data = data, **changed: Any
    ) -> Outcome:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "run.json").write_text(json.dumps(toy_config(arm, **changed)))
        return run_arm(read_run_config(folder), given, folder, progress)

    return run


def texts(outcome: Outcome) -> list[str]:
    return [a.text for a in outcome.answers]


def referring(example: Example, reference: str) -> Example:
    return replace(example, messages=(*example.prompt, Message("assistant", reference)))


def test_an_unknown_arm_is_refused(run) -> None:
    with pytest.raises(SpecError, match="arm: 'guess' is not one of prompt, rag"):
        run("guess")


@pytest.mark.parametrize("arm", ["rag", "hybrid", "gold_passage"])
def test_an_arm_that_needs_documents_is_refused_without(run, data, arm) -> None:
    with pytest.raises(SpecError, match=f"arm {arm}: the dataset has no documents"):
        run(arm, given=replace(data, documents=()))


def test_the_majority_answers_with_the_most_frequent_reference_of_training(
    run, data
) -> None:
    # "late" and "pin" three times each: the earlier one
    assert texts(run("majority")) == ["late"] * 4

    pins = tuple(referring(e, "pin") for e in data.heldout)
    assert texts(run("majority", given=replace(data, heldout=pins))) == ["late"] * 4


def test_the_nearest_example_lends_its_reference(run, data) -> None:
    copied = tuple(replace(e, id="") for e in (data.train[4], data.train[0]))

    assert texts(run("nearest_example", given=replace(data, heldout=copied))) == [
        "lost",
        "late",
    ]


@pytest.mark.model
@pytest.mark.parametrize("arm", ["prompt", "rag", "finetune", "hybrid"])
def test_no_set_up_is_picked_by_what_held_out_says(run, data, arm) -> None:
    first = run(arm)
    turned = [e.reference for e in reversed(data.heldout)]
    shuffled = tuple(map(referring, data.heldout, turned))

    second = run(arm, "other", given=replace(data, heldout=shuffled))

    assert second.setup == first.setup
    assert second.setups == first.setups
    assert second.details == first.details
    assert second.answers == first.answers


@pytest.mark.model
def test_shots_never_come_from_validation_or_held_out(run, data) -> None:
    outcome = run("prompt", prompt={"setups": ["few-shot"], "shots": [8]})

    shown = {turn["content"] for shot in outcome.details["shots"] for turn in shot}
    assert shown == {m.content for e in data.train for m in e.messages}


@pytest.mark.model
def test_a_tie_goes_to_the_earlier_and_cheaper_set_up(run) -> None:
    outcome = run("prompt")  # a random model is wrong whatever it is shown

    assert outcome.setups == [
        {"setup": "zero-shot", "score": 0.0},
        {"setup": "few-shot 2", "score": 0.0},
        {"setup": "retrieved-shots 2", "score": 0.0},
    ]
    assert outcome.setup == "zero-shot"


@pytest.mark.model
def test_a_single_set_up_is_not_tried_on_validation(run, data) -> None:
    alone = replace(data, validation=())

    outcome = run("prompt", given=alone, prompt={"setups": ["few-shot"], "shots": [2]})

    assert outcome.setup == "few-shot 2"
    assert outcome.setups == []


@pytest.mark.model
def test_without_validation_no_set_up_can_be_picked(run, data) -> None:
    with pytest.raises(SpecError, match="validation split is empty"):
        run("prompt", given=replace(data, validation=()))


@pytest.mark.model
def test_answers_may_be_as_long_as_train_and_validation_need(run, data) -> None:
    long = tuple(referring(e, "x" * 500) for e in data.heldout)

    outcome = run("prompt", given=replace(data, heldout=long))

    # bytes are tokens: the longest reference has 4, a quarter more is 5, and 8
    assert {a.answer_tokens for a in outcome.answers} == {13}


@pytest.mark.model
def test_a_prompt_beyond_the_models_window_is_refused(run, data) -> None:
    endless = Example((Message("user", "x" * 2100), Message("assistant", "late")))

    for arm in ("prompt", "finetune"):
        with pytest.raises(ModelError, match=r"tiny: the longest .* 21\d\d tokens"):
            run(arm, given=replace(data, heldout=(endless,)))


@pytest.mark.model
def test_a_set_up_beyond_the_models_window_is_not_tried(run, data) -> None:
    # bytes are tokens: a shot of 800 fits twice into the window of 2,048, not thrice
    long = tuple(
        Example((Message("user", f"{n}" * 800), Message("assistant", "late")))
        for n in range(4)
    )
    prompt = {"setups": ["few-shot"], "shots": [2, 3]}

    outcome = run("prompt", given=replace(data, train=long), prompt=prompt)

    assert outcome.setup == "few-shot 2"


@pytest.mark.model
def test_the_gold_passage_is_neither_timed_nor_picked(run) -> None:
    outcome = run("gold_passage")

    assert outcome.latencies == []
    assert outcome.setups == []
    assert outcome.setup == "gold passage, 1 shots"


@pytest.mark.model
def test_every_timed_request_has_its_seconds(run) -> None:
    assert len(run("prompt", latency_examples=3).latencies) == 3
    assert run("prompt", latency_examples=0).latencies == []


@pytest.mark.model
@pytest.mark.parametrize("method", ["lora", "full"])
def test_fine_tuning_answers_with_weights_reloaded_from_disk(
    run, tmp_path, method
) -> None:
    spec = {"method": method, "epochs": 2, "learning_rate": 0.02, "batch_size": 4}

    outcome = run("finetune", finetune=spec)

    assert outcome.setup == f"{method}, epoch 1 of 2"
    assert outcome.weights == "checkpoints/epoch-1"
    assert (tmp_path / "run" / outcome.weights).is_dir()
    assert outcome.checks["reloaded_from_disk"]
    assert outcome.checks["largest_logit_difference"] > 0.001
    assert [s["setup"] for s in outcome.setups] == ["epoch 1", "epoch 2"]
    assert outcome.train["examples"] == 8
    assert outcome.train["steps"] == 4  # eight in batches of four, twice
    assert outcome.train["dropped"] == 0
    assert outcome.train["trained_tokens"] == 2 * (4 * 3 + 4 * 2 + 3 * 3 + 8)


@pytest.mark.model
def test_a_part_is_trained_on_alone_and_answered_as_the_arm_answers(run, data) -> None:
    long = (*data.train[:7], referring(data.train[7], "x" * 100))
    whole = replace(data, train=long)

    arm = run("finetune", given=whole)
    half = run("finetune_half", "half", given=replace(whole, part=long[:4]))

    assert (arm.train["examples"], half.train["examples"]) == (8, 4)
    assert half.train["steps"] == 2  # four in a batch of four, twice
    assert half.latencies == []
    assert len(arm.latencies) == 2
    # the longest reference of all of train, 100 bytes: 125, and 8
    assert max(a.answer_tokens for a in half.answers) <= 133
    assert {s["setup"] for s in half.setups} == {"epoch 1", "epoch 2"}


@pytest.mark.model
def test_training_without_effect_is_refused(run) -> None:
    still = {"epochs": 1, "learning_rate": 0.0, "rank": 4}

    with pytest.raises(ModelError, match="Training had no effect"):
        run("finetune", finetune=still)


@pytest.mark.model
def test_long_examples_are_dropped_and_counted(run, data) -> None:
    endless = Example((Message("user", "x" * 200), Message("assistant", "late")))
    spec = {"epochs": 1, "learning_rate": 0.02, "rank": 4, "max_length": 150}

    outcome = run(
        "finetune", given=replace(data, train=(*data.train, endless)), finetune=spec
    )

    assert outcome.train["examples"] == 8
    assert outcome.train["dropped"] == 1


@pytest.mark.model
@pytest.mark.parametrize(
    ("policy", "error", "message"),
    [
        ("drop", SpecError, "all 8 training examples are longer than max_length = 20"),
        ("refuse", DatasetError, "train example 1: .* max_length is 20"),
        ("truncate", DatasetError, "train example 1: truncated to 20"),
    ],
)
def test_examples_that_are_all_too_long_are_refused(
    run, policy, error, message
) -> None:
    spec = {"epochs": 1, "learning_rate": 0.02, "max_length": 20, "too_long": policy}

    with pytest.raises(error, match=message):
        run("finetune", finetune=spec)


@pytest.mark.model
def test_a_hybrid_is_trained_and_answers_with_passages(run) -> None:
    tuned = run("finetune")
    mixed = run("hybrid", "other", hybrid={"k": 1, "train": 6})

    assert mixed.details["k"] == 1
    assert mixed.setup == "lora, epoch 1 of 2, k=1"
    assert mixed.train["examples"] == 6
    longer = zip(mixed.answers, tuned.answers, strict=True)
    # a passage is in front of each question: "Documents:\n[d-pin] …\n\n"
    assert all(m.prompt_tokens >= t.prompt_tokens + 20 for m, t in longer)


@pytest.mark.model
def test_a_hybrid_picks_its_passages_on_validation_before_it_trains(run) -> None:
    mixed = run("hybrid", hybrid={"k": [1, 2], "train": 6})

    picked = mixed.details["passages_tried"]
    assert [tried["k"] for tried in picked["tried"]] == [1, 2]
    assert picked["k"] == mixed.details["k"]
    assert mixed.setup.endswith(f"k={picked['k']}")
    assert max(len(shown) for shown in mixed.shown) == picked["k"]
    one, two = (tried["passage_tokens_mean"] for tried in picked["tried"])
    assert one < two
    # the epochs are what was tried by training: none for the other number
    assert [s["setup"] for s in mixed.setups] == ["epoch 1", "epoch 2"]


def test_mean_tokens_by_hand() -> None:
    answers = [Answer("a", 10, 1), Answer("b", 20, 2)]

    assert asking.mean_tokens(answers) == (15, 1.5)
