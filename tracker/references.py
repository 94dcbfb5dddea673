"""Which blobs the records rest on, and which of them nothing needs any more."""

from collections.abc import Iterable
from pathlib import Path

from tracker import blobs, records
from tracker.audit import Problem
from tracker.schema import KINDS
from tracker.store import Store


def referenced(store: Store) -> dict[str, tuple[str, ...]]:
    """Return the records that rest on each blob; deleted dataset versions do not."""
    held: dict[str, list[str]] = {}
    with store.reading():
        for kind in KINDS:
            for raw in records.read(store, kind):
                if any(event.action == "deleted" for event in raw.events):
                    continue
                own = set(raw.row["blobs"]).union(*(e.blobs for e in raw.events))
                for digest in sorted(own):
                    held.setdefault(digest, []).append(str(raw.row["id"]))
    return {digest: tuple(names) for digest, names in sorted(held.items())}


def unreferenced(store: Store, digests: Iterable[str]) -> list[str]:
    """Return those of the blobs that no record rests on: they may be removed."""
    held = referenced(store)
    return sorted(set(digests) - set(held))


def verify(
    store: Store, *, folder: Path | None = None, expected: Iterable[str] | None = None
) -> list[Problem]:
    """Re-hash every blob that a record rests on; report the missing and damaged.

    ``expected`` narrows it to these digests.
    """
    wanted = None if expected is None else set(expected)
    place = folder or store.blobs
    problems = []
    for digest, names in referenced(store).items():
        if wanted is not None and digest not in wanted:
            continue
        if not blobs.is_whole(place, digest):
            state = "damaged" if blobs.has(place, digest) else "missing"
            message = f"the blob {digest} that {', '.join(names)} rests on is {state}"
            problems.append(Problem("blob", names[0], message))
    return problems
