"""Every check of a dataset's content, run in one go.

The format's faults are found while parsing (``chat``, ``documents``); these look at
what can be read. None changes the data.
"""

from collections.abc import Mapping

from tunewise.datasets.documents import check_gold_ids
from tunewise.datasets.duplicates import check_duplicates, check_leakage
from tunewise.datasets.fields import check_json
from tunewise.datasets.findings import in_order
from tunewise.datasets.groups import check_groups
from tunewise.datasets.personal import check_personal
from tunewise.datasets.references import check_labels, check_wording
from tunewise.datasets.sizes import check_lengths, check_sizes, check_variety
from tunewise.datasets.tokens import TokenCounts
from tunewise.datasets.turns import check_turns
from tunewise.domain.dataset import Dataset, QualityFinding


def check(
    dataset: Dataset,
    *,
    files: Mapping[str, str],
    tokens: TokenCounts | None = None,
    schema: Mapping[str, object] | None = None,
) -> tuple[QualityFinding, ...]:
    """Return what is found in a dataset, the gravest first.

    Parameters
    ----------
    dataset : Dataset
        With its splits filled (``splits.fill``), or leakage cannot be seen.
    files : mapping
        File name by role (train, validation, heldout, documents), for the findings.
    tokens : TokenCounts, optional
        The lengths as ``tokens.count`` finds them; without them none is judged.
    schema : mapping, optional
        A JSON Schema that references must follow.
    """
    return in_order(
        (
            *check_sizes(dataset, files),
            *check_turns(dataset, files),
            *check_duplicates(dataset, files),
            *check_leakage(dataset, files),
            *check_groups(dataset, files),
            *check_labels(dataset, files),
            *check_json(dataset, files, schema),
            *check_wording(dataset, files),
            *check_personal(dataset, files),
            *check_lengths(dataset, files, tokens),
            *check_variety(dataset, files),
            *check_gold_ids(dataset, files),
        )
    )
