from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")
import transformers  # noqa: E402

from trainer.cache import attending_to_rows, can_attend_to_rows  # noqa: E402
from trainer.generate import Generated, generate, generate_alone  # noqa: E402

pytestmark = pytest.mark.model

LIMIT = 12
SIZES = {
    "vocab_size": 90,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.3,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}
SHARED = [3, 17, 42, 9, 5, 61]
PROMPTS = [SHARED + rest for rest in ([7], [30, 31, 32, 33], [8, 80], [7, 7, 2])]
ALL_BEFORE = {
    "llama": lambda: transformers.LlamaConfig(**SIZES, num_key_value_heads=1),
    "qwen3": lambda: transformers.Qwen3Config(
        **SIZES, num_key_value_heads=2, head_dim=8
    ),
    "gpt-neox": lambda: transformers.GPTNeoXConfig(**SIZES),
}
OTHERWISE = {
    "sliding-window": lambda: transformers.MistralConfig(
        **SIZES, num_key_value_heads=2, sliding_window=4
    ),
    "capped-scores": lambda: transformers.Gemma2Config(
        **SIZES, num_key_value_heads=2, head_dim=8, sliding_window=4
    ),
}
EVERY = ALL_BEFORE | OTHERWISE


@pytest.fixture
def made() -> Callable[[Callable[[], Any]], Any]:
    """Makes a model of random weights, the same for each call."""

    def make(config: Callable[[], Any]) -> Any:
        torch.manual_seed(3)
        return transformers.AutoModelForCausalLM.from_config(config()).eval()

    return make


def alone(model: Any, prompt: list[int]) -> Generated:
    ids = torch.tensor([prompt])
    out = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=LIMIT,
        eos_token_id=[89],
        pad_token_id=1,
    )[0, len(prompt) :].tolist()
    return (
        Generated(tuple(out[:-1]), True)
        if out[-1] == 89
        else Generated(tuple(out), False)
    )


@pytest.mark.parametrize("config", EVERY.values(), ids=EVERY)
def test_each_architecture_answers_as_with_transformers(made, config) -> None:
    model = made(config)

    answers = generate(model, PROMPTS, stop=frozenset({89}), max_new_tokens=LIMIT)

    assert answers == [alone(model, p) for p in PROMPTS]
    assert len({a.ids for a in answers}) > 1


@pytest.mark.parametrize("config", ALL_BEFORE.values(), ids=ALL_BEFORE)
def test_plain_attention_shares_the_prefix(made, config) -> None:
    assert can_attend_to_rows(made(config))


@pytest.mark.parametrize("config", OTHERWISE.values(), ids=OTHERWISE)
def test_windows_and_caps_are_left_to_transformers(made, config) -> None:
    assert not can_attend_to_rows(made(config))


@pytest.mark.parametrize("config", EVERY.values(), ids=EVERY)
def test_without_a_stop_every_answer_has_the_limit(made, config) -> None:
    answers = generate(made(config), PROMPTS, stop=frozenset(), max_new_tokens=LIMIT)

    assert [len(a.ids) for a in answers] == [LIMIT] * len(PROMPTS)


@pytest.mark.parametrize("config", EVERY.values(), ids=EVERY)
def test_a_single_request_tells_its_tokens_in_each_architecture(made, config) -> None:
    told: list[int] = []

    answer = generate_alone(
        made(config),
        PROMPTS[0],
        stop=frozenset(),
        max_new_tokens=LIMIT,
        on_token=lambda: told.append(1),
    )

    assert len(told) == len(answer.ids) == LIMIT


def test_the_prefix_is_held_once_for_all_rows(made, monkeypatch) -> None:
    from trainer import cache

    held: list[int] = []
    put = cache.RowsCache.put

    def weighed(rows: Any, *how: Any) -> None:
        put(rows, *how)
        held.append(sum(t.numel() for t in [*rows._keys, *rows._values]))

    monkeypatch.setattr(cache.RowsCache, "put", weighed)
    model = made(ALL_BEFORE["llama"])

    generate(model, PROMPTS, stop=frozenset(), max_new_tokens=LIMIT)

    # keys and values, layers, heads, rows, longest rest and answer, size of a head
    assert held == [2 * 2 * 1 * 4 * (4 + LIMIT) * 8]


def test_the_model_gets_its_own_attention_back(made) -> None:
    model = made(ALL_BEFORE["llama"])
    before = model.config._attn_implementation

    with pytest.raises(ValueError, match="stopped"), attending_to_rows(model):
        raise ValueError("stopped")

    assert model.config._attn_implementation == before
