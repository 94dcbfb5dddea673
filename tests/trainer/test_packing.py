import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from trainer.chat import Tokens  # noqa: E402
from trainer.packing import pack, packs, shared_prefix  # noqa: E402

pytestmark = pytest.mark.model


def tokens(ids: list[int], *, answer: int) -> Tokens:
    """An example whose last ``answer`` tokens are trained on."""
    prompt = len(ids) - answer
    return Tokens(tuple(ids), (False,) * prompt + (True,) * answer)


SHORT = tokens([1, 2, 3, 4], answer=1)
LONG = tokens([1, 2, 5, 6, 7], answer=2)


def test_a_pack_by_hand() -> None:
    one = pack([SHORT, LONG], shared=2)

    #                              prefix | short | long
    # nothing is predicted from 4 and 7, so nobody has to read them
    assert one.ids.tolist() == [[1, 2, 3, 5, 6]]
    assert one.positions.tolist() == [[0, 1, 2, 2, 3]]
    # 3 predicts 4; 5 predicts 6, 6 predicts 7
    assert one.predict.tolist() == [2, 3, 4]
    assert one.target.tolist() == [4, 6, 7]
    assert (one.mask[0, 0] == 0).int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 1, 0],
        [1, 1, 0, 1, 1],
    ]
    assert set(one.mask.unique().tolist()) == {0.0, float("-inf")}


def test_examples_without_a_shared_beginning_stand_side_by_side() -> None:
    batch = [tokens([1, 2, 3], answer=1), tokens([4, 5], answer=1)]

    [one] = packs(batch, max_tokens=100)

    assert shared_prefix(batch) == 0
    assert one.ids.tolist() == [[4, 1, 2]]
    assert one.positions.tolist() == [[0, 0, 1]]
    assert one.predict.tolist() == [0, 2]
    assert one.target.tolist() == [5, 3]


def test_the_token_that_predicts_the_first_trained_one_is_not_shared() -> None:
    # all of 1 2 3 is common, but 3 predicts 4 in one and 5 in the other
    batch = [tokens([1, 2, 3, 4], answer=1), tokens([1, 2, 3, 5], answer=1)]

    [one] = packs(batch, max_tokens=100)

    assert shared_prefix(batch) == 2
    assert one.ids.tolist() == [[1, 2, 3, 3]]
    assert one.predict.tolist() == [2, 3]


def test_equal_examples_share_their_prompt_only() -> None:
    assert shared_prefix([SHORT, SHORT, SHORT]) == 2


def test_an_example_alone_shares_with_nobody_and_loses_nothing() -> None:
    [one] = packs([LONG], max_tokens=3)

    assert one.ids.tolist() == [[1, 2, 5, 6]]
    assert one.positions.tolist() == [[0, 1, 2, 3]]
    assert one.predict.tolist() == [2, 3]


def test_an_example_longer_than_the_limit_gets_a_pack_of_its_own() -> None:
    longer = tokens([1, *range(10, 30)], answer=2)
    batch = [longer, tokens([1, 2, 3], answer=1), tokens([1, 4, 5], answer=1)]

    made = packs(batch, max_tokens=3)

    # 1 | 2 | 4 fills the limit of 3; the prefix is repeated in the second pack
    assert [p.ids.tolist()[0] for p in made] == [[1, 2, 4], list(longer.ids[:-1])]


def test_a_prefix_longer_than_the_limit_is_still_shared() -> None:
    prefix = list(range(10, 30))
    batch = [tokens([*prefix, n, 1], answer=1) for n in (2, 3, 4)]

    made = packs(batch, max_tokens=4)

    # the 20 tokens count as 2, so two examples of one token more fit behind them
    assert [p.ids.tolist()[0] for p in made] == [[*prefix, 2, 3], [*prefix, 4]]


def test_what_stands_behind_the_last_trained_token_is_not_read() -> None:
    newline = Tokens((1, 2, 3, 4, 9), (False, False, True, True, False))

    one = pack([newline], shared=0)

    assert one.ids.tolist() == [[1, 2, 3]]
    assert one.target.tolist() == [3, 4]


def test_what_nothing_stands_before_is_not_predicted() -> None:
    one = pack([Tokens((1, 2, 3), (True, True, False))], shared=0)

    assert one.predict.tolist() == [0]
    assert one.target.tolist() == [2]


@st.composite
def chats(draw) -> Tokens:
    """Examples over three ids, so that beginnings are often the same."""
    ids = draw(st.lists(st.integers(1, 3), min_size=2, max_size=12))
    trained = draw(st.lists(st.booleans(), min_size=len(ids), max_size=len(ids)))
    return Tokens(tuple(ids), (False, *trained[1:]))


@settings(max_examples=200, deadline=None)
@given(st.lists(chats(), min_size=1, max_size=6), st.integers(1, 40))
def test_packs_lose_nothing_and_hide_every_neighbour(batch, limit) -> None:
    shared = shared_prefix(batch)
    # < and not <=: the token before the first trained one stays outside
    assert all(shared < e.first_trained for e in batch)

    made = packs(batch, max_tokens=limit)

    steps = []  # every (what is seen, what is predicted)
    for one in made:
        ids, seen = one.ids[0], one.mask[0, 0] == 0
        for at, target in zip(one.predict.tolist(), one.target.tolist(), strict=True):
            visible = seen[at].nonzero()[:, 0]
            assert one.positions[0][visible].tolist() == list(range(len(visible)))
            steps.append((ids[visible].tolist(), target))
        counted = len(ids) - shared + min(shared, limit // 2)
        assert counted <= limit or len(ids) in [e.last_trained for e in batch]
    alone = [
        (list(e.ids[:n]), e.ids[n])
        for e in batch
        for n in range(1, len(e.ids))
        if e.trained[n]
    ]
    assert sorted(steps) == sorted(alone)


@pytest.mark.parametrize("limit", [1024, 120, 1], ids=["one", "some", "each-alone"])
def test_gradients_are_those_of_the_examples_one_by_one(
    fresh, tokenizer, ask, limit
) -> None:
    from peft import LoraConfig, get_peft_model

    from trainer.chat import training_tokens
    from trainer.finetune import loss_of

    asked = [("Where is it?", "card"), ("Where?", "not_here"), ("When", "a\nb")]
    batch = [training_tokens(tokenizer, ask(q, a).messages) for q, a in asked]
    torch.manual_seed(0)
    model = get_peft_model(fresh(), LoraConfig(r=4, target_modules="all-linear"))
    tuned = {n: p for n, p in model.named_parameters() if p.requires_grad}
    for parameter in tuned.values():  # as made, one half of LoRA has no gradient
        torch.nn.init.normal_(parameter, std=0.1)

    parts = packs(batch, max_tokens=limit)
    total = sum(len(p.target) for p in parts)
    for part in parts:
        (loss_of(model, part) / total).backward()
    packed = {n: p.grad.clone() for n, p in tuned.items()}
    model.zero_grad()
    for example in batch:  # transformers' own labels, nothing packed or masked
        ids = torch.tensor([example.ids])
        labels = ids.masked_fill(~torch.tensor([example.trained]), -100)
        count = sum(example.trained)
        (model(input_ids=ids, labels=labels).loss * count / total).backward()

    assert total == sum(sum(e.trained) for e in batch)
    for name, parameter in tuned.items():
        largest = parameter.grad.abs().max()
        assert largest > 0, name
        assert (packed[name] - parameter.grad).abs().max() < 1e-5 * largest, name
