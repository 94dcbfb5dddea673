"""The links of the audit chain: each entry's hash covers the hash before it.

    hash = sha256(canonical{seq, at, actor, identity, action, subject, payload,
                            previous})

``payload["records"]`` holds the content digest of every row that the entry wrote, by
``table/id``, so the chain covers the records and not only itself.
"""

from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from tracker import canonical
from tunewise.domain.decision import Actor
from tunewise.domain.model import AuditEvent

COLUMNS = (
    "seq",
    "at",
    "actor",
    "identity",
    "action",
    "subject",
    "payload",
    "previous",
)


def append(
    db: Database,
    *,
    at: str,
    actor: Actor,
    action: str,
    subject: str,
    payload: Mapping[str, object],
) -> AuditEvent:
    """Append the next entry; only inside a transaction that holds the write lock."""
    last = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    seq, previous = last.fetchone() or (0, "")
    entry: dict[str, Any] = {
        "seq": seq + 1,
        "at": at,
        "actor": actor.name,
        "identity": actor.identity,
        "action": action,
        "subject": subject,
        "payload": dict(payload),
        "previous": previous,
    }
    link = canonical.digest(entry)
    columns = ", ".join(f'"{name}"' for name in (*COLUMNS, "hash"))
    db.execute(
        f"INSERT INTO audit ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*({**entry, "payload": canonical.to_text(payload)}.values()), link],
    )
    return AuditEvent(**entry, hash=link)


def from_row(row: Mapping[str, Any]) -> AuditEvent:
    """Return the entry that a row of the audit table holds.

    A payload that is no JSON object was put in from outside: it is read as empty, so
    that the rest can be read, and the entry's hash is not its own.
    """
    return AuditEvent(**{**row, "payload": _payload(row["payload"])})


def _payload(text: str) -> dict[str, Any]:
    try:
        said: object = canonical.from_text(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def entry_hash(event: AuditEvent) -> str:
    """Return the hash that an entry must have."""
    return canonical.digest(_hashed(event))


def entry_text(event: AuditEvent) -> str:
    """Return the text whose sha256 is the hash of an entry."""
    return canonical.to_text(_hashed(event))


def _hashed(event: AuditEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in COLUMNS}
