import dataclasses
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import (
    AllOf,
    AnyOf,
    Consequence,
    Criterion,
    FactReference,
    Leaf,
    Operator,
    Option,
    RuleSet,
    Truth,
)
from tunewise.engine import durable_adapter
from tunewise.engine.durable_adapter import EngineMismatch, evaluate_criteria
from tunewise.engine.reference import evaluate
from tunewise.engine.verdict import advise

pytestmark = pytest.mark.skipif(
    not durable_adapter.available(), reason="durable-rules is not installed"
)

ROOT = Path(__file__).parents[2]

# The two last collide in durable-rules' 32-bit hash of property names; the others
# are what it parses wrongly or uses itself (research/rules-engines.md 1.7, 1.8).
NAMES = ["sid", "id", "x", "y", "costarring", "liquid"]
NUMBERS = st.sampled_from([1e-05, 1e16, 0, 1, 1.0, 0.5, 2**53 + 1, 10**30, -1])
TEXTS = st.sampled_from(["true", "1", "", 'a "b"', "abc d", "é\n\\", "long"]).map(
    lambda text: "x" * 70_000 if text == "long" else text
)
SCALARS = st.booleans() | NUMBERS | TEXTS


def rule_set_of(*conditions):
    then = (Consequence(Option.RAG, "B", 1),)
    criteria = tuple(
        Criterion(f"c{n}", "T", "2026-11-23", "S", when, then)
        for n, when in enumerate(conditions)
    )
    return RuleSet("sha256:0", {}, criteria, (), (), (), {})


def expected(rule_set, sheet):
    holding = (c for c in rule_set.criteria if evaluate(c.when, sheet) is Truth.HOLDS)
    return {c.id for c in holding}


def numeric_leaves():
    ordered = st.sampled_from(["is", "not", "at_least", "at_most", "above", "below"])
    operands = NUMBERS | st.sampled_from(NAMES[:3]).map(FactReference)
    return st.builds(Leaf, st.sampled_from(NAMES[:3]), ordered.map(Operator), operands)


def other_leaves():
    names = st.sampled_from(NAMES[3:])
    equal = st.sampled_from([Operator.IS, Operator.NOT])
    return st.one_of(
        st.builds(Leaf, names, equal, st.booleans() | TEXTS),
        st.builds(Leaf, names, st.just(Operator.IN), st.tuples(TEXTS, TEXTS)),
        st.builds(Leaf, st.sampled_from(NAMES), st.just(Operator.KNOWN), st.booleans()),
    )


def conditions():
    trees = st.recursive(
        numeric_leaves() | other_leaves(),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4).map(lambda c: AllOf(tuple(c))),
            st.lists(inner, min_size=1, max_size=3).map(lambda c: AnyOf(tuple(c))),
        ),
        max_leaves=8,
    )
    return st.lists(trees, max_size=8)


@st.composite
def sheets(draw):
    facts = {}
    for name in NAMES[:3]:
        kind = draw(st.sampled_from(["unknown", "exact", "range"]))
        if kind == "exact":
            facts[name] = Fact(name, draw(NUMBERS))
        elif kind == "range":
            low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
            facts[name] = Fact(name, None, low=low, high=high)
    for name in NAMES[3:]:
        if draw(st.booleans()):
            facts[name] = Fact(name, draw(st.booleans() | TEXTS))
    return FactSheet(facts)


@settings(max_examples=150, deadline=None)
@given(trees=conditions(), sheet_list=st.lists(sheets(), min_size=1, max_size=4))
def test_durable_rules_fires_what_the_reference_evaluator_finds(trees, sheet_list):
    rule_set = rule_set_of(*trees)

    for sheet in sheet_list:
        assert evaluate_criteria(rule_set, sheet) == expected(rule_set, sheet)


def test_sheet_on_which_nothing_fires_may_come_again_and_again():
    both = AllOf((Leaf("x", Operator.IS, 1), Leaf("y", Operator.IS, 1)))
    rule_set = rule_set_of(both)

    for sheet in (FactSheet(), FactSheet({"x": Fact("x", 1)})):  # no atom, and one
        for _ in range(3):
            assert evaluate_criteria(rule_set, sheet) == frozenset()


def test_rule_set_without_criteria_fires_nothing():
    assert evaluate_criteria(rule_set_of(), FactSheet()) == frozenset()


def test_condition_that_asks_nothing_always_fires():
    assert evaluate_criteria(rule_set_of(AllOf()), FactSheet()) == {"c0"}


def test_any_with_two_branches_that_hold_fires_once():
    both = AnyOf((Leaf("x", Operator.IS, 1), Leaf("y", Operator.IS, 1)))

    fired = evaluate_criteria(
        rule_set_of(both), FactSheet({n: Fact(n, 1) for n in "xy"})
    )

    assert fired == {"c0"}  # twice would have been an EngineMismatch


