"""Parts of the training examples that the finetune arm is measured on once more.

    finetune_quarter, finetune_half   would more examples help?
    finetune_unflagged                quality over quantity: without the examples that
                                      the quality report of the version names

Chosen by the examples' own content, so that what is resumed is what was planned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tunewise.datasets.splits import part
from tunewise.domain.dataset import Dataset, Example, Split
from tunewise.domain.experiment import HALF, QUARTER, UNFLAGGED, ExperimentSpec

LEAST = 16  # examples; a training on fewer says nothing of more
FEWEST = 0.01  # of train that is flagged; to leave out less moves no score
SHARES: Mapping[str, int] = {QUARTER: 4, HALF: 2}  # one of so many parts of train


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the training examples, and why others are not among them."""

    examples: tuple[Example, ...]
    flagged: int = 0  # examples that are left out for what the quality report says
    left_out: Mapping[str, int] = field(default_factory=dict)  # those by code


def parts_of(
    spec: ExperimentSpec,
    content: Dataset,
    whole: Dataset,
    flagged: Mapping[str, Sequence[int]] | None,
) -> dict[str, Part]:
    """Return by diagnostic what it trains on; those with too few examples are left out.

    So is the one without flagged examples where hardly any are flagged.

    Parameters
    ----------
    content : what the experiment's limits leave of ``whole``
    whole : the dataset version
    flagged : by code the places in its train split (from 1); None: not known
    """
    if "finetune" not in spec.arms:
        return {}
    train = content.split(Split.TRAIN)
    shares = SHARES if spec.finetune.curve else {}
    found = {arm: Part(part(train, of)) for arm, of in shares.items()}
    if spec.finetune.without_flagged and flagged:
        without = _unflagged(train, whole.split(Split.TRAIN), flagged)
        if without.flagged >= FEWEST * len(train):
            found[UNFLAGGED] = without
    return {
        arm: each
        for arm, each in found.items()
        if LEAST <= len(each.examples) < len(train)
    }


def _unflagged(
    train: Sequence[Example],
    whole: Sequence[Example],
    flagged: Mapping[str, Sequence[int]],
) -> Part:
    """Return train without what is flagged; one example may have several codes."""
    lines = {
        code: {whole[n - 1].line for n in places} for code, places in flagged.items()
    }
    named = set().union(*lines.values())
    left_out = {code: sum(e.line in of for e in train) for code, of in lines.items()}
    kept = tuple(e for e in train if e.line not in named)
    return Part(
        kept,
        flagged=len(train) - len(kept),
        left_out={code: n for code, n in left_out.items() if n},
    )
