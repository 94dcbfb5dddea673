"""Every check of a dataset's content, run in one go.

The format's faults are found while parsing (``chat``, ``documents``); these look at
what can be read. None changes the data.
"""

from collections.abc import Callable, Mapping

from tunewise.datasets.documents import check_gold_ids
from tunewise.datasets.duplicates import check_duplicates, check_leakage
from tunewise.datasets.fields import check_json
from tunewise.datasets.findings import in_order
from tunewise.datasets.personal import check_personal
from tunewise.datasets.references import check_labels, check_wording
from tunewise.datasets.sizes import check_lengths, check_sizes, check_variety
from tunewise.domain.dataset import Dataset, QualityFinding

MAX_TOKENS = 1024  # the default max_length of [finetune]


def check(
    dataset: Dataset,
    *,
    files: Mapping[str, str],
    count_tokens: Callable[[str], int] | None = None,
    max_tokens: int = MAX_TOKENS,
    schema: Mapping[str, object] | None = None,
) -> tuple[QualityFinding, ...]:
    """Return what is found in a dataset, the gravest first.

    Parameters
    ----------
    dataset : Dataset
        With its splits filled (``splits.fill``), or leakage cannot be seen.
    files : mapping
        File name by role (train, validation, heldout, documents), for the findings.
    count_tokens : callable, optional
        Tokens of a text by the base model's tokenizer; without it no length is
        judged.
    max_tokens : int
        The longest example that training takes.
    schema : mapping, optional
        A JSON Schema that references must follow.
    """
    return in_order(
        (
            *check_sizes(dataset, files),
            *check_duplicates(dataset, files),
            *check_leakage(dataset, files),
            *check_labels(dataset, files),
            *check_json(dataset, files, schema),
            *check_wording(dataset, files),
            *check_personal(dataset, files),
            *check_lengths(dataset, files, count_tokens, max_tokens),
            *check_variety(dataset, files),
            *check_gold_ids(dataset, files),
        )
    )