def test_hundreds_of_criteria_pass_the_limits_of_the_engine():
    # 600 share one atom, 600 other atoms would hang at 512 under one node, 402 match
    # side by side (64 allowed), and one has more tests than a criterion may have.
    shared = [
        AllOf((Leaf("x", Operator.IS, 1), Leaf("y", Operator.AT_LEAST, n)))
        for n in range(600)
    ]
    many = AllOf(tuple(Leaf("y", Operator.AT_LEAST, n) for n in range(20)))
    rule_set = rule_set_of(*shared, many)
    sheet = FactSheet({"x": Fact("x", 1), "y": Fact("y", 400)})

    fired = evaluate_criteria(rule_set, sheet)

    assert len(fired) == 402  # 0..400, and the one of many tests


def test_a_full_shard_of_the_longest_criteria_fits_into_one_fact():
    # 20 criteria of 12 tests that nobody shares: 240 names, with k, id and sid below
    # the 255 properties that a fact may have.
    tests = [Leaf("x", Operator.ABOVE, n) for n in range(240)]
    rows = [AllOf(tuple(tests[n : n + 12])) for n in range(0, 240, 12)]
    rule_set = rule_set_of(*rows)

    fired = evaluate_criteria(rule_set, FactSheet({"x": Fact("x", 130)}))

    assert fired == {f"c{n}" for n in range(10)}  # above 119, but not above 131


def test_names_in_a_fact_do_not_collide_in_the_engine():
    # FNV-1a, 32 bits, as the engine hashes names; two that do collide prove it.
    def engine_hash(name):
        value = 2166136261
        for byte in name.encode():
            value = ((value ^ byte) * 16777619) % 2**32
        return value

    names = ["k", "id", "sid", "$s", *(f"a{n}" for n in range(240))]

    assert engine_hash("costarring") == engine_hash("liquid")
    assert len({engine_hash(name) for name in names}) == len(names)


def test_session_that_failed_is_not_used_again(monkeypatch):
    rule_set = rule_set_of(Leaf("x", Operator.IS, 1), Leaf("y", Operator.IS, 1))
    evaluate_criteria(rule_set, FactSheet())

    with monkeypatch.context() as broken:  # stopped between asserting and retracting
        broken.setattr(durable_adapter._Compiled, "_rules_that_come_up", stop)
        with pytest.raises(KeyboardInterrupt):
            evaluate_criteria(rule_set, FactSheet({"x": Fact("x", 1)}))

    assert evaluate_criteria(rule_set, FactSheet({"y": Fact("y", 1)})) == {"c1"}


def stop(*_):
    raise KeyboardInterrupt


def test_more_rule_sets_than_are_kept_take_turns():
    sheet = FactSheet({"x": Fact("x", 3)})
    sets = [rule_set_of(Leaf("x", Operator.AT_LEAST, n)) for n in range(6)]

    fired = [bool(evaluate_criteria(s, sheet)) for s in sets + sets]

    assert fired == [True, True, True, True, False, False] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory in kilobytes")
def test_freed_rule_sets_leave_no_memory_behind():
    code = (
        "import resource;"
        "from tests.engine.test_durable_adapter import free_many;"
        "most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "free_many(20); before = most(); free_many(100); print(most() - before)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True
    )

    assert int(done.stdout) < 5_000  # 100 sessions had 20,000 and more


def free_many(times):
    for n in range(times):
        rows = [Leaf("x", Operator.ABOVE, m) for m in range(n, n + 30)]
        durable_adapter._Compiled(rule_set_of(*rows).criteria).free()


def test_threads_share_one_engine():
    rule_set = rule_set_of(*(Leaf("x", Operator.IS, n) for n in range(8)))
    wrong = []
    before = threading.active_count()

    def ask(n):
        for _ in range(50):
            fired = evaluate_criteria(rule_set, FactSheet({"x": Fact("x", n)}))
            if fired != {f"c{n}"}:
                wrong.append((n, fired))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert threading.active_count() == before  # none of the engine's own


def test_mismatch_is_a_bug_that_shows(monkeypatch):
    rule_set = rule_set_of(Leaf("x", Operator.IS, 41))
    sheet = FactSheet({"x": Fact("x", 41)})
    monkeypatch.setattr(durable_adapter._Compiled, "fire", lambda *_: ["c0", "c0"])

    with pytest.raises(EngineMismatch, match=r"fired \['c0', 'c0'\]"):
        evaluate_criteria(rule_set, sheet)


def test_absence_of_durable_rules_is_survived():
    code = (
        "import sys; sys.modules['durable_rules_engine'] = None;"
        "from tunewise.engine import durable_adapter, verdict;"
        "sys.exit(durable_adapter.available())"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)

    assert done.returncode == 0


def test_verdict_is_the_same_with_either_engine(rules, write, sheet):
    rule_set = rules(
        {
            "cite": write("must_cite_sources = true", "rag 3", "finetune veto"),
            "few": write("training_examples = { below = 50 }", "finetune -2"),
        }
    )
    answers = sheet(must_cite_sources=True, training_examples={"low": 10, "high": 80})

    by_durable = advise(rule_set, answers, today=date(2026, 11, 23), engine="durable")
    by_reference = advise(
        rule_set, answers, today=date(2026, 11, 23), engine="reference"
    )

    assert by_durable.engine == "durable-rules 2.0.28"
    assert by_reference.engine == "reference 1"
    assert dataclasses.replace(by_durable, engine="") == dataclasses.replace(
        by_reference, engine=""
    )
