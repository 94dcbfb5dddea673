"""Groups of validation and held-out that train does not show."""

from collections.abc import Iterator, Mapping

from tunewise.datasets.findings import counted, file_of, finding, name_of, percent
from tunewise.domain.dataset import Dataset, QualityFinding, Severity, Split


def check_groups(
    dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    """Say which examples come from groups that train has none of.

    That is as it should be where groups are customers or documents, and a gap where
    they are products or languages: only a person can tell, so it is a note.
    """
    trained = {e.group for e in dataset.split(Split.TRAIN) if e.group}
    if not trained:
        return
    for split in (Split.VALIDATION, Split.HELDOUT):
        examples = dataset.split(split)
        unseen = [e for e in examples if e.group and e.group not in trained]
        if unseen:
            groups = sorted({e.group for e in unseen})
            message = (
                f"{counted(len(groups), 'group')} of {name_of(split)} "
                f"({percent(len(unseen), len(examples))} of its examples) that train "
                f"does not show (such as {groups[0]!r}). The scores say how well "
                "groups are answered that were never trained on."
            )
            yield finding(
                "unseen_groups",
                Severity.NOTE,
                file=file_of(files, split),
                lines=[e.line for e in unseen],
                message=message,
            )
