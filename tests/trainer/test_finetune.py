import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from safetensors.torch import load_file  # noqa: E402

from trainer.base import load_model  # noqa: E402
from tunewise.domain.errors import SpecError  # noqa: E402
from tunewise.domain.experiment import FinetuneSpec  # noqa: E402

from .conftest import FULL, LORA  # noqa: E402

pytestmark = pytest.mark.model

METHODS = pytest.mark.parametrize("spec", [LORA, FULL], ids=["lora", "full"])


def weights_of(folder: Path, spec: FinetuneSpec) -> dict[str, Any]:
    name = "adapter_model" if spec.method == "lora" else "model"
    return load_file(folder / f"{name}.safetensors")


@METHODS
def test_the_loss_falls_on_examples_to_know_by_heart(
    train, fresh, tmp_path, spec
) -> None:
    model = fresh()
    # as made, logits span about 1, and no training of the layers can change that
    model.get_input_embeddings().weight.data *= 10
    eager = replace(spec, epochs=12)

    _, trained = train(eager, tmp_path, scores=range(12), model=model)

    losses = [e["loss"] for e in trained.epochs]
    assert losses[-1] < losses[0] / 2


@METHODS
def test_what_is_trained_is_float32_over_a_base_in_bfloat16_too(
    train, tiny_model, tmp_path, spec
) -> None:
    # A step of 1e-5 on a weight of 0.02 is lost in the rounding of bfloat16.
    base = load_model(tiny_model, device=torch.device("cpu"), dtype=torch.bfloat16)

    tuned, trained = train(replace(spec, epochs=1), tmp_path, model=base)

    assert {p.dtype for p in tuned.parameters() if p.requires_grad} == {torch.float32}
    saved = weights_of(trained.weights, spec)
    assert {w.dtype for w in saved.values()} == {torch.float32}


def test_lora_trains_every_linear_layer_and_nothing_else(train, tmp_path) -> None:
    tuned, _ = train(replace(LORA, epochs=1), tmp_path)

    names = [n for n, p in tuned.named_parameters() if p.requires_grad]
    # two halves of seven layers (q, k, v, o, gate, up, down) in two blocks
    assert len(names) == 2 * 7 * 2
    assert all("lora_" in n for n in names)


@pytest.mark.parametrize(
    ("scores", "best"),
    [([0.5, 0.9, 0.7], 2), ([0.5, 0.9, 0.9], 2), ([0.3, 0.3, 0.3], 1)],
    ids=["best", "tie", "all-equal"],
)
def test_the_best_epoch_is_kept_and_a_tie_goes_to_the_earlier(
    train, tmp_path, scores, best
) -> None:
    _, trained = train(LORA, tmp_path, scores=scores)

    assert trained.epoch == best
    assert trained.weights == tmp_path / f"epoch-{best}"
    assert [e["score"] for e in trained.epochs] == scores


def test_finished_epochs_are_never_trained_again(train, tmp_path) -> None:
    _, first = train(LORA, tmp_path)

    _, second = train(LORA, tmp_path, scores=[])  # nobody asks for a score

    assert second == first


def test_a_seed_gives_the_same_weights_and_another_gives_others(
    train, tmp_path
) -> None:
    def last_loss(folder: str, seed: int) -> float:
        _, trained = train(LORA, tmp_path / folder, seed=seed)
        return trained.epochs[-1]["loss"]

    assert last_loss("a", 1) == last_loss("b", 1)
    assert last_loss("a", 1) != last_loss("c", 2)


def test_steps_and_tokens_are_counted_by_hand(train, examples, tmp_path) -> None:
    _, trained = train(LORA, tmp_path)

    # five examples in batches of two: 3 steps an epoch, 3 epochs
    assert trained.steps == 9
    assert trained.examples == 5
    # the end-of-turn and 2, 4, 4, 2 and 3 letters: 20 trained tokens an epoch
    assert trained.trained_tokens == 60
    assert (
        trained.trained_tokens < trained.tokens < 3 * sum(len(e.ids) for e in examples)
    )
    assert trained.seconds > 0


def test_the_adapter_carries_no_copy_of_the_base(train, tmp_path) -> None:
    train(LORA, tmp_path)

    assert all("lora_" in name for name in weights_of(tmp_path / "epoch-1", LORA))


@pytest.mark.parametrize(
    ("patience", "scores", "epochs"),
    [
        (0, [0.9, 0.1, 0.1], 3),
        (1, [0.9, 0.1], 2),
        (2, [0.9, 0.1, 0.1], 3),
        (1, [0.1, 0.2, 0.3], 3),
        (1, [0.2, 0.2], 2),  # as good is not better
    ],
)
def test_training_ends_when_validation_gets_no_better(
    train, tmp_path, patience, scores, epochs
) -> None:
    _, trained = train(replace(LORA, patience=patience), tmp_path, scores=scores)

    assert len(trained.epochs) == epochs
    assert trained.ended == (
        "all epochs" if epochs == 3 else "no better on validation for 1 epochs"
    )


def test_nothing_to_train_on_is_refused(train, tmp_path) -> None:
    with pytest.raises(SpecError, match="no training example"):
        train(LORA, tmp_path, examples=[])

    assert not list(tmp_path.glob("epoch-*"))


def test_no_epoch_starts_when_the_time_is_up_but_the_first(train, tmp_path) -> None:
    _, trained = train(LORA, tmp_path, minutes=1e-9)

    assert len(trained.epochs) == 1
    assert trained.weights == tmp_path / "epoch-1"


def test_progress_tells_steps_loss_and_score(train, tmp_path) -> None:
    train(LORA, tmp_path)

    lines = (tmp_path / "progress.jsonl").read_text().splitlines()
    told = [e for e in map(json.loads, lines) if "score" in e]
    assert [(e["done"], e["total"]) for e in told] == [(3, 9), (6, 9), (9, 9)]
    assert [e["score"] for e in told] == [0.1, 0.2, 0.3]
    assert all(e["loss"] > 0 for e in told)
