import pytest

from trainer.passages import Passage
from trainer.prompts import (
    gold_passage,
    prompt_setups,
    rag_setups,
    retrieved_with_gold,
    with_passages,
)
from trainer.retrieval import LexicalIndex
from tunewise.domain.dataset import Example, Message

SYSTEM = Message("system", "Be short.")
ALL = ("zero-shot", "few-shot", "retrieved-shots")

RETURNS = Passage("returns", "Returns", "Send a hub back within 30 days.")
AFTER = Passage("returns", "Returns", "After that we repair it.")
LIGHT = Passage("light", "Lights", "A red light means no network.")
BATTERY = Passage("battery", "Battery", "It lasts two years.")
PASSAGES = LexicalIndex([RETURNS, AFTER, LIGHT, BATTERY])

LIGHT_SHOWN = "[light] Lights: A red light means no network."
RETURNS_SHOWN = "[returns] Returns: Send a hub back within 30 days."


@pytest.fixture
def train(ask) -> list[Example]:
    return [
        ask("Where is my card?", "late"),
        ask("I lost my card", "lost"),
        ask("Change my PIN", "pin"),
        ask("Where is my parcel?", "late"),
    ]


def with_system(example: Example) -> Example:
    return Example((SYSTEM, *example.messages))


def roles(messages) -> str:
    return "".join(m.role[0] for m in messages)


def contents(messages) -> list[str]:
    return [m.content for m in messages]


def setup(name: str, train, *, shots: int = 2):
    [made] = prompt_setups([name], [shots], train, seed=0)
    assert made.name == (name if name == "zero-shot" else f"{name} {shots}")
    return made


def test_zero_shot_asks_what_the_example_asks(ask, train) -> None:
    asked = with_system(ask("Where is it?", "secret"))

    assert setup("zero-shot", train).build(asked) == asked.prompt


def test_few_shot_shows_whole_examples_between_system_and_question(ask, train) -> None:
    asked = with_system(ask("Where is it?", "secret"))

    made = setup("few-shot", train)

    messages = made.build(asked)
    assert roles(messages) == "suauau"
    assert messages[0] == SYSTEM
    assert messages[-1].content == "Where is it?"
    shots = {(messages[1], messages[2]), (messages[3], messages[4])}
    assert shots <= {e.messages for e in train}


def test_few_shot_shows_the_same_shots_for_every_question(ask, train) -> None:
    made = setup("few-shot", train)

    one, other = made.build(ask("Lost!", "x")), made.build(ask("PIN?", "x"))

    assert one[:-1] == other[:-1]


def test_few_shot_keeps_what_is_needed_to_ask_again(ask, train) -> None:
    made = setup("few-shot", train)

    kept = [m["content"] for shot in made.details["shots"] for m in shot]
    assert kept == contents(made.build(ask("Lost!", "x"))[:-1])


def test_retrieved_shots_put_the_nearest_last(ask, train) -> None:
    made = setup("retrieved-shots", train)

    messages = made.build(ask("where is the card", "x"))

    # nearest is "Where is my card?", then "Where is my parcel?"
    assert contents(messages) == [
        "Where is my parcel?",
        "late",
        "Where is my card?",
        "late",
        "where is the card",
    ]


def test_system_messages_of_shots_are_left_out(ask, train) -> None:
    own = [with_system(e) for e in train]

    for name in ("few-shot", "retrieved-shots"):
        asked = with_system(ask("where is the card", "x"))
        assert roles(setup(name, own).build(asked)) == "suauau"


@pytest.mark.parametrize("name", ALL)
def test_no_prompt_shows_the_reference_it_asks_for(ask, train, name) -> None:
    asked = ask("Where is my card?", "the secret reference")

    assert "the secret reference" not in contents(setup(name, train).build(asked))


def test_set_ups_come_in_the_order_asked_for_few_shots_first(train) -> None:
    assert [s.name for s in prompt_setups(ALL, [2, 1, 2], train, seed=0)] == [
        "zero-shot",
        "few-shot 1",
        "few-shot 2",
        "retrieved-shots 1",
        "retrieved-shots 2",
    ]


def test_without_training_examples_only_zero_shot_is_possible() -> None:
    assert [s.name for s in prompt_setups(ALL, [2], [], seed=0)] == ["zero-shot"]


