import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the extra [train]")

from trainer import workload as counting
from trainer.answering import LocalModel
from trainer.asking import Data, answer_limit
from trainer.chat import prompt_ids, training_tokens
from trainer.latency import choose
from trainer.run_config import read_run_config
from trainer.workload import Workload, spans, workload
from tunewise.domain.errors import SpecError

pytestmark = pytest.mark.model

Count = Callable[..., Workload]


@pytest.fixture
def data(toy) -> Data:
    return Data(**toy)


@pytest.fixture
def count(toy_config, data: Data, tokenizer: Any, tmp_path: Path) -> Count:
    """Counts the work of one arm on the toy, or on the data given."""

    def count(
        arm: str, *, given: Data = data, off_task: Any = (), **changed: Any
    ) -> Workload:
        (tmp_path / "run.json").write_text(json.dumps(toy_config(arm, **changed)))
        unlimited = LocalModel(None, tokenizer, max_new_tokens=0)
        answerer = LocalModel(
            None, tokenizer, max_new_tokens=answer_limit(given, unlimited)
        )
        return workload(read_run_config(tmp_path), given, answerer, off_task=off_task)

    return count


def test_training_is_counted_from_the_packs_of_its_first_epoch(count: Count) -> None:
    found = count("finetune", finetune={"batch_size": 4, "epochs": 3}).training

    assert found is not None
    assert len(found.fitted.tokens) == 8
    assert found.steps == 6  # two batches of four, three times
    assert len(found.passes) == 2
    assert min(found.passes) == found.smallest.tokens
    assert max(found.passes) == found.largest.tokens
    # bytes are tokens: every pass holds its four examples but for what they share
    assert sum(found.passes) < sum(len(e.ids) for e in found.fitted.tokens)


def test_smaller_passes_are_more_passes(count: Count) -> None:
    whole = count("finetune").training
    small = count("finetune", pack_tokens=80).training

    assert whole is not None
    assert small is not None
    assert len(small.passes) > len(whole.passes)
    assert small.largest.tokens <= 80


def test_a_part_is_counted_as_it_is_trained_and_is_not_timed(
    count: Count, data: Data
) -> None:
    part = replace(data, part=data.train[:4])

    found = count("finetune_half", given=part)

    assert found.training is not None
    assert len(found.training.fitted.tokens) == 4
    assert found.each_epoch == count("finetune").each_epoch
    assert [each.stage for each in found.once] == ["heldout"]


def test_early_stopping_may_end_training_after_its_patience(count: Count) -> None:
    eager = count("finetune", finetune={"epochs": 6, "patience": 2}).training
    never = count("finetune", finetune={"epochs": 6, "patience": 0}).training

    assert eager is not None
    assert never is not None
    assert (eager.least_epochs, never.least_epochs) == (3, 6)


def test_examples_that_are_too_long_are_dropped_and_counted(
    count: Count, tokenizer: Any, data: Data
) -> None:
    lengths = [len(training_tokens(tokenizer, e.messages).ids) for e in data.train]
    longest = sorted(lengths)[4]

    found = count("finetune", finetune={"max_length": longest}).training

    assert found is not None
    assert found.fitted.dropped == sum(n > longest for n in lengths) > 0
    assert len(found.fitted.tokens) == 8 - found.fitted.dropped


def test_nothing_left_to_train_on_is_refused(count: Count) -> None:
    with pytest.raises(SpecError, match="all 8 training examples are longer"):
        count("finetune", finetune={"max_length": 5})


def test_a_shared_beginning_is_read_once(
    count: Count, data: Data, tokenizer: Any
) -> None:
    [heldout, alone] = count("finetune").once

    prompts = [prompt_ids(tokenizer, e.prompt) for e in data.heldout]
    shared = counting.common_prefix(prompts)
    assert shared > 5
    assert heldout.read == sum(map(len, prompts)) - 3 * shared
    chosen = choose(data.heldout, data.validation, 2)  # latency_examples = 2
    asked = [prompt_ids(tokenizer, e.prompt) for e in (chosen.warm_up, *chosen.timed)]
    assert alone.read == sum(map(len, asked))


def test_answers_are_at_least_the_references_and_at_most_the_limit(
    count: Count, data: Data
) -> None:
    [heldout, alone] = count("finetune").once

    references = [len(e.reference) + 1 for e in data.heldout]  # and the end of turn
    assert heldout.likely.tokens == sum(references)
    assert heldout.likely.steps == max(references)  # one batch
    limit = round(4 * 1.25) + 8  # "late", "lost"
    assert heldout.most.tokens == 4 * limit
    assert heldout.most.steps == limit
    chosen = choose(data.heldout, data.validation, 2)
    timed = [len(e.reference) + 1 for e in (chosen.warm_up, *chosen.timed)]
    assert alone.likely.steps == sum(timed)  # one after the other


def test_a_check_off_the_task_is_two_models_that_answer_and_read(
    count: Count, data: Data, tokenizer: Any
) -> None:
    elsewhere = data.validation[:3]

    *_, base, tuned = count("finetune", off_task=elsewhere).once

    assert base == tuned
    assert (base.stage, base.chats) == ("off task", 3)
    assert base.most.tokens == 3 * 24
    prompts = [prompt_ids(tokenizer, e.prompt) for e in elsewhere]
    asked = sum(map(len, prompts)) - 2 * counting.common_prefix(prompts)
    references = sum(len(e.reference) + 1 for e in elsewhere)  # bytes are tokens
    assert base.read == 2 * asked + references  # to answer, and for the loss


def test_every_set_up_is_tried_on_validation_and_the_dearest_answers(
    count: Count,
) -> None:
    found = count("prompt", prompt={"shots": [2, 4]})

    stages = [a.stage for a in found.once]
    assert stages == [
        "validation zero-shot",
        "validation few-shot 2",
        "validation few-shot 4",
        "validation retrieved-shots 2",
        "validation retrieved-shots 4",
        "heldout",
        "latency",
    ]
    assert found.training is None
    heldout, zero = found.once[-2], found.once[0]
    assert heldout.read > 2 * zero.read


def test_many_examples_are_counted_by_some_of_them(
    count: Count, data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = replace(data, heldout=data.heldout * 50)
    exact = count("finetune", given=many).once[0]

    monkeypatch.setattr(counting, "RENDERED", 40)
    some = count("finetune", given=many).once[0]

    assert some.chats == exact.chats == 200
    assert some.read == pytest.approx(exact.read, rel=0.1)
    assert some.likely.tokens == pytest.approx(exact.likely.tokens, rel=0.1)


def test_the_spans_of_an_example_are_its_text(tokenizer: Any, examples) -> None:
    shown = spans(tokenizer, examples[0])

    text = "".join(str(s["text"]) for s in shown)
    assert text == tokenizer.decode(list(examples[0].ids))
    assert [s["text"] for s in shown if s["trained"]] == ["up<|im_end|>"]
