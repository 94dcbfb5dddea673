import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.text_scores import (
    answer_contained,
    chrf,
    normalise,
    rouge_l,
    token_f1,
)

TEXT = st.text(alphabet="ab c.é\n", max_size=12)


def test_squad_form_has_no_case_punctuation_articles_or_extra_blanks() -> None:
    assert normalise("  The  Hub's LED, a red one!") == "hubs led red one"
    assert normalise("theatre an") == "theatre"  # only whole words are articles


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        ("30 days", "30 days", 1.0),
        ("The 30 Days.", "30 days", 1.0),
        # one of two words shared with an answer of four: 2 * 1 / (2 + 4)
        ("30 days", "within 30 working weeks", 1 / 3),
        # a word counts as often as it stands in both: 2 * 1 / (1 + 3)
        ("no", "no no no", 0.5),
        ("30 days", "two weeks", 0.0),
        # nothing is left after normalisation: as they stand
        ("the", "The!", 1.0),
        ("A", "a)", 1.0),
        ("...", ". . .", 1.0),
        ("the", "a", 0.0),
        ("the", "", 0.0),
        ("?", "!", 0.0),
        ("", "", 0.0),
        ("the", "30 days", 0.0),
        ("30 days", "", 0.0),
    ],
)
def test_token_f1_by_hand(reference, answer, expected) -> None:
    assert token_f1(reference, answer) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        ("30 days", "You have the 30 days, sir.", 1.0),
        ("30 days", "30 working days", 0.0),  # not together
        ("30 days", "130 days", 0.0),  # words, not letters
        ("30 days", "days 30", 0.0),
        ("30 days", "30", 0.0),
        ("", "anything", 0.0),
    ],
)
def test_an_answer_contains_the_reference_word_by_word(
    reference, answer, expected
) -> None:
    assert answer_contained(reference, answer) == expected


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        # Lin 2004, example 1: the longest common subsequence of "police killed the
        # gunman" with "police kill the gunman" is police the gunman: P = R = 3/4
        ("police killed the gunman", "police kill the gunman", 3 / 4),
        # and with "the gunman kill police" it is the gunman: P = R = 2/4
        ("police killed the gunman", "the gunman kill police", 2 / 4),
        # P = 2/4, R = 2/2: 2 * 2 / (2 + 4)
        ("red light", "the red LED light", 2 / 3),
        ("one, two!", "One two", 1.0),
        ("one", "two", 0.0),
        ("...", "...", 0.0),  # no words: nothing to be alike in
        ("one", "", 0.0),
    ],
)
def test_rouge_l_by_hand(reference, answer, expected) -> None:
    assert rouge_l(reference, answer) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        # n = 1: two of three letters (a, b) on both sides; n = 2: one of two (ab);
        # n = 3: none of one. P = R = (2/3 + 1/2 + 0) / 3 = 7/18, and so is F
        ("abc", "abx", 7 / 18),
        # n = 1: P = 2/2, R = 2/4; n = 2: P = 1/1, R = 1/3; the answer has no more.
        # P = 1, R = 5/12, F2 = 5 P R / (4 P + R) = (25/12) / (53/12)
        ("abcd", "ab", 25 / 53),
        # the other way round P = 5/12, R = 1: F2 = (25/12) / (5/3 + 1)
        ("ab", "abcd", 25 / 32),
        ("a b", "ab", 1.0),  # blanks are left out
        ("ab", "cd", 0.0),
        ("ab", "", 0.0),
        ("", "", 0.0),
    ],
)
def test_chrf_by_hand(reference, answer, expected) -> None:
    assert chrf(reference, answer) == pytest.approx(expected)


def test_chrf_counts_six_orders_and_weighs_recall_twice() -> None:
    # 8 letters, the last one wrong: of the n-grams, (8 - n) of (9 - n) are right
    shares = [(8 - n) / (9 - n) for n in range(1, 7)]

    assert chrf("abcdefgh", "abcdefgx") == pytest.approx(sum(shares) / 6)


@settings(max_examples=200, deadline=None)
@given(TEXT, TEXT)
@pytest.mark.parametrize("rate", [token_f1, answer_contained, rouge_l, chrf])
def test_likeness_is_between_0_and_1(rate, reference, answer) -> None:
    assert 0 <= rate(reference, answer) <= 1


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab 1.", max_size=12))
@pytest.mark.parametrize("rate", [token_f1, answer_contained, rouge_l, chrf])
def test_a_text_with_words_is_wholly_like_itself(rate, text) -> None:
    if normalise(text):
        assert rate(text, text) == pytest.approx(1)


@settings(max_examples=100, deadline=None)
@given(TEXT, TEXT)
@pytest.mark.parametrize("rate", [token_f1, rouge_l])
def test_f1_does_not_ask_which_side_is_the_reference(rate, one, other) -> None:
    assert rate(one, other) == rate(other, one)
