from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from trainer import generate  # noqa: E402
from trainer.generate import Generated, generate_alone  # noqa: E402

pytestmark = pytest.mark.model

LIMIT = 24
SHARED = [0, 17, 42, 99, 5, 61]
MIXED = [[0, 40], [0, 80, 7, 33, 12, 201, 9], [0, 9, 9, 3], [0, 250, 2, 77, 15, 8]]
BEHIND_PREFIX = [SHARED + rest for rest in ([7], [30, 31, 32, 33], [8, 90], [7, 7])]
PROMPTS = {"mixed-lengths": MIXED, "shared-prefix": BEHIND_PREFIX}


@pytest.fixture(scope="module")
def model(fresh):
    """The tiny model with weights large enough that its answers are not one letter."""
    lively = fresh()
    generator = torch.Generator().manual_seed(3)
    for parameter in lively.parameters():
        if parameter.dim() == 2:
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.data.copy_(noise * 0.3)
    return lively


@pytest.fixture(scope="module")
def stop(model) -> frozenset[int]:
    """A token that ends some of the answers to all prompts, and not others."""
    free = [theirs(model, p, frozenset()).ids for p in [*MIXED, *BEHIND_PREFIX]]
    inner = {token for ids in free for token in ids[3:-3]}
    ended_by = {t: sum(t in ids for ids in free) for t in inner}
    return frozenset({min(inner, key=lambda t: abs(ended_by[t] - 4))})


def theirs(model, prompt: list[int], stop: frozenset[int]) -> Generated:
    """The greedy answer of transformers' own ``generate``, one prompt alone."""
    ids = torch.tensor([prompt])
    out = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=LIMIT,
        eos_token_id=sorted(stop) or [10**6],  # none: an id that no model has
        pad_token_id=1,
    )[0, len(prompt) :].tolist()
    stopped = out[-1] in stop
    return Generated(tuple(out[:-1] if stopped else out), stopped)


@pytest.mark.parametrize("batch_size", [1, 2, 8])
@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS)
def test_answers_are_those_of_transformers_row_by_row(
    model, stop, prompts, batch_size
) -> None:
    ours = generate.generate(
        model, prompts, stop=stop, max_new_tokens=LIMIT, batch_size=batch_size
    )

    assert ours == [theirs(model, p, stop) for p in prompts]


@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS)
def test_answers_do_not_depend_on_how_much_is_read_at_once(
    model, stop, prompts, monkeypatch
) -> None:
    whole = generate.generate(model, prompts, stop=stop, max_new_tokens=LIMIT)

    monkeypatch.setattr(generate, "READ_TOKENS", 7)
    monkeypatch.setattr(generate, "BATCH_TOKENS", 3 * (LIMIT + 8))
    monkeypatch.setattr(generate, "KEEP_ENDED", 1.0)  # drop every row as it ends
    parts = generate.generate(model, prompts, stop=stop, max_new_tokens=LIMIT)

    assert parts == whole


def test_these_prompts_are_a_test_at_all(model, stop) -> None:
    made = generate.generate(
        model, [*MIXED, *BEHIND_PREFIX], stop=stop, max_new_tokens=LIMIT
    )

    assert {g.stopped for g in made} == {True, False}
    assert len({g.ids for g in made}) == len(made)
    assert len(set(made[0].ids)) > 3


def test_answers_come_in_the_order_of_the_prompts(model, stop) -> None:
    ask: Callable = lambda p: generate.generate(model, p, stop=stop, max_new_tokens=4)  # noqa: E731

    assert ask(MIXED[::-1]) == ask(MIXED)[::-1]


def test_an_answer_ends_at_the_limit(model) -> None:
    [made] = generate.generate(model, [MIXED[0]], stop=frozenset(), max_new_tokens=5)

    assert len(made.ids) == 5
    assert not made.stopped


def test_the_end_of_turn_is_left_out_of_the_answer(model) -> None:
    [free] = generate.generate(model, [MIXED[0]], stop=frozenset(), max_new_tokens=5)
    first = free.ids[0]

    [made] = generate.generate(
        model, [MIXED[0]], stop=frozenset({first}), max_new_tokens=5
    )

    assert made == Generated((), stopped=True)


def test_equal_prompts_are_answered_equally(model, stop) -> None:
    made = generate.generate(model, [SHARED] * 3, stop=stop, max_new_tokens=LIMIT)

    assert made == [theirs(model, SHARED, stop)] * 3


def test_a_prompt_that_begins_another_is_answered_as_if_alone(model, stop) -> None:
    prompts = [SHARED[:3], SHARED, SHARED[:1]]

    made = generate.generate(model, prompts, stop=stop, max_new_tokens=LIMIT)

    assert made == [theirs(model, p, stop) for p in prompts]


def test_without_prompts_nothing_is_asked(model, stop) -> None:
    assert generate.generate(model, [], stop=stop, max_new_tokens=LIMIT) == []


def test_progress_counts_answers_up_to_all(model, stop) -> None:
    seen: list[tuple[int, int]] = []

    generate.generate(
        model,
        MIXED,
        stop=stop,
        max_new_tokens=2,
        batch_size=3,
        on_progress=lambda done, total: seen.append((done, total)),
    )

    assert seen == [(3, 4), (4, 4)]


@pytest.mark.parametrize("prompt", MIXED, ids=len)
def test_a_prompt_alone_is_answered_alike_and_tells_each_token(
    model, stop, prompt
) -> None:
    told: list[int] = []

    made = generate_alone(
        model,
        prompt,
        stop=stop,
        max_new_tokens=LIMIT,
        on_token=lambda: told.append(1),
    )

    assert made == theirs(model, prompt, stop)
    assert len(told) == len(made.ids) + made.stopped  # and the end of turn


def test_running_out_of_memory_answers_the_same_in_smaller_batches(
    model, stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"stop": stop, "max_new_tokens": LIMIT}
    whole = generate.generate(model, BEHIND_PREFIX, **asked)
    decode, rows = generate._decode, []

    def limited(model, prefix, rests, **how):
        rows.append(len(rests))
        if len(rests) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return decode(model, prefix, rests, **how)

    monkeypatch.setattr(generate, "_decode", limited)

    assert generate.generate(model, BEHIND_PREFIX, **asked) == whole
    assert rows == [4, 2, 1, 1, 2, 1, 1]


def test_a_single_prompt_that_does_not_fit_is_no_batch_to_halve(
    model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(generate, "_decode", full)

    with pytest.raises(MemoryError):
        generate.generate(model, [[0, 40]], stop=frozenset(), max_new_tokens=2)
