import numpy as np
import pytest

from tunewise.domain.dataset import Document, Example, Message
from tunewise.domain.experiment import Score
from tunewise.evidence.drift import (
    ScoreChange,
    document_change,
    drift,
    psi,
    score_decay,
)
from tunewise.evidence.intervals import wilson

TOPICS = {
    "card": ["card", "was", "declined", "lost", "stolen", "frozen", "shop", "machine"],
    "loan": ["interest", "mortgage", "rate", "instalment", "credit", "house", "term"],
}


def examples(topic: str, n: int, *, seed: int, labels=("a", "b"), words: int = 8):
    rng = np.random.default_rng(seed)
    return [
        Example(
            (
                Message("user", " ".join(rng.choice(TOPICS[topic], words))),
                Message("assistant", str(rng.choice(labels))),
            )
        )
        for _ in range(n)
    ]


def drifted(findings):
    return {f.code for f in findings if f.drifted}


def test_more_of_the_same_does_not_drift() -> None:
    for seed in range(5):
        found = drift(
            examples("card", 300, seed=seed),
            examples("card", 200, seed=99 - seed),
            seed=0,
        )

        assert drifted(found) == set()
        assert {f.code for f in found} == {
            "label_shift",
            "unseen_labels",
            "prompt_length",
            "prompt_words",
        }


def test_new_words_drift_and_are_named() -> None:
    found = drift(examples("card", 200, seed=0), examples("loan", 100, seed=1), seed=0)

    words = next(f for f in found if f.code == "prompt_words")
    assert words.drifted
    assert words.low > 0.9
    assert words.fact == "examples_represent_production"
    assert any(w in words.message for w in TOPICS["loan"])


def test_another_mix_of_labels_and_new_labels_drift() -> None:
    before = examples("card", 300, seed=0, labels=("a", "b"))
    shifted = examples("card", 200, seed=1, labels=("a", "a", "a", "a", "a", "a", "b"))
    invented = examples("card", 200, seed=1, labels=("a", "b", "c"))

    assert drifted(drift(before, shifted, seed=0)) == {"label_shift"}
    assert "unseen_labels" in drifted(drift(before, invented, seed=0))


def test_longer_prompts_drift() -> None:
    found = drift(
        examples("card", 200, seed=0), examples("card", 200, seed=1, words=30), seed=0
    )

    assert "prompt_length" in drifted(found)


def test_a_handful_shows_nothing() -> None:
    found = drift(examples("card", 200, seed=0), examples("loan", 29, seed=1), seed=0)

    assert [(f.code, f.drifted) for f in found] == [("few_examples", False)]


def test_psi_by_hand() -> None:
    # shares .5 .5 and .8 .2, with half an example added to counts of a million
    found = psi(np.array([5e5, 5e5]), np.array([8e5, 2e5]))

    assert found == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4), rel=1e-4)


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

    found = score_decay(change)

    assert found.drifted is expected
    assert found.fact == "finetune_score"
    assert (found.value, found.low) == (later.value, later.low)


def test_changed_documents_question_how_often_knowledge_changes() -> None:
    before = [Document(f"d{i}", "", "x") for i in range(10)]
    later = [Document("d0", "", "changed"), *before[1:9], Document("new", "", "y")]

    found = document_change(before, later)

    # 1 changed, 1 went, 1 came, of 11 in all
    assert found.value == pytest.approx(3 / 11)
    assert (found.drifted, found.fact) == (True, "knowledge_changes")
    assert not document_change(before, before).drifted


def test_what_drifted_comes_first_and_repeats_by_seed() -> None:
    before, later = examples("card", 100, seed=0), examples("loan", 100, seed=1)

    one, other = drift(before, later, seed=4), drift(before, later, seed=4)

    assert one == other
    assert [f.drifted for f in one] == sorted((f.drifted for f in one), reverse=True)
