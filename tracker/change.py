"""One write transaction as the records see it: rows in, log entries that cover them.

with store.writing(actor, at) as change:
    change.insert("decisions", row)           the row, and its content digest
    change.log("decision.proposed", id, {})   the entry that holds the digest
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlite_utils import Database

from tracker import canonical, chain
from tunewise.domain.decision import Actor
from tunewise.domain.model import AuditEvent


class Change:
    """One write transaction: rows, and the log entry that names their digests."""

    def __init__(self, db: Database, actor: Actor, at: str) -> None:
        self.actor = actor
        self.at = at
        self._db = db
        self._digests: dict[str, str] = {}

    def insert(self, table: str, row: Mapping[str, object]) -> None:
        """Write a row of a record table; the next log entry will hold its digest.

        ``at``, ``by`` and ``identity`` are added to it.
        """
        who = {"at": self.at, "by": self.actor.name, "identity": self.actor.identity}
        stored = {k: v for k, v in {**row, **who}.items() if v is not None}
        digest = canonical.row_digest(stored)  # first: it refuses broken text
        self._db.table(table).insert(stored)
        self._digests[f"{table}/{row['id']}"] = digest

    def execute(self, sql: str, values: Sequence[object] = ()) -> None:
        """Write to a table that holds no records: leases, points, the search index."""
        self._db.execute(sql, values)

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Write many rows of such a table."""
        self._db.conn.executemany(sql, rows)

    def next_id(self, table: str) -> int:
        """Return the id of the next row of a table numbered in order."""
        query = f"SELECT coalesce(max(id), 0) + 1 FROM {table}"
        return int(self._db.execute(query).fetchone()[0])

    def log(
        self, action: str, subject: str, payload: Mapping[str, object] | None = None
    ) -> AuditEvent:
        """Append the entry for what was inserted since the last one."""
        records = {"records": self._digests} if self._digests else {}
        event = chain.append(
            self._db,
            at=self.at,
            actor=self.actor,
            action=action,
            subject=subject,
            payload={**(payload or {}), **records},
        )
        self._digests = {}
        return event

    def check(self) -> None:
        """Refuse to end with rows that no log entry covers: that is a bug."""
        if self._digests:
            raise RuntimeError(f"written but not logged: {sorted(self._digests)}")
