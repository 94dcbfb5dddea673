from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from peft import LoraConfig, get_peft_model  # noqa: E402
from peft.tuners import lora  # noqa: E402

from trainer import finetune  # noqa: E402
from trainer.lora_product import use_one_product  # noqa: E402
from trainer.packing import pack  # noqa: E402

from .conftest import LORA  # noqa: E402

pytestmark = pytest.mark.model


def adapted(model: Any, **changed: Any) -> Any:
    settings = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"}
    torch.manual_seed(0)
    tuned = get_peft_model(model, LoraConfig(**settings | changed))
    for name, parameter in tuned.named_parameters():
        if "lora_B" in name:  # zero as made: half of the product would be untested
            torch.nn.init.normal_(parameter, std=0.1)
    return tuned


def gradients(model: Any, one: Any) -> tuple[Any, dict[str, Any]]:
    loss = finetune.loss_of(model, one)
    torch.autograd.backward(loss)
    found = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    return loss.detach(), found


def test_loss_and_gradients_are_those_of_peft(fresh, examples) -> None:
    one = pack(examples, shared=1)
    loss, expected = gradients(adapted(fresh()), one)
    ours = adapted(fresh())
    use_one_product(ours)

    found_loss, found = gradients(ours, one)

    assert found_loss.item() == pytest.approx(loss.item(), rel=1e-6)
    largest = max(float(g.abs().max()) for g in expected.values())
    for name, gradient in expected.items():
        assert (found[name] - gradient).abs().max() < 1e-5 * largest, name


def test_a_bias_of_the_base_is_added(fresh) -> None:
    layer = torch.nn.Linear(6, 5)
    model = torch.nn.Sequential(layer)
    tuned = adapted(model, target_modules=["0"])
    x = torch.randn(3, 6)
    expected = tuned(x)

    use_one_product(tuned)

    assert torch.allclose(tuned(x), expected, atol=1e-6)


def test_every_layer_of_a_training_computes_in_one_node(fresh) -> None:
    tuned = finetune.prepared(fresh(), replace(LORA))

    layers = [m for m in tuned.modules() if isinstance(m, lora.Linear)]
    assert layers
    assert all("forward" in vars(m) for m in layers)


@pytest.mark.parametrize(
    "changed",
    [{"lora_dropout": 0.1}, {"use_dora": True}],
    ids=["dropout", "dora"],
)
def test_a_layer_that_is_more_than_plain_is_left_to_peft(fresh, changed) -> None:
    tuned = adapted(fresh(), **changed)

    use_one_product(tuned)

    layers = [m for m in tuned.modules() if isinstance(m, lora.Linear)]
    assert not any("forward" in vars(m) for m in layers)


def test_over_a_base_in_bfloat16_gradients_are_float32_and_those_of_peft(
    fresh, examples
) -> None:
    one = pack(examples, shared=1)
    loss, expected = gradients(adapted(fresh().to(torch.bfloat16)), one)
    ours = adapted(fresh().to(torch.bfloat16))
    use_one_product(ours)

    found_loss, found = gradients(ours, one)

    # bfloat16 keeps 8 bits: a rounding is up to 1 part in 256
    assert found_loss.item() == pytest.approx(loss.item(), rel=0.01)
    largest = max(float(g.abs().max()) for g in expected.values())
    for name, gradient in expected.items():
        assert found[name].dtype == torch.float32
        assert (found[name] - gradient).abs().max() < 0.05 * largest, name
