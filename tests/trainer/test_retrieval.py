from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer import vectors
from trainer.passages import Passage, chunk
from trainer.retrieval import LexicalIndex
from trainer.similar import ExampleIndex
from tunewise.domain.dataset import Document

RETURNS = Passage("returns", "Returns", "Send a hub back within 30 days of delivery.")
LIGHT = Passage("light", "Lights", "A red light means that the hub has no network.")
BATTERY = Passage("battery", "Battery", "The sensor's battery lasts two years.")
PASSAGES = (RETURNS, LIGHT, BATTERY)


def words(text: str) -> int:
    return len(text.split())


def cut(text: str, tokens: int) -> list[str]:
    pieces = chunk([Document("d", "T", text)], tokens=tokens, count=words)
    return [p.text for p in pieces]


def test_a_short_document_stays_whole_and_keeps_its_id_and_title() -> None:
    documents = [Document("a", "A", "One. Two."), Document("b", "B", "Three.")]

    passages = chunk(documents, tokens=10, count=words)

    assert passages == (Passage("a", "A", "One. Two."), Passage("b", "B", "Three."))


def test_documents_are_cut_at_sentence_ends() -> None:
    text = "One two. Three four! Five six? Seven."

    assert cut(text, 5) == ["One two. Three four!", "Five six? Seven."]
    assert cut(text, 2) == ["One two.", "Three four!", "Five six?", "Seven."]


def test_a_sentence_too_long_is_cut_at_words() -> None:
    # three quarters of what is left, until it fits: 10, 7, 5, 3 of ten words
    text = "a b c d e f g h i j. k l."

    assert cut(text, 4) == ["a b c", "d e f", "g h i j.", "k l."]


def test_a_word_too_long_for_a_passage_stays_whole() -> None:
    [piece] = chunk([Document("d", "", "x" * 50)], tokens=10, count=len)

    assert piece.text == "x" * 50


def test_an_empty_document_is_an_empty_passage() -> None:
    assert cut("", 5) == [""]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab .!\n", max_size=80), st.integers(1, 8))
def test_passages_hold_every_word_once_within_the_limit(text, tokens) -> None:
    pieces = cut(text, tokens)

    assert " ".join(pieces).split() == text.split()
    assert all(words(p) <= tokens for p in pieces)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("How many days until I can send it back?", RETURNS),
        ("Why is the light red?", LIGHT),
        ("BATTERY life", BATTERY),
        ("returns", RETURNS),  # in the title only
    ],
)
def test_the_passage_with_the_questions_words_comes_first(question, best) -> None:
    index = LexicalIndex(PASSAGES)

    assert index.search(question, 1) == (best,)
    assert index.search(question, 3)[0] == best


def test_every_passage_of_a_document_is_found_by_the_id_that_the_question_names() -> (
    None
):
    cut = [
        Passage(f"CVE-2020-{n}", "", text)
        for n in range(1347, 1353)
        for text in (f"CVE-2020-{n} runs code.", "Due on 24 March. Ransomware: known.")
    ]

    found = LexicalIndex(cut).search("Is CVE-2020-1350 known for ransomware?", 2)

    assert [p.document for p in found] == ["CVE-2020-1350"] * 2


@pytest.mark.parametrize("question", ["", "?", "the", "qwertz"])
def test_a_question_without_a_known_word_still_finds_k_passages(question) -> None:
    assert len(LexicalIndex(PASSAGES).search(question, 2)) == 2


def test_there_are_no_more_passages_than_there_are() -> None:
    found = LexicalIndex(PASSAGES).search("hub", 10)

    assert sorted(found, key=lambda p: p.document) == [BATTERY, LIGHT, RETURNS]


def test_the_passages_of_a_document_are_found_by_its_id_in_order() -> None:
    second = Passage("light", "Lights", "A green one means all is well.")
    index = LexicalIndex([*PASSAGES, second])

    assert index.of_document(("light",)) == (LIGHT, second)
    assert index.of_document(("battery", "returns")) == (RETURNS, BATTERY)
    assert index.of_document(()) == ()


def test_the_nearest_example_comes_first(ask) -> None:
    late, lost = ask("My card is late", "late"), ask("I lost my card", "lost")
    index = ExampleIndex([lost, late, ask("Change my PIN", "pin")])

    assert index.nearest("the card is so late", 2) == (late, lost)


