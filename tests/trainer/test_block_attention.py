from functools import partial
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from trainer import finetune  # noqa: E402
from trainer.block_attention import blocks_of, use_blocks, uses_blocks  # noqa: E402
from trainer.chat import Tokens, training_tokens  # noqa: E402
from trainer.packing import pack, shared_prefix  # noqa: E402

from .conftest import LORA  # noqa: E402

pytestmark = pytest.mark.model


def tokens(ids: list[int]) -> Tokens:
    """An example whose last token is trained on, and so not read."""
    return Tokens(tuple(ids), (False,) * (len(ids) - 1) + (True,))


def seen(mask: Any) -> list[list[int]]:
    return (mask[0, 0] == 0).int().tolist()


def test_blocks_by_hand() -> None:
    one = pack([tokens([1, 2, 3, 9]), tokens([1, 4, 9]), tokens([1, 5, 9])], shared=1)

    blocks = blocks_of(one.lengths, least=2)

    # prefix 1 | 2 3 fills a block of two | 4 and 5 share the next
    assert one.lengths == (1, 2, 1, 1)
    assert blocks.lengths == (1, 2, 2)
    assert [seen(m) for m in blocks.masks] == [
        [[1, 1, 0], [1, 1, 1]],
        [[1, 1, 0], [1, 0, 1]],
    ]


def test_without_a_prefix_a_block_sees_itself_only() -> None:
    blocks = blocks_of((0, 2, 1), least=1)

    assert blocks.lengths == (0, 2, 1)
    assert [seen(m) for m in blocks.masks] == [[[1, 0], [1, 1]], [[1]]]


@pytest.mark.parametrize("prefix", [True, False], ids=["prefix", "no-prefix"])
@pytest.mark.parametrize("least", [1, 30, 1000], ids=["each", "some", "one"])
def test_gradients_are_those_of_attention_in_one_piece(
    fresh, tokenizer, ask, monkeypatch: pytest.MonkeyPatch, prefix, least
) -> None:
    asked = [("Where is it?", "card"), ("Where?", "not_here"), ("When", "a\nb")]
    batch = [training_tokens(tokenizer, ask(q, a).messages) for q, a in asked]
    one = pack(batch, shared=shared_prefix(batch) if prefix else 0)
    monkeypatch.setattr(finetune, "blocks_of", partial(blocks_of, least=least))

    def gradients(blocks: bool) -> dict[str, Any]:
        model = fresh()
        model.requires_grad_(True)
        if blocks:
            use_blocks(model)
        assert uses_blocks(model) == blocks
        torch.autograd.backward(finetune.loss_of(model, one))
        return {n: p.grad for n, p in model.named_parameters()}

    whole, cut = gradients(blocks=False), gradients(blocks=True)

    largest = max(float(g.abs().max()) for g in whole.values())
    assert largest > 0
    for name, gradient in whole.items():
        assert (cut[name] - gradient).abs().max() < 1e-5 * largest, name


def test_a_training_on_a_cpu_attends_in_blocks(fresh) -> None:
    assert uses_blocks(finetune.prepared(fresh(), LORA))


def test_a_model_with_an_attention_of_its_own_keeps_it(fresh) -> None:
    model = fresh()
    model.set_attn_implementation("eager")

    use_blocks(model)

    assert not uses_blocks(model)


def test_answers_and_saved_settings_do_not_know_of_blocks(fresh, tmp_path) -> None:
    plain, model = fresh(), fresh()
    use_blocks(model)
    ids = torch.tensor([[1, 2, 3]])

    assert torch.equal(model(ids).logits, plain(ids).logits)
    model.save_pretrained(tmp_path)
    assert "blocks" not in (tmp_path / "config.json").read_text()
