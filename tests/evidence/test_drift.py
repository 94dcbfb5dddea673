from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

from tunewise.datasets.texts import accepted, prompt_key
from tunewise.domain.dataset import Example, Message
from tunewise.domain.experiment import Score
from tunewise.evidence.drift import (
    Asked,
    ScoreChange,
    document_change,
    documents_asked_for,
    drift,
    score_decay,
)
from tunewise.evidence.drift.chance import assignments, p_value
from tunewise.evidence.drift.labels import psi
from tunewise.evidence.intervals import wilson

TOPICS = {
    "card": ["card", "was", "declined", "lost", "stolen", "frozen", "shop", "machine"],
    "loan": ["interest", "mortgage", "rate", "instalment", "credit", "house", "term"],
}
HOW = Asked(prompt_key, accepted, "knowledge_changes")


def example(question: str, answer: str = "", *, id: str = "", group: str = ""):
    messages = (Message("user", question), Message("assistant", answer))
    return Example(messages, id=id, group=group)


def examples(topic: str, n: int, *, seed: int, labels=("a", "b"), words: int = 8):
    rng = np.random.default_rng(seed)
    return [
        example(" ".join(rng.choice(TOPICS[topic], words)), str(rng.choice(labels)))
        for _ in range(n)
    ]


def looked(before, later, **more):
    return drift(before, later, Asked(prompt_key, accepted, "x", **more), seed=0)


def drifted(found) -> set[str]:
    return {f.code for f in found.findings if f.drifted}


def found(seen, code: str):
    return next(f for f in seen.findings if f.code == code)


def test_more_of_the_same_does_not_drift() -> None:
    for seed in range(5):
        seen = looked(
            examples("card", 300, seed=seed), examples("card", 200, seed=99 - seed)
        )

        assert drifted(seen) == set()
        assert {f.code for f in seen.findings} == {
            "label_shift",
            "unseen_labels",
            "prompt_length",
            "prompt_words",
        }
        assert set(seen.skipped) == {"changed answers"}


def test_new_words_drift_and_are_named_beside_the_message() -> None:
    seen = looked(examples("card", 200, seed=0), examples("loan", 100, seed=1))

    words = found(seen, "prompt_words")
    assert words.drifted
    assert words.low > 0.9
    assert words.fact == "examples_represent_production"
    assert set(words.texts["later"]) & set(TOPICS["loan"])
    assert set(words.texts["earlier"]) & set(TOPICS["card"])
    assert not any(w in words.message for w in TOPICS["loan"])


def test_another_mix_of_labels_and_new_labels_drift() -> None:
    before = examples("card", 300, seed=0, labels=("a", "b"))
    shifted = examples("card", 200, seed=1, labels=("a", "a", "a", "a", "a", "a", "b"))
    invented = examples("card", 200, seed=1, labels=("a", "b", "new one"))

    assert drifted(looked(before, shifted)) == {"label_shift"}
    new = found(looked(before, invented), "unseen_labels")
    assert new.drifted
    assert new.texts["new"][0].startswith("new one (")
    assert "new one" not in new.message


def test_rare_labels_are_new_in_every_half_and_no_drift() -> None:
    # a third of the examples have a label that stands there once
    rng = np.random.default_rng(0)
    labels = [f"only {i}" if i % 6 == 0 else f"label {i % 5}" for i in range(300)]
    alarms = 0
    for _ in range(60):
        order = rng.permutation(300)
        sides = [[example("x", labels[i]) for i in part] for part in np.split(order, 2)]
        alarms += "unseen_labels" in drifted(looked(*sides))

    assert alarms <= 2


def test_longer_prompts_drift() -> None:
    seen = looked(
        examples("card", 200, seed=0), examples("card", 200, seed=1, words=30)
    )

    assert "prompt_length" in drifted(seen)


def test_a_handful_shows_nothing_and_says_so() -> None:
    seen = looked(examples("card", 200, seed=0), examples("loan", 29, seed=1))

    assert seen.findings == ()
    assert seen.skipped["everything"].startswith("29 later examples")


def test_prompts_without_answers_are_looked_at_as_prompts_only() -> None:
    later = [example(e.question) for e in examples("loan", 80, seed=1)]

    seen = looked(examples("card", 200, seed=0), later)

    assert {f.code for f in seen.findings} == {"prompt_words", "prompt_length"}
    assert (
        "0 later examples have an answer" in seen.skipped["labels, formats and answers"]
    )


def json_examples(n: int, template: str, *, seed: int):
    rng = np.random.default_rng(seed)
    kinds = ("book", "play")
    return [
        example(f"say {rng.integers(10**6):06}", template % str(rng.choice(kinds)))
        for _ in range(n)
    ]


PLAIN = '{"intent": "%s", "n": 1}'


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ('{"intent": "%s", "n": 1', "json_invalid"),
        ('{"intent": "%s", "n": 1, "unit": "m"}', "new_keys"),
        ('{"intent": "re-%s", "n": 1}', "new_values"),
    ],
)
def test_formats_that_change_drift(template: str, code: str) -> None:
    before = json_examples(200, PLAIN, seed=0)

    same = looked(before, json_examples(100, PLAIN, seed=1))
    other = looked(before, json_examples(100, template, seed=1))

    assert drifted(same) == set()
    assert code in drifted(other)
    assert found(other, code).fact == "labels_or_rules_change_often"


