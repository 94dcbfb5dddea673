import pytest

from tunewise.domain.dataset import Example, Message
from tunewise.workflow.experiments import marks


def marked(metric: str, reference: str, answer: str, **metadata) -> tuple:
    chat = (Message("user", "?"), Message("assistant", reference))
    (found,) = marks.scores(
        metric, [Example(chat, **metadata)], [answer], schema={"type": "object"}
    )
    return found, marks.is_correct(found)


@pytest.mark.parametrize(
    ("metric", "reference", "answer", "expected"),
    [
        # two fields, one right, one wrong: 2 * 1 / (2 * 1 + 1 + 1)
        ("field_f1", '{"a": 1, "b": 2}', '{"a": 1, "b": 3}', (0.5, False)),
        # the same fields in another order: no exact match, and right
        ("field_f1", '{"a": 1, "b": 2}', '{"b": 2, "a": 1}', (1.0, True)),
        ("field_f1", "no JSON", "none", (None, None)),
        ("token_f1", "30 days", "The 30 days.", (1.0, True)),
        ("token_f1", "30 days", "30", (2 / 3, False)),
        ("schema_valid", "{}", '{"other": 1}', (1.0, True)),
        ("macro_f1", "card", "card ", (1.0, True)),
        ("macro_f1", "card", "refund", (0.0, False)),
        ("chrf", "a longer sentence", "a longer sentence", (1.0, True)),
        ("accuracy", "card", "", (0.0, False)),
    ],
)
def test_an_answer_is_marked_by_what_the_metric_says_of_it(
    metric: str, reference: str, answer: str, expected: tuple
) -> None:
    assert marked(metric, reference, answer) == pytest.approx(expected)


def test_any_accepted_answer_is_correct_where_the_metric_takes_it() -> None:
    both = ("two weeks", "14 days")

    assert marked("exact_match", "two weeks", "14 days", answers=both) == (1.0, True)
    # accuracy is against the reference alone, as the arm's score is
    assert marked("accuracy", "two weeks", "14 days", answers=both) == (0.0, False)


def test_no_answers_no_marks() -> None:
    assert marks.scores("accuracy", [], [], schema=None) == []
