"""Walking the chain: is each entry as it was written, in its place, after its own?

    entry whose hash is its own           genuine, in its place
    entry whose hash fits another number  genuine, moved or renumbered
    entry whose hash fits no number       changed after it was written

An entry rewritten together with its hash is given away by the next one, which was
written after another. Rewriting all that follows too is what a head printed elsewhere
is for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tracker import canonical, chain
from tracker.problems import Problem, ranges, span
from tunewise.domain.errors import TunewiseError
from tunewise.domain.model import AuditEvent

_NEAR = 64  # places that an entry which is not in its own is looked for at
_SEARCHES = 1000  # then no more are looked for: an edited log must not take hours


@dataclass(frozen=True, slots=True)
class Logged:
    """The entry of the log that covers a row, and the row's digest in it."""

    digest: str
    seq: int
    action: str
    subject: str
    actor: str
    at: str


@dataclass(slots=True)
class Walk:
    """What a walk over the log has seen: filled by :func:`problems`."""

    logged: dict[str, Logged] = field(default_factory=dict)  # by table/id
    entries: int = 0
    _stand: set[int] = field(default_factory=set)  # numbers that are accounted for
    _twice: list[int] = field(default_factory=list)
    _moved: list[tuple[int, int]] = field(default_factory=list)  # stands as, written as
    _searches: int = 0


def problems(rows: Iterable[Mapping[str, Any]], walk: Walk) -> Iterator[Problem]:
    """Yield what does not hold in the rows of the audit table, given in order."""
    last: AuditEvent | None = None
    trusted = True  # whether nothing was said about the entry before
    for row in rows:
        walk.entries += 1
        event, genuine = _entry(row)
        written_as = event.seq if genuine else _own_place(event, walk)
        twice = (number := written_as or event.seq) in walk._stand
        if twice:
            walk._twice.append(number)
        walk._stand.add(number)
        if written_as is None:
            yield _problem(event, "was changed after it was written")
        elif written_as != event.seq:
            walk._moved.append((event.seq, written_as))
        elif trusted and _breaks(last, event):
            yield _problem(event, _not_after(last))
        trusted = written_as == event.seq
        last = event
        # what a changed entry says is not proven, but reported only once
        for key, digest in covered(event):
            first = walk.logged.setdefault(key, _logged(event, digest))
            if first.seq != event.seq and not twice:
                yield _problem(event, _written_before(key, first))
    yield from _moves(walk._moved)
    for number in sorted(walk._twice):
        message = f"entry {number} of the log stands twice: one was slipped in"
        yield Problem("log", f"audit/{number}", message)
    yield from _gaps(walk._stand)


def covered(event: AuditEvent) -> list[tuple[str, str]]:
    """Return the rows that an entry wrote, by ``table/id``, with their digests."""
    said: object = event.payload
    records = said.get("records") if isinstance(said, dict) else None
    return list(records.items()) if isinstance(records, dict) else []


def is_genuine(row: Mapping[str, Any]) -> bool:
    """Return whether the hash of an entry's row is its own."""
    return _entry(row)[1]


def _entry(row: Mapping[str, Any]) -> tuple[AuditEvent, bool]:
    """Return the entry of a row, and whether its hash is its own."""
    try:
        event = chain.from_row(row)
        text = canonical.to_text(event.payload)
        return event, text == row["payload"] and chain.entry_hash(event) == event.hash
    except (ValueError, TypeError, TunewiseError):
        return AuditEvent(**{**row, "payload": {}}), False


def _own_place(event: AuditEvent, walk: Walk) -> int | None:
    """Return the number under which a displaced entry was written, if it is one."""
    if walk._searches >= _SEARCHES:
        return None
    shift = walk._moved[-1][1] - walk._moved[-1][0] if walk._moved else 0
    near = (step * sign for step in range(1, _NEAR + 1) for sign in (1, -1))
    for distance in (*([shift] if shift else []), *near):
        number = event.seq + distance
        try:
            if chain.entry_hash(replace(event, seq=number)) == event.hash:
                return number
        except (TypeError, ValueError, TunewiseError):
            break
    walk._searches += 1
    return None


def _breaks(last: AuditEvent | None, event: AuditEvent) -> bool:
    """Return whether an entry that stands right after another was not written so."""
    if last is None:
        return event.seq == 1 and event.previous != ""
    return event.seq == last.seq + 1 and event.previous != last.hash


def _not_after(last: AuditEvent | None) -> str:
    if last is None:
        return "is not the first that was written: entries before it are gone"
    return (
        "was not written after the entry that stands before it: entry "
        f"{last.seq} ({last.action} of {last.subject} by {last.actor}) was rewritten "
        "or slipped in, or entries between them are gone"
    )


def _logged(event: AuditEvent, digest: str) -> Logged:
    return Logged(digest, event.seq, event.action, event.subject, event.actor, event.at)


def _written_before(key: str, first: Logged) -> str:
    """Say that an entry covers a row again: a row is written once, never changed."""
    return (
        f"says that it wrote {key}, which entry {first.seq} ({first.action} of "
        f"{first.subject} by {first.actor}) had written: one of them was slipped in"
    )


def _problem(event: AuditEvent, what: str) -> Problem:
    said = f"entry {event.seq} of the log ({event.action} of {event.subject} by "
    return Problem("log", f"audit/{event.seq}", f"{said}{event.actor}) {what}")


def _moves(moved: list[tuple[int, int]]) -> Iterator[Problem]:
    """Yield each stretch of displaced entries that keeps its distance as one."""
    for shift in dict.fromkeys(written - stands for stands, written in moved):
        places = [stands for stands, written in moved if written - stands == shift]
        for first, last in ranges(places):
            here, there = span(first, last), span(first + shift, last + shift)
            yield Problem(
                "log",
                f"audit/{first}",
                f"what stands as {here} of the log was written as {there}: "
                "entries were moved or renumbered",
            )


def _gaps(stand: set[int]) -> Iterator[Problem]:
    gone = sorted(set(range(1, max(stand, default=0) + 1)) - stand)
    for first, last in ranges(gone):
        verb = "is" if first == last else "are"
        yield Problem(
            "log", f"audit/{first}", f"{span(first, last)} of the log {verb} gone"
        )
