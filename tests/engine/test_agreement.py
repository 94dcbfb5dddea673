"""Three evaluators that share no code agree; benchmarks/rules asks them far more."""

from collections import Counter
from random import Random

import pytest

from tunewise import resources
from tunewise.engine import reference

from .generated import rule_texts
from .three_ways import ThreeWays


@pytest.fixture(scope="module")
def shipped():
    return ThreeWays(resources.rule_texts())


def test_three_evaluators_agree_on_the_shipped_rule_set(shipped):
    random = Random(20261126)
    seen = Counter()

    for _ in range(1000):
        seen.update(shipped.truths(shipped.draw(random)).values())

    assert all(seen[truth] > 1000 for truth in (0, 1, 2))  # none is a rarity


def test_three_evaluators_agree_on_every_worked_case(shipped):
    for case in shipped.rule_set.cases:
        truths = shipped.truths(case.facts)

        assert sorted(i for i, truth in truths.items() if truth == 2) == list(
            case.matched
        )


def test_three_evaluators_agree_on_generated_rule_sets():
    random = Random(20261126)
    seen = Counter()

    for _ in range(60):
        asked = ThreeWays(rule_texts(random))
        for _ in range(25):
            seen.update(asked.truths(asked.draw(random)).values())

    assert all(seen[truth] > 1000 for truth in (0, 1, 2))


@pytest.mark.parametrize(
    ("place", "wrong"),
    [("_below", "_at_most"), ("_at_least", "_above"), ("_different", "_equal")],
)
def test_a_wrong_reference_evaluator_is_found_out(monkeypatch, place, wrong):
    tests = {
        operator: getattr(reference, wrong) if test.__name__ == place else test
        for operator, test in reference._TESTS.items()
    }
    monkeypatch.setattr(reference, "_TESTS", tests)

    with pytest.raises(AssertionError, match="second opinion"):
        test_three_evaluators_agree_on_generated_rule_sets()


def test_a_range_that_is_taken_for_a_value_is_found_out(monkeypatch):
    monkeypatch.setattr(reference, "_bounds", lambda fact: (fact.lower, fact.lower))

    with pytest.raises((AssertionError, TypeError)):
        test_three_evaluators_agree_on_generated_rule_sets()
