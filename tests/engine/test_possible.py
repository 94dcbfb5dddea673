import pytest

from tunewise.domain.facts import FactDefinition, FactType
from tunewise.engine.possible import OTHER_TEXT, possible_answers


def defined(kind, **more):
    return FactDefinition("x", FactType(kind), "X?", "W", **more)


@pytest.mark.parametrize(
    ("definition", "points", "near", "answers"),
    [
        (defined("bool"), [], None, (True, False)),
        (defined("enum", values=("a", "b")), ["b"], None, ("a", "b")),
        (defined("text"), ["a"], None, ("a", OTHER_TEXT)),
        # one on each threshold, one in each gap, none out of range
        (defined("integer"), [50, 100], None, (49, 50, 99, 100, 101)),
        (defined("integer"), [50, 100], 10, (49, 50, 51, 100, 101)),
        (defined("integer"), [50, 51], None, (49, 50, 51, 52)),
        (defined("integer", low=0), [0], None, (0, 1)),
        (defined("integer", low=0, high=1), [1], None, (0, 1)),
        (defined("number", low=0.0, high=1.0), [1.0], None, (0.99, 1.0)),
        (defined("number", low=0.0, high=1.0), [0.5], None, (0.49, 0.5, 0.51)),
        (defined("number"), [1e-05], None, (9.9e-06, 1e-05, 1.01e-05)),
        (defined("date"), [], None, ("2030-01-01",)),
    ],
)  # fmt: skip
def test_answers_are_on_each_threshold_and_in_each_gap(
    definition, points, near, answers
):
    found = possible_answers(definition, points, near)

    assert found == pytest.approx(answers) if points == [1e-05] else found == answers


def test_days_around_a_threshold_see_both_sides_of_it():
    found = possible_answers(defined("date"), ["2027-01-01"])

    assert found == ("2026-12-31", "2027-01-01", "2027-01-02")


def test_narrow_gap_is_met_in_its_middle():
    definition = defined("number", low=0.0, high=1.0)

    assert 0.5 < possible_answers(definition, [0.5, 0.501])[2] < 0.501
