import numpy as np
import pytest
from sklearn.metrics import label_ranking_average_precision_score

from trainer.retrieval_scores import recall_at, reciprocal_rank


def test_recall_counts_documents_and_not_passages() -> None:
    ranked = ["a", "a", "b", "c"]

    found = [recall_at(["a", "c", "a"], ranked, k) for k in (1, 2, 3, 4, 9)]

    assert found == [0.5, 0.5, 0.5, 1.0, 1.0]


def test_nothing_found_is_zero() -> None:
    assert recall_at(["a"], [], 5) == 0.0
    assert reciprocal_rank(["a"], []) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_reciprocal_rank_of_one_right_document_is_scikit_learns(seed: int) -> None:
    # with one relevant document average precision is the reciprocal rank
    rng = np.random.default_rng(seed)
    ranked = [str(n) for n in rng.permutation(8)]
    scores = [[-ranked.index(str(n)) for n in range(8)]]
    truth = np.zeros((1, 8), dtype=int)
    truth[0, 3] = 1

    expected = label_ranking_average_precision_score(truth, scores)

    assert reciprocal_rank(["3"], ranked) == pytest.approx(expected)


def test_of_several_right_documents_the_first_counts() -> None:
    assert reciprocal_rank(["b", "c"], ["a", "b", "c"]) == 0.5
