"""Which decision follows which: the draft that shall replace the one in force."""

from collections.abc import Iterable
from typing import Protocol

from tracker import records
from tracker.decision_row import DecisionRow, derive
from tracker.schema import DECISION
from tracker.store import Store
from tunewise.domain.decision import Actor, Status


class Follower(Protocol):
    """What must be known of a decision to tell which one it shall replace."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> Status: ...  # noqa: D102
    @property
    def supersedes(self) -> str: ...  # noqa: D102
    @property
    def accepted_by(self) -> Actor | None: ...  # noqa: D102


def successors(rows: Iterable[Follower]) -> dict[str, str]:
    """Return the proposed successor of each accepted decision that has one, by id."""
    by_id = {row.id: row for row in rows}
    found = {}
    for row in by_id.values():
        if row.status is not Status.PROPOSED:
            continue
        older = by_id.get(row.supersedes)
        while older and not older.accepted_by:
            older = by_id.get(older.supersedes)
        if older and older.status is Status.ACCEPTED:
            found[older.id] = row.id
    return found


def successor_of(store: Store, id: str) -> str:
    """Return the proposed successor of an accepted decision, "" where it has none."""
    return successors(with_followers(store, id)).get(id, "")


def with_followers(store: Store, id: str) -> list[DecisionRow]:
    """Return a decision and all that supersede it, one after the other."""
    where = (
        f"id IN (WITH RECURSIVE line (id) AS (SELECT ? UNION SELECT d.id"
        f" FROM {DECISION.table} d JOIN line ON d.supersedes = line.id)"
        " SELECT id FROM line)"
    )
    return [derive(raw) for raw in records.read(store, DECISION, where, [id])]
