"""Anchors: the head of the chain put where an owner of this folder cannot change it.

    statement {seq, head, first, at}  --outside-->  a git tag, a file, a time stamp
                                      --here----->  the log entry "anchor.made"

``first`` is the hash of entry 1: it says whose chain the head belongs to. A statement
kept outside finds what the chain alone cannot: its end cut off, or all of it rewritten.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker import audit, canonical
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError

_ACTION = "anchor.made"
_MARK = "anchor"  # what a statement says it is


@dataclass(frozen=True, slots=True)
class Statement:
    """The head of a chain at a moment."""

    seq: int
    head: str
    first: str
    at: str

    def as_text(self) -> str:
        """Return the one line of canonical JSON that is kept outside."""
        return canonical.to_text(
            {
                "at": self.at,
                "first": self.first,
                "head": self.head,
                "seq": self.seq,
                "tunewise": _MARK,
            }
        )

    @property
    def short(self) -> str:
        """Return ``12-0a1b2c3d``, as in the name of a tag."""
        return f"{self.seq}-{self.head.removeprefix('sha256:')[:8]}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """An anchor that was made: where its statement is kept."""

    seq: int  # of its own entry in the log
    place: str  # git, file or tsa
    where: str  # the repository, the file, the address
    name: str  # of the tag, "" elsewhere
    statement: Statement
    kept: Mapping[str, str]  # what is kept here as blobs: token, ca
    at: str
    by: str


def statement_of(store: Store, *, at: str) -> Statement:
    """Return the statement of today's chain."""
    with store.reading():
        first = store.rows("SELECT hash FROM audit ORDER BY seq LIMIT 1")
        last = store.rows("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    if not last:
        raise StatusError(
            f"{store.path}: nothing is recorded yet, so there is nothing to anchor\n"
            "  Anchor after the first record."
        )
    return Statement(last[0]["seq"], last[0]["hash"], first[0]["hash"], at)


def parse(line: str) -> Statement | None:
    """Return the statement that a line holds, None where it holds none."""
    try:
        said = json.loads(line)
        if said["tunewise"] != _MARK:
            return None
        seq = int(said["seq"])
        if not 0 < seq <= audit.LAST:
            return None
        return Statement(seq, str(said["head"]), str(said["first"]), str(said["at"]))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None


def record(
    store: Store,
    statement: Statement,
    *,
    place: str,
    where: str,
    actor: Actor,
    at: str,
    name: str = "",
    kept: Mapping[str, str] | None = None,
) -> Anchor:
    """Log that a statement was put outside."""
    payload: dict[str, Any] = {
        "place": place,
        "where": where,
        "name": name,
        "statement": statement.as_text(),
        "kept": dict(kept or {}),
    }
    subject = name or f"{place} {where}"
    event = audit.append(
        store, action=_ACTION, subject=subject, payload=payload, actor=actor, at=at
    )
    made = _anchor(event.seq, payload, at, actor.name)
    if made is None:
        raise RuntimeError(f"an anchor that cannot be read back: {payload}")
    return made


def made(store: Store) -> list[Anchor]:
    """Return every anchor that the log names, oldest first."""
    found = (
        _anchor(event.seq, event.payload, event.at, event.actor)
        for event in audit.events(store, action=_ACTION)
    )
    return [anchor for anchor in found if anchor]


def wrong_with(store: Store, statement: Statement) -> str:
    """Return how today's chain contradicts a statement, "" where it does not."""
    there = store.rows("SELECT hash FROM audit WHERE seq = ?", [statement.seq])
    when = f"the head that was anchored at {statement.at}"
    if not there:
        last = store.rows("SELECT coalesce(max(seq), 0) AS seq FROM audit")[0]["seq"]
        return (
            f"the log ends at entry {last}, and entry {statement.seq} is {when}: "
            "the end of the log was cut off"
        )
    if there[0]["hash"] != statement.head:
        return (
            f"entry {statement.seq} of the log is not {when}: "
            "the log was rewritten, from this entry or an earlier one on"
        )
    return ""


def _anchor(seq: int, said: Mapping[str, Any], at: str, by: str) -> Anchor | None:
    """Return the anchor of a log entry; one edited from outside may hold none."""
    statement = parse(str(said.get("statement", "")))
    kept = said.get("kept")
    if statement is None or not isinstance(kept, Mapping):
        return None
    return Anchor(
        seq=seq,
        place=str(said.get("place", "")),
        where=str(said.get("where", "")),
        name=str(said.get("name", "")),
        statement=statement,
        kept={str(k): str(v) for k, v in kept.items()},
        at=at,
        by=by,
    )
