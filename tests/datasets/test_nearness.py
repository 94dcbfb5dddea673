import itertools
import random

import pytest

from tunewise.datasets.nearness import (
    near_clusters,
    nearest_pairs,
    shingles,
    similarity,
)

WORDS = [
    "the",
    "card",
    "was",
    "charged",
    "twice",
    "at",
    "a",
    "shop",
    "in",
    "town",
    "and",
    "my",
    "bank",
    "says",
    "no",
]


def texts(n: int) -> list[str]:
    rng = random.Random(0)
    found = [" ".join(rng.choices(WORDS, k=12)) + f" {i:05d}" for i in range(n)]
    return found + [t + "!" for t in found[: n // 10]]


def test_similarity_is_the_share_of_common_5_grams() -> None:
    # abcdef: abcde bcdef; abcdefg: abcde bcdef cdefg; 2 common of 3
    assert similarity("abcdef", "abcdefg") == pytest.approx(2 / 3)
    assert similarity("ab", "ab") == 1.0
    assert similarity("", "abcdef") == 0.0


def test_clusters_hold_the_pairs_that_an_all_pairs_search_finds() -> None:
    given = texts(300)
    sets = [shingles(t) for t in given]
    near = {
        (i, j)
        for i, j in itertools.combinations(range(len(given)), 2)
        if len(sets[i] & sets[j]) >= 0.8 * len(sets[i] | sets[j])
    }

    cluster = {i: c for c, m in enumerate(near_clusters(given)) for i in m}

    assert len(near) >= 30
    assert all(i in cluster and cluster[i] == cluster.get(j) for i, j in near)


def test_a_copy_of_another_list_is_found_with_its_partner() -> None:
    first, second = texts(200)[:200], [texts(200)[17] + "?", "something else entirely"]

    pairs = nearest_pairs(first, second)

    assert [(p.first, p.second) for p in pairs] == [(17, 0)]
    assert pairs[0].similarity > 0.9


def test_the_partner_in_a_list_of_one_template_is_found_by_where_it_stands() -> None:
    first = [f"Is ticket {i:06d} known to be a duplicate of a bug?" for i in range(500)]
    second = [text.replace("known", "already known") for text in first]

    pairs = nearest_pairs(first, second, 0.6)

    assert len(pairs) > 480
    assert sum(p.first == p.second for p in pairs) > 300


def test_texts_of_one_template_make_one_cluster_quickly() -> None:
    given = [
        f"Is ticket 20{i:04d} known to be a duplicate of a bug?" for i in range(3000)
    ]

    clusters = near_clusters(given)

    assert len(clusters[0]) > 2_850  # each is compared with four others only


@pytest.mark.parametrize("given", [[], ["alone"], ["", ""], ["a", "b", "\U0001f600"]])
def test_short_and_few_texts_do_no_harm(given: list[str]) -> None:
    clusters = near_clusters(given)

    assert clusters == (((0, 1),) if given == ["", ""] else ())
    assert nearest_pairs(given, []) == ()
