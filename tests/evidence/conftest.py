"""Builds counts and paired scores for the tests of this folder."""

import numpy as np
import pytest

from tunewise.evidence.aggregates import mean
from tunewise.evidence.paired import PairedScores


def shares(values) -> np.ndarray:
    """Counts of the mean: one value for each example."""
    column = np.asarray(values, dtype=np.float64)
    return np.stack([column, np.ones_like(column)], axis=1)


@pytest.fixture
def counts():
    return shares


@pytest.fixture
def paired():
    def build(arm: str, values, groups=None, digest: str = "sha256:1") -> PairedScores:
        return PairedScores(arm, shares(values), mean, digest, groups)

    return build