def test_a_typo_does_not_hide_the_nearest_example(ask) -> None:
    pin, lost = ask("Change my PIN please", "pin"), ask("I lost the device", "lost")

    assert ExampleIndex([pin, lost]).nearest("changemypin", 1) == (pin,)


def test_an_example_without_the_words_is_found_through_those_it_shares(
    ask, monkeypatch
) -> None:
    road = combinations(["drive", "wheel", "engine", "fuel", "motor"], 2)
    kitchen = combinations(["bread", "oven", "spoon", "yeast", "flour"], 2)
    examples = [ask(" ".join(words), "road") for words in road]
    examples += [ask(" ".join(words), "kitchen") for words in kitchen]

    def first_ten(question: str) -> list[str]:
        return [e.reference for e in ExampleIndex(examples).nearest(question, 10)]

    # "drive wheel" has no word of the question, but "drive fuel" joins them
    assert first_ten("fuel") == ["road"] * 10

    monkeypatch.setattr(vectors, "LATENT_SIZE", 0)
    assert first_ten("fuel") != ["road"] * 10


def test_nearest_leaves_nobody_out(ask) -> None:
    examples = [ask(f"question about topic {n}", "x") for n in range(6)]
    same = ask("question about topic 3", "another answer")
    index = ExampleIndex([*examples, same])

    found = index.nearest("question about topic 3", 2)
    everyone = index.nearest("question about topic 3", 100)

    assert set(found) == {examples[3], same}
    assert set(everyone) == {*examples, same}


def test_shots_show_every_answer_before_one_twice(ask) -> None:
    codes = ["late", "late", "late", "late", "lost", "pin"]
    examples = [ask(f"Question {n} about {c}", c) for n, c in enumerate(codes)]
    index = ExampleIndex(examples)

    for seed in range(10):
        shown = [e.reference for e in index.spread(3, seed=seed)]
        assert sorted(shown) == ["late", "lost", "pin"]


def test_among_new_answers_the_least_alike_is_shown_next(ask) -> None:
    card = ask("where is my new card", "a")
    near = ask("where is my old card", "b")
    far = ask("change the password", "c")
    index = ExampleIndex([card, near, far])

    for seed in range(10):
        first, second = index.spread(2, seed=seed)
        assert second == far or first == far


def test_the_spread_depends_on_the_seed_alone(ask) -> None:
    examples = [ask(f"Question {n} of {n % 3}", f"{n}") for n in range(12)]

    shown = [ExampleIndex(examples).spread(3, seed=s) for s in (0, 0, 1, 2, 3)]

    assert shown[0] == shown[1]
    assert len(set(shown)) > 1


def test_no_example_is_shown_twice(ask) -> None:
    questions = ["Hi there", "hi there", "HI there", "hi There", "hI there"]
    examples = [ask(q, "ab"[n % 2]) for n, q in enumerate(questions)]
    index = ExampleIndex(examples)

    for seed in range(5):
        assert len(set(index.spread(4, seed=seed))) == 4


def test_all_examples_are_shown_where_there_are_no_more(ask) -> None:
    examples = (ask("one", "1"), ask("two", "2"))

    assert ExampleIndex(examples).spread(4, seed=0) == examples


@pytest.mark.parametrize(
    "questions", [["1 + 1", "2 + 2"], ["?", "!"], ["", ""]], ids=repr
)
def test_questions_without_a_word_can_be_searched_too(ask, questions) -> None:
    examples = [ask(q, f"{n}") for n, q in enumerate(questions)]
    index = ExampleIndex(examples)

    assert index.nearest(questions[0], 1)[0].question == questions[0]
    assert len(index.spread(1, seed=0)) == 1


def test_an_index_is_described_so_that_it_can_be_made_again() -> None:
    first, again = LexicalIndex(PASSAGES), LexicalIndex([*PASSAGES])

    assert first.described() == again.described()
    assert (
        first.described()["digest"] != LexicalIndex(PASSAGES[:1]).described()["digest"]
    )
    # the defaults of bm25s
    assert (
        first.described().items()
        >= {
            "k1": 1.5,
            "b": 0.75,
            "stopwords": "en",
            "passages": len(PASSAGES),
        }.items()
    )
