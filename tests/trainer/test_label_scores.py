import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from trainer.label_scores import Confusion, count_labels

EXPECTED = ["late", "late", "lost", "pin", "lost", "late"]
GIVEN = ["late", "lost", "lost", "Pin?", "lost", "late"]
TRAINED = {"late", "lost", "pin", "other"}


def test_counts_give_scikit_learns_precision_recall_f1_and_support() -> None:
    rng = np.random.default_rng(0)
    expected = [f"l{n}" for n in rng.integers(0, 6, 200)]
    given = [f"l{n}" for n in rng.integers(0, 7, 200)]

    found = count_labels(expected, [given], ())

    right, wrong, missed = found.counts.sum(axis=0).reshape(-1, 3).T
    theirs = precision_recall_fscore_support(expected, given, labels=found.labels)
    ours = (
        right / (right + wrong),
        right / (right + missed),
        2 * right / (2 * right + wrong + missed),
        right + missed,
    )
    for a, b in zip(ours, theirs, strict=True):
        assert a == pytest.approx(b)


def test_confusions_are_scikit_learns_matrix_without_its_diagonal() -> None:
    rng = np.random.default_rng(1)
    names = [f"l{n}" for n in range(4)]
    expected, given = ([names[n] for n in rng.integers(0, 4, 100)] for _ in range(2))

    found = count_labels(expected, [given], names)

    matrix = confusion_matrix(expected, given, labels=names)
    for one in found.confusions:
        at = names.index(one.expected), names.index(one.answered)
        assert matrix[at] == one.count
    assert sum(c.count for c in found.confusions) == matrix.sum() - np.trace(matrix)
    counts = [c.count for c in found.confusions]
    assert counts == sorted(counts, reverse=True)


def test_what_is_no_label_is_counted_and_not_repeated() -> None:
    found = count_labels(EXPECTED, [GIVEN], TRAINED)

    assert found.labels == ("late", "lost", "pin")
    assert found.invented.tolist() == [0, 0, 0, 1, 0, 0]
    assert found.confusions == (
        Confusion("late", "lost", 1.0),
        Confusion("pin", None, 1.0),
    )


def test_a_label_of_training_is_no_invention() -> None:
    found = count_labels(["late"], [["other"]], TRAINED)

    assert found.invented.tolist() == [0]
    assert found.confusions == (Confusion("late", "other", 1.0),)


def test_seeds_are_averaged_for_each_example() -> None:
    found = count_labels(["late", "lost"], [["late", "?"], ["lost", "?"]], TRAINED)

    # labels late, lost; each right, wrongly answered, missed
    assert found.counts.tolist() == [[0.5, 0, 0.5, 0, 0.5, 0], [0, 0, 0, 0, 0, 1]]
    assert found.invented.tolist() == [0, 1]
    assert found.confusions == (
        Confusion("lost", None, 1.0),
        Confusion("late", "lost", 0.5),
    )


def test_blanks_around_a_label_do_not_count() -> None:
    found = count_labels([" late\n"], [["late "]], ())

    assert found.confusions == ()
    assert found.counts.tolist() == [[1, 0, 0]]
