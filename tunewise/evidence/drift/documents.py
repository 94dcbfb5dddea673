"""Documents since training, by hash: nothing is drawn here, so nothing is by chance."""

from collections.abc import Mapping, Sequence

from tunewise.domain.dataset import Example
from tunewise.evidence.drift.finding import LEAST, DriftFinding, percent
from tunewise.evidence.intervals import wilson

ACTS = 0.05
FACT = "knowledge_changes"

Hashes = Mapping[str, str]  # by the document's id


def document_change(before: Hashes, later: Hashes) -> DriftFinding:
    """Tell what share of all documents was changed, removed or added, and which.

    Both sides are known whole: the share is exact, and its bounds are the share.
    """
    changed = changed_ids(before, later)
    removed = sorted(before.keys() - later.keys())
    added = sorted(later.keys() - before.keys())
    everything = len(before.keys() | later.keys())
    share = (len(changed) + len(removed) + len(added)) / everything
    kinds = {"changed": changed, "removed": removed, "added": added}
    return DriftFinding(
        code="document_change",
        value=share,
        low=share,
        high=share,
        threshold=ACTS,
        fact=FACT,
        drifted=share > ACTS,
        message=(
            f"of {everything:,} documents {len(changed):,} changed, {len(removed):,} "
            f"went, {len(added):,} came"
        ),
        texts={kind: tuple(ids) for kind, ids in kinds.items() if ids},
    )


def documents_asked_for(
    later: Sequence[Example], before: Hashes, now: Hashes
) -> DriftFinding | None:
    """Tell how many later prompts rest on a document that is not as it was.

    None where no later example names the document that it rests on.
    """
    asking = [e for e in later if e.gold_doc_ids]
    if not asking:
        return None
    k = sum(any(before.get(i) != now.get(i) for i in e.gold_doc_ids) for e in asking)
    n = len(asking)
    low, high = wilson(k, n)
    return DriftFinding(
        code="documents_asked_for",
        value=k / n,
        low=low,
        high=high,
        threshold=ACTS,
        fact=FACT,
        drifted=n >= LEAST and low > ACTS,
        message=(
            f"{k:,} of {n:,} later prompts ({percent(k / n)}) rest on a document that "
            "changed, went or came since"
        ),
    )


def changed_ids(before: Hashes, later: Hashes) -> list[str]:
    """Return the documents that both sides have, with another hash."""
    return sorted(i for i in before.keys() & later.keys() if before[i] != later[i])
