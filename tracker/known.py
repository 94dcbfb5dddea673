"""What a service knows of the records without deriving them again at every request.

    log as it was last seen  --the same-------->  the rows as they are
                             --went on--------->  the records it names, derived anew
                             --another log----->  everything anew (a backup came back)

A row must be made of its own record and that record's events alone, or else ``also``
names the records that what happened to others changes; a kind's bulk is left out.
Only lists live on this: the page of one record reads the record.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast

from tracker import records
from tracker.records import Raw
from tracker.schema import Kind
from tracker.store import Store

T = TypeVar("T")
_AT_ONCE = 50  # records
_REMEMBERED = 32  # answers
Make = Callable[[Raw], Any]
Also = Callable[[set[str]], set[str]]  # subjects of the log -> records to make anew


@dataclass(frozen=True, slots=True)
class _Kept:
    seq: int
    hash: str
    stamp: object
    rows: Mapping[str, Any]


class Known:
    """Rows by name, shared by all requests of a service."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._kept: dict[str, _Kept] = {}
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self.whole: set[Hashable] = set()  # what was opened and found whole

    def rows(
        self,
        store: Store,
        name: str,
        kind: Kind,
        make: Callable[[Raw], T],
        *,
        stamp: object = None,
        also: Also = lambda subjects: subjects,
    ) -> Mapping[str, T]:
        """Return a row of each record of a kind by its id, in the order of the table.

        ``stamp`` is all that the rows are made of beside records, such as the date:
        with another one all are made anew. The mapping is shared and never changed.
        """
        with self._lock_of(name), store.reading():
            seq, hash = _tip(store)
            kept = self._kept.get(name)
            if kept is None or kept.stamp != stamp or not _goes_on(store, kept):
                found = {raw.row["id"]: make(raw) for raw in _every(store, kind)}
            elif kept.seq == seq:
                return cast(Mapping[str, T], kept.rows)
            else:
                raws = _of(store, kind, also(_subjects(store, kept.seq)))
                found = {**kept.rows, **{raw.row["id"]: make(raw) for raw in raws}}
            self._kept[name] = _Kept(seq, hash, stamp, found)
            return found

    def read_once(
        self, store: Store, kind: Kind, parts: Mapping[str, tuple[Make, object]]
    ) -> None:
        """Make several lists of one kind in one reading, where none of them is known.

        ``parts`` has the name of each, how its rows are made, and its stamp.
        """
        with ExitStack() as locks, store.reading():
            for name in sorted(parts):
                locks.enter_context(self._lock_of(name))
            if parts.keys() & self._kept.keys():
                return
            seq, hash = _tip(store)
            made: dict[str, dict[str, Any]] = {name: {} for name in parts}
            for raw in _every(store, kind):
                for name, (make, _) in parts.items():
                    made[name][raw.row["id"]] = make(raw)
            for name, (_, stamp) in parts.items():
                self._kept[name] = _Kept(seq, hash, stamp, made[name])

    def answer(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for a key, the last few of them; else make it now.

        The key must have all that the answer depends on.
        """
        with self._lock_of(str(key)):
            with self._lock:
                if key in self._answers:
                    self._answers.move_to_end(key)
                    return cast(T, self._answers[key])
            made = make()
            with self._lock:
                self._answers[key] = made
                while len(self._answers) > _REMEMBERED:
                    self._locks.pop(str(self._answers.popitem(last=False)[0]), None)
            return made

    def _lock_of(self, name: str) -> Lock:
        with self._lock:
            return self._locks.setdefault(name, Lock())


def _every(store: Store, kind: Kind) -> Iterator[Raw]:
    """Yield every record of a kind; few are held at once, since bodies are long."""
    rows = store.rows(f"SELECT id FROM {kind.table} ORDER BY rowid")
    ids = [row["id"] for row in rows]
    for first in range(0, len(ids), _AT_ONCE):
        yield from _of(store, kind, ids[first : first + _AT_ONCE])


def _tip(store: Store) -> tuple[int, str]:
    found = store.rows("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    return (found[0]["seq"], found[0]["hash"]) if found else (0, "")


def _goes_on(store: Store, kept: _Kept) -> bool:
    """Return whether the log still has the entry that was the newest."""
    if kept.seq == 0:
        return False
    found = store.rows("SELECT hash FROM audit WHERE seq = ?", [kept.seq])
    return bool(found) and found[0]["hash"] == kept.hash


def _subjects(store: Store, after: int) -> set[str]:
    query = "SELECT DISTINCT subject FROM audit WHERE seq > ?"
    return {row["subject"] for row in store.rows(query, [after])}


def _of(store: Store, kind: Kind, ids: Collection[str]) -> list[Raw]:
    where = "id IN (SELECT value FROM json_each(?))"  # any number of them
    wanted = [json.dumps(sorted(ids))]
    return records.read(store, kind, where, wanted, without_bulk=True)