def test_references_that_break_the_schema_drift() -> None:
    before = json_examples(200, PLAIN, seed=0)
    later = json_examples(100, '{"intent": "%s"}', seed=1)

    seen = looked(before, later, is_valid=lambda text: '"n"' in text)

    assert drifted(seen) == {"schema_invalid"}
    assert found(seen, "schema_invalid").value == 1


def asking(number: int, answer: str, **more):
    return example(f"WHO is number {number:02}?", answer, **more)


def test_the_same_prompts_with_other_answers_drift() -> None:
    before = [asking(i, f"person {i}", id=f"b{i}") for i in range(60)]
    kept = [asking(i, f"person {i}.", id=f"l{i}") for i in range(40)]
    moved = [asking(i, f"person {i + 1}", id=f"l{i}") for i in range(40)]

    same, changed = looked(before, kept), looked(before, moved)

    assert found(same, "changed_answers").value == 0
    assert drifted(same) == set()
    one = found(changed, "changed_answers")
    assert (one.value, one.drifted) == (1, True)
    assert one.texts["examples"][:2] == ("l0", "l1")
    # of 100 pairs that chance makes, about half straddle: 40 of 40 by chance is none
    assert one.p_value == 1 / 1000


def test_data_that_contradict_themselves_do_not_drift() -> None:
    rng = np.random.default_rng(1)
    both = [example(f"q{i % 40}", f"a{rng.integers(2)}") for i in range(200)]

    assert drifted(looked(both[:100], both[100:])) == set()


def test_a_group_counts_once() -> None:
    before = [example(f"q{i:02}", "ab"[i % 2]) for i in range(60)]
    plain = [example(f"p{i:02}", "ab"[i % 2]) for i in range(52)]
    alone = [example(f"n{i:02}", "new") for i in range(8)]
    together = [replace(e, group="one customer") for e in alone]

    # by chance all eight are later once in 2 ** 8 times, one customer every other time
    assert found(looked(before, [*plain, *alone]), "unseen_labels").drifted
    of_one = found(looked(before, [*plain, *together]), "unseen_labels")
    assert not of_one.drifted
    assert of_one.p_value == pytest.approx(0.47, abs=0.06)


def test_chance_keeps_groups_together_and_the_number_of_later_units() -> None:
    rng = np.random.default_rng(0)

    chosen = assignments(["", "g", "g"], ["", "h", "h", "h"], rng, n=50)

    assert chosen.shape == (50, 7)
    assert (chosen[:, 1] == chosen[:, 2]).all()
    assert (chosen[:, 4] == chosen[:, 5]).all()
    # units: x, g | x, h: two of four are later, each time
    assert (chosen[:, [0, 1, 3, 4]].sum(axis=1) == 2).all()


def test_the_distance_of_lengths_is_that_of_kolmogorov_and_smirnov() -> None:
    before = examples("card", 80, seed=0)
    later = examples("loan", 50, seed=1, words=9)
    lengths = [[len(e.question) for e in side] for side in (before, later)]

    seen = found(looked(before, later), "prompt_length")

    assert seen.value == pytest.approx(ks_2samp(*lengths, method="asymp").statistic)


def test_p_values_are_never_zero() -> None:
    assert p_value(10.0, np.zeros(999)) == pytest.approx(0.001)


def test_psi_by_hand() -> None:
    # shares .5 .5 and .8 .2, with half an example added to counts of a million
    seen = psi(np.array([5e5, 5e5]), np.array([8e5, 2e5]))

    assert float(seen) == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4), rel=1e-4)


def score(k: int, n: int) -> Score:
    low, high = wilson(k, n)
    return Score(k / n, low, high, n)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (score(140, 200), True),
        (score(21, 30), True),
        (score(7, 10), False),
        (score(178, 200), False),
    ],
)
def test_a_score_decays_only_beyond_chance(later: Score, expected: bool) -> None:
    # before: 180 of 200
    change = ScoreChange("accuracy", score(180, 200), later, 0.02, "finetune_score")

    seen = score_decay(change)

    assert seen.drifted is expected
    assert seen.fact == "finetune_score"
    assert (seen.value, seen.low) == (later.value, later.low)


def test_changed_documents_are_named_by_their_ids() -> None:
    before = {f"d{i}": "x" for i in range(10)}
    later = {"d0": "changed", **{f"d{i}": "x" for i in range(1, 9)}, "new": "y"}

    seen = document_change(before, later)

    # 1 changed, 1 went, 1 came, of 11 in all; both sides are known whole
    assert seen.value == seen.low == seen.high == pytest.approx(3 / 11)
    assert (seen.drifted, seen.fact) == (True, "knowledge_changes")
    assert seen.texts == {"changed": ("d0",), "removed": ("d9",), "added": ("new",)}
    assert not document_change(before, before).drifted


def test_changed_documents_that_nobody_asks_for_do_not_drift() -> None:
    before, now = {"a": "1", "b": "1"}, {"a": "2", "b": "1"}
    about = {
        id: [Example(example("q", "x").messages, gold_doc_ids=(id,))] * 40
        for id in "ab"
    }

    assert documents_asked_for(about["a"], before, now).drifted
    assert not documents_asked_for(about["b"], before, now).drifted
    assert documents_asked_for([example("q", "x")] * 40, before, now) is None


def test_what_drifted_comes_first_and_repeats_by_seed() -> None:
    before, later = examples("card", 100, seed=0), examples("loan", 100, seed=1)

    one, other = (drift(before, later, HOW, seed=4) for _ in range(2))

    assert one == other
    order = [f.drifted for f in one.findings]
    assert order == sorted(order, reverse=True)
