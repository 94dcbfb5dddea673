"""Which blobs the records rest on, and which of them nothing needs any more."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tracker import blobs
from tracker.faults import explained
from tracker.problems import Problem, some
from tracker.schema import KINDS, TEXTS_REMOVED, Kind
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem


def referenced(store: Store) -> dict[str, tuple[str, ...]]:
    """Return the records that rest on each blob; deleted dataset versions do not.

    A time stamp that anchors the log is a blob too: the log itself rests on it.
    """
    held: dict[str, dict[str, None]] = {}
    with store.reading(), explained(store.path):
        for record, digest in (*_of_records(store), *_of_the_log(store)):
            held.setdefault(digest, {})[record] = None
    return {digest: tuple(names) for digest, names in sorted(held.items())}


def unreferenced(store: Store, digests: Iterable[str]) -> list[str]:
    """Return those of the blobs that no record rests on: they may be removed."""
    held = referenced(store)
    return sorted(set(digests) - set(held))


def release(
    store: Store,
    digests: Iterable[str],
    *,
    subject: str,
    because: str,
    actor: Actor,
    at: str,
) -> list[str]:
    """Remove those of the blobs that no record rests on any more, and log which.

    The entry comes first: bytes that are gone without one were lost. The bytes go
    while the write lock is held, so nobody records them meanwhile.
    """
    with store.writing(actor, at) as change:
        gone = [d for d in unreferenced(store, digests) if blobs.has(store.blobs, d)]
        if gone:
            said = {"because": because, "blobs": gone}
            change.log("blobs.removed", subject, said)
    with store.writing(actor, at):
        for digest in unreferenced(store, gone):
            blobs.remove(store.blobs, digest)
    return gone


def verify(
    store: Store, *, folder: Path | None = None, expected: Iterable[str] | None = None
) -> list[Problem]:
    """Re-hash every blob that a record rests on; report the missing and damaged.

    ``expected`` narrows it to these digests.
    """
    wanted = None if expected is None else set(expected)
    place = folder or store.blobs
    found = []
    held = {
        digest: names
        for digest, names in referenced(store).items()
        if wanted is None or digest in wanted
    }
    if held and (place.is_symlink() or not place.is_dir()):
        state = "a link out of its home" if place.is_symlink() else "missing"
        resting = f"records rest on {len(held)} of them"
        message = f"the folder of the blobs is {state}, and {resting}"
        return [Problem("blob", place.name, message)]
    for digest, names in held.items():
        if what := _what_is_wrong(place, digest):
            resting = _resting(store, names, digest)
            found.append(Problem("blob", names[0], f"{what}; {resting}"))
    return found


def unclaimed(store: Store) -> list[str]:
    """Return the blobs in the folder that no record rests on.

    An interrupted command leaves some, so they are no fault; nothing reads them.
    """
    return unreferenced(store, blobs.digests(store.blobs))


def _what_is_wrong(place: Path, digest: str) -> str:
    if not blobs.is_digest(digest):
        return f"{digest!r} is named as a blob and is no digest: it was never written"
    name = blobs.path(Path("blobs"), digest).as_posix()
    try:
        now = blobs.digest_of(place, digest)
    except EnvironmentProblem as error:
        return str(error).splitlines()[0]
    if not now:
        return f"the file {name} is missing"
    if now != digest:
        return f"the file {name} was altered: its content is {now} now"
    return ""


def _resting(store: Store, names: tuple[str, ...], digest: str) -> str:
    """Return who rests on a blob, with its part in the first record's body."""
    verb = "rests" if len(names) == 1 else "rest"
    part = next((f" as {p}" for p in _parts(store, names[0], digest)), "")
    return f"{some(names)} {verb} on it{part}"


def _parts(store: Store, record: str, digest: str) -> Iterator[str]:
    for kind in KINDS:
        for table, key in ((kind.table, "id"), (kind.events, "record")):
            query = f"SELECT body FROM {table} WHERE {key} = ?"
            for row in store.rows(query, [record]):
                body = _json(row["body"])
                yield from _paths(body, digest)


def _paths(value: object, digest: str, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _paths(inner, digest, f"{path}.{key}" if path else str(key))
    elif value == digest:
        yield path


def _of_records(store: Store) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        gone, without = _deleted(store, kind), _texts_removed(store, kind)
        for table, key in ((kind.table, "id"), (kind.events, "record")):
            query = f"SELECT id, {key}, blobs FROM {table} WHERE blobs <> '[]'"
            for id, record, text in store.db.execute(query):
                if record not in gone and id not in without:
                    yield from ((str(record), digest) for digest in _digests(text))


def _of_the_log(store: Store) -> Iterator[tuple[str, str]]:
    query = "SELECT seq, payload FROM audit WHERE action = 'anchor.made'"
    for seq, text in store.db.execute(query):
        said = _json(text)
        kept = said.get("kept") if isinstance(said, dict) else None
        for digest in kept.values() if isinstance(kept, dict) else ():
            yield f"anchor {seq}", str(digest)


def _deleted(store: Store, kind: Kind) -> set[str]:
    query = f"SELECT record FROM {kind.events} WHERE action = 'deleted'"
    return {str(record) for (record,) in store.db.execute(query)}


def _texts_removed(store: Store, kind: Kind) -> set[object]:
    """Return the ids of the events whose texts were taken away."""
    query = f"SELECT body FROM {kind.events} WHERE action = ?"
    said = [_json(text) for (text,) in store.db.execute(query, [TEXTS_REMOVED])]
    return {body.get("event") for body in said if isinstance(body, dict)}


def _digests(text: str) -> list[str]:
    """Return the digests of a row; one damaged from outside is the log's to report."""
    found = _json(text)
    return [str(digest) for digest in found] if isinstance(found, list) else []


def _json(text: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
