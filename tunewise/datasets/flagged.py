"""The training examples that a quality report names: by code, by their place in train.

Lines are those of the file that was read; a version keeps places in the split as it is
stored, which stay right when the file is gone.
"""

from collections.abc import Iterable, Mapping, Sequence

from tunewise.datasets.findings import file_of
from tunewise.domain.dataset import Example, QualityFinding, Severity, Split

# These say nothing of what is trained on: keys that are left out, documents, and
# lengths, which the training's own settings (max_length, too_long) deal with.
_NOT_TRAINED_ON = frozenset(
    {
        "unknown_key",
        "message_unrecognized_key",
        "bad_timestamp",
        "gold_doc_unknown",
        "over_long",
        "over_context",
    }
)


def flagged(
    train: Sequence[Example],
    findings: Iterable[QualityFinding],
    files: Mapping[str, str],
) -> dict[str, tuple[int, ...]]:
    """Return by code the places in train (from 1) that warnings and faults name.

    Notes flag nothing; a finding about the split as a whole names no example.

    Parameters
    ----------
    train : with the lines of its file
    files : file name by role, as the findings print it
    """
    file = file_of(files, Split.TRAIN)
    found: dict[str, set[int]] = {}
    for each in findings:
        grave = each.severity is not Severity.NOTE
        if grave and each.file == file and each.code not in _NOT_TRAINED_ON:
            found.setdefault(each.code, set()).update(each.lines)
    places = {
        code: tuple(n for n, e in enumerate(train, start=1) if e.line in lines)
        for code, lines in sorted(found.items())
    }
    return {code: named for code, named in places.items() if named}
