from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from safetensors.torch import load_file, save_file  # noqa: E402

from trainer.base import load_model  # noqa: E402
from trainer.reloading import (  # noqa: E402
    largest_difference,
    load_trained,
    logits,
    reload,
)
from tunewise.domain.errors import ModelError  # noqa: E402

from .conftest import FULL, LORA  # noqa: E402

pytestmark = pytest.mark.model

METHODS = pytest.mark.parametrize("spec", [LORA, FULL], ids=["lora", "full"])
PRECISIONS = pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)


@pytest.fixture
def load(tiny_model: Path):
    """Loads the untouched tiny model in a precision."""
    return lambda dtype: load_model(tiny_model, device=torch.device("cpu"), dtype=dtype)


def distance(a: Any, b: Any, ids: list[int]) -> float:
    return largest_difference(logits(a, ids), logits(b, ids))


@METHODS
def test_weights_loaded_from_disk_give_the_logits_of_the_trained_model(
    train, fresh, examples, tmp_path, spec
) -> None:
    tuned, trained = train(spec, tmp_path)

    loaded = load_trained(fresh(), trained.weights, spec.method)

    for example in examples:
        assert distance(tuned, loaded, example.ids) == 0.0
    assert not loaded.training


@METHODS
def test_what_is_served_answers_as_the_trained_model(
    train, load, examples, tmp_path, spec
) -> None:
    tuned, trained = train(spec, tmp_path)

    served = reload(
        load, trained.weights, spec.method, examples[0].ids, dtype=torch.float32
    )

    for example in examples:
        assert distance(tuned, served.model, example.ids) < 1e-5
    assert served.moved_by_training > 0.01
    assert served.moved_by_merging < 1e-5
    assert not any("lora" in name for name, _ in served.model.named_parameters())
    assert not served.model.training


@METHODS
def test_what_is_served_has_the_answering_precision_and_its_positions_theirs(
    train, load, fresh, examples, tmp_path, spec
) -> None:
    # Rotary frequencies are float32 buffers: rounded to bfloat16, SmolLM2's turn a
    # token at position 500 by up to 0.69 radians too far.
    tuned, trained = train(spec, tmp_path)

    served = reload(
        load, trained.weights, spec.method, examples[0].ids, dtype=torch.bfloat16
    ).model

    assert {p.dtype for p in served.parameters()} == {torch.bfloat16}
    assert {b.dtype for b in served.buffers()} == {b.dtype for b in fresh().buffers()}
    ids = [t for e in examples for t in e.ids]
    assert distance(tuned, served, ids) < 0.05  # rounding; training moved more
    assert distance(load(torch.bfloat16), served, ids) > 0.05


@METHODS
@PRECISIONS
def test_weights_that_change_nothing_are_refused(
    train, load, examples, tmp_path, spec, dtype
) -> None:
    _, trained = train(replace(spec, learning_rate=0.0), tmp_path)

    with pytest.raises(ModelError, match="Training had no effect"):
        reload(load, trained.weights, spec.method, examples[0].ids, dtype=dtype)


@METHODS
def test_weights_that_are_no_numbers_are_refused(
    train, load, examples, tmp_path, spec
) -> None:
    _, trained = train(spec, tmp_path)
    path = next(trained.weights.glob("*model.safetensors"))
    broken = {name: weight * torch.nan for name, weight in load_file(path).items()}
    save_file(broken, path)

    with pytest.raises(ModelError, match="logits that are no numbers"):
        reload(load, trained.weights, spec.method, examples[0].ids, dtype=torch.float32)


def test_full_fine_tuning_keeps_the_head_tied_to_the_embedding(
    train, load, fresh, examples, tmp_path
) -> None:
    _, trained = train(FULL, tmp_path)

    served = reload(
        load, trained.weights, "full", examples[0].ids, dtype=torch.float32
    ).model

    embedding = served.get_input_embeddings().weight
    assert served.get_output_embeddings().weight is embedding
    assert not torch.equal(embedding, fresh().get_input_embeddings().weight)
