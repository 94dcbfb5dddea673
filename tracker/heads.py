"""A record as it stood when a head was printed: its row and the events until then."""

from dataclasses import replace

from tracker import chain, links, records
from tracker.records import Raw
from tracker.schema import Kind
from tracker.store import Store
from tunewise.domain.errors import NotRecorded
from tunewise.domain.model import AuditEvent


def as_of_head(store: Store, kind: Kind, id: str, head: AuditEvent) -> Raw | None:
    """Return a record as of an entry of the log, None where it was not there yet.

    Not the time but the place in the log decides: a clock may have been wrong.
    """
    rows = store.rows(
        "SELECT * FROM audit WHERE subject = ? AND seq <= ?", [id, head.seq]
    )
    written = {key for row in rows for key, _ in links.covered(chain.from_row(row))}
    if f"{kind.table}/{id}" not in written:
        return None
    try:
        raw = records.one(store, kind, id)
    except NotRecorded:
        return None
    events = (e for e in raw.events if f"{kind.events}/{e.id}" in written)
    return replace(raw, events=tuple(events))