def test_passages_stand_before_the_question_with_their_ids(ask) -> None:
    build = with_passages(lambda _: [LIGHT, RETURNS])
    asked = with_system(ask("Why red?", "x"))

    messages = build(asked)

    assert messages[0] == SYSTEM
    assert messages[1].role == "user"
    assert messages[1].content == (
        f"Documents:\n{LIGHT_SHOWN}\n{RETURNS_SHOWN}\n\nWhy red?"
    )


def test_passages_stand_before_the_last_of_several_questions() -> None:
    turns = ("Hello", "Hi", "Why red?", "no network")
    roles_of = ("user", "assistant") * 2
    example = Example(tuple(map(Message, roles_of, turns)))

    messages = with_passages(lambda _: [LIGHT])(example)

    assert messages[:2] == example.messages[:2]
    assert messages[2].content.endswith("\n\nWhy red?")


def test_passages_are_the_question_where_there_is_none() -> None:
    example = Example((SYSTEM, Message("assistant", "Hello.")))

    messages = with_passages(lambda _: [LIGHT])(example)

    assert messages == (SYSTEM, Message("user", f"Documents:\n{LIGHT_SHOWN}"))


def test_rag_set_ups_come_without_and_with_shots_for_each_k(train) -> None:
    made = rag_setups(PASSAGES, (1, 2), 2, train, seed=0)

    assert [s.name for s in made] == ["k=1", "k=1, 2 shots", "k=2", "k=2, 2 shots"]
    assert [s.details["k"] for s in made] == [1, 1, 2, 2]


@pytest.mark.parametrize(("shots", "some"), [(0, True), (2, False)])
def test_rag_has_no_shots_where_none_are_wanted_or_there_are_none(
    train, shots, some
) -> None:
    made = rag_setups(PASSAGES, (1,), shots, train if some else [], seed=0)

    assert [s.name for s in made] == ["k=1"]


def test_rag_puts_k_passages_found_for_the_question_before_it(ask) -> None:
    one, two = rag_setups(PASSAGES, (1, 2), 0, [], seed=0)
    asked = ask("What does the red light mean?", "x")

    [question] = one.build(asked)
    assert question.content == f"Documents:\n{LIGHT_SHOWN}\n\n{asked.question}"
    [question] = two.build(asked)
    assert question.content.count("\n[") == 2


def test_shots_of_rag_show_the_gold_passage_even_where_it_is_not_found(ask) -> None:
    shown = ask("What does the red light mean?", "30 days", gold_doc_ids=("returns",))
    _, with_shots = rag_setups(PASSAGES, (1,), 1, [shown], seed=0)

    messages = with_shots.build(ask("How long does the battery last?", "x"))

    assert roles(messages) == "uau"
    assert messages[0].content == f"Documents:\n{RETURNS_SHOWN}\n\n{shown.question}"
    assert messages[1].content == "30 days"
    assert "[battery]" in messages[2].content


def test_the_gold_passage_diagnostic_shows_the_right_document_and_no_other(ask) -> None:
    build = gold_passage(PASSAGES, 2, 0, [], seed=0).build
    asked = ask("What does the red light mean?", "x", gold_doc_ids=("returns",))

    [question] = build(asked)

    repaired = "[returns] Returns: After that we repair it."
    assert question.content == (
        f"Documents:\n{RETURNS_SHOWN}\n{repaired}\n\n{asked.question}"
    )


@pytest.mark.parametrize("answers", [(), ("mended", "Repair")], ids=["none", "some"])
def test_of_a_gold_document_the_passage_with_the_answer_is_shown(ask, answers) -> None:
    asked = ask("And later?", "repair", gold_doc_ids=("returns",), answers=answers)
    after = "[returns] Returns: After that we repair it."

    [first] = gold_passage(PASSAGES, 1, 0, [], seed=0).build(asked)
    [both] = gold_passage(PASSAGES, 2, 0, [], seed=0).build(asked)
    _, shots = rag_setups(PASSAGES, (1,), 1, [asked], seed=0)

    assert first.content == f"Documents:\n{after}\n\nAnd later?"
    assert both.content.startswith(f"Documents:\n{after}\n{RETURNS_SHOWN}\n\n")
    assert shots.build(ask("Why?", "x"))[0].content == first.content


def test_the_gold_passage_diagnostic_shows_no_more_than_k_passages(ask) -> None:
    asked = ask("Why?", "x", gold_doc_ids=("returns", "light", "battery"))

    [question] = gold_passage(PASSAGES, 2, 0, [], seed=0).build(asked)

    assert question.content.count("\n[") == 2


