from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from transformers import AutoModelForCausalLM  # noqa: E402

from trainer.traced import TrainingMemory, training_memory  # noqa: E402

from .conftest import FULL, LORA  # noqa: E402

pytestmark = pytest.mark.model


def numbers(model) -> int:
    return sum(p.numel() for p in model.parameters())


def test_an_adapter_stands_beside_its_base_with_a_gradient_and_two_averages(
    tiny_model: Path,
) -> None:
    found = training_memory(tiny_model, LORA, dtype=torch.float32)

    base = numbers(AutoModelForCausalLM.from_pretrained(tiny_model))
    assert found.base == 4 * base
    assert 0 < found.trained < found.base
    assert found.standing == found.base + 4 * found.trained


def test_full_training_keeps_four_numbers_for_each_weight(tiny_model: Path) -> None:
    found = training_memory(tiny_model, FULL, dtype=torch.float32)

    assert found.trained == found.base
    assert found.standing == 4 * found.base


def test_what_a_pass_keeps_is_a_parabola_in_its_tokens(tiny_model: Path) -> None:
    lengths = (16, 32, 64)
    three = training_memory(tiny_model, LORA, dtype=torch.float32, lengths=lengths)
    other = training_memory(tiny_model, LORA, dtype=torch.float32, lengths=(48,) * 3)

    assert three.pass_bytes(48) == pytest.approx(other.passes[0][1], rel=0.01)


def test_it_is_at_least_what_autograd_keeps_on_this_processor(
    tiny_model: Path, fresh, examples
) -> None:
    from trainer.finetune import loss_of, prepared
    from trainer.packing import pack

    model = prepared(fresh(), LORA)
    one = pack(examples, shared=0)
    kept: dict[int, int] = {}
    held = []  # or an address is used again
    weights = {p.data_ptr() for p in model.parameters()}

    def keep(tensor):
        if tensor.untyped_storage().data_ptr() not in weights:
            held.append(tensor)
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        loss = loss_of(model, one)
    found = training_memory(tiny_model, LORA, dtype=torch.float32)

    assert float(loss.detach()) > 0
    assert sum(kept.values()) <= found.pass_bytes(one.tokens)
    assert found.least_pass_bytes(one.tokens) <= found.pass_bytes(one.tokens)


def test_the_largest_pass_by_hand() -> None:
    # 10 + 2 T + T² bytes a pass, 100 + 4 * 5 stand
    memory = TrainingMemory(100, 5, True, ((1, 13), (2, 18), (3, 25)))

    assert memory.standing == 120
    assert memory.pass_bytes(7) == pytest.approx(73)
    assert memory.least_pass_bytes(7) == pytest.approx(24)
    assert memory.largest_pass(120 + 73, at_most=50) == 7
    assert memory.largest_pass(120 + 72, at_most=50) == 6
    assert memory.largest_pass(100, at_most=50) == 0
    assert memory.largest_pass(1e9, at_most=50) == 50