def test_the_gold_passage_diagnostic_is_shown_the_shots_of_the_rag_arm(ask) -> None:
    shown = ask("What does the red light mean?", "30 days", gold_doc_ids=("returns",))
    setup = gold_passage(PASSAGES, 1, 1, [shown], seed=0)

    messages = setup.build(ask("How long?", "x", gold_doc_ids=("battery",)))

    assert setup.name == "gold passage, 1 shots"
    # by them the two are known to differ in their passages alone
    _, rag = rag_setups(PASSAGES, (1,), 1, [shown], seed=0)
    assert len(setup.details["shots"]) == 1
    assert setup.details["shots"] == rag.details["shots"]
    assert roles(messages) == "uau"
    assert messages[1].content == "30 days"
    assert "[battery]" in messages[2].content


def test_a_hybrid_trains_four_of_five_examples_with_the_gold_passage(ask) -> None:
    # Questions that find the light, never the gold document; their last letters
    # follow each other, so that every fifth sum of bytes is divisible by five.
    build = retrieved_with_gold(PASSAGES, 1)
    examples = [
        ask(f"red light {chr(0x4E00 + n)}", "x", gold_doc_ids=("battery",))
        for n in range(64)
    ]

    shown = ["[battery]" in build(e)[0].content for e in examples]

    fifths = [sum(e.question.encode()) % 5 == 0 for e in examples]
    assert shown == [not f for f in fifths]
    assert 10 <= sum(fifths) <= 16  # a fifth of 64 is 13


def test_a_hybrid_sees_the_gold_passage_before_and_behind_the_distractor(ask) -> None:
    build = retrieved_with_gold(PASSAGES, 2)
    questions = [f"red light {chr(97 + n)}" for n in range(20)]
    examples = [
        ask(q, r, gold_doc_ids=("battery",)) for q in questions for r in ("a", "b")
    ]

    texts = [build(e)[0].content for e in examples]

    mixed = [t for t in texts if "[battery]" in t]
    first = ["Documents:\n[battery]" in t for t in mixed]
    assert all("[light]" in t for t in mixed)
    assert len(mixed) / 4 < sum(first) < len(mixed) * 3 / 4


def test_a_hybrids_context_does_not_depend_on_the_order_of_the_file(ask) -> None:
    examples = [ask(f"red light {n}", "x", gold_doc_ids=("battery",)) for n in range(9)]

    forward = [retrieved_with_gold(PASSAGES, 2)(e) for e in examples]
    build = retrieved_with_gold(PASSAGES, 2)
    backward = [build(e) for e in reversed(examples)]

    assert forward == backward[::-1]


@pytest.mark.parametrize("gold", [(), ("unknown",)], ids=["none", "unknown"])
def test_a_hybrid_without_a_known_gold_document_trains_on_what_is_found(
    ask, gold
) -> None:
    asked = ask("What does the red light mean?", "x", gold_doc_ids=gold)

    [question] = retrieved_with_gold(PASSAGES, 1)(asked)

    assert LIGHT_SHOWN in question.content


def test_a_hybrids_gold_passage_is_not_repeated_where_it_is_found(ask) -> None:
    asked = ask("What does the red light mean?", "x", gold_doc_ids=("light",))

    [question] = retrieved_with_gold(PASSAGES, 3)(asked)

    assert question.content.count("[light]") == 1
    assert question.content.count("\n[") == 3


def test_a_set_up_tells_what_it_shows_and_how_its_retrieval_ranks(ask, train) -> None:
    asked = ask("What does the red light mean?", "x", gold_doc_ids=("battery",))
    [bare, with_shots] = rag_setups(PASSAGES, (1,), 1, train, seed=0)
    gold = gold_passage(PASSAGES, 2, 0, [], seed=0)
    [prompt] = prompt_setups(["zero-shot"], [2], train, seed=0)

    for made in (bare, with_shots):
        assert list(made.found(asked)) == [LIGHT]
        assert made.ranked(asked)[0] == LIGHT
        assert len(made.ranked(asked)) == 4  # all there are, though one is shown
    assert list(gold.found(asked)) == [BATTERY]
    assert list(gold.ranked(asked)) == []
    assert list(prompt.found(asked)) == list(prompt.ranked(asked)) == []
