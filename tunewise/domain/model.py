"""What the audit log holds: one entry for each change of a record."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry of the hash-chained log."""

    seq: int
    at: str
    actor: str
    identity: str
    action: str  # e.g. decision.accepted
    subject: str  # id of the record that changed
    payload: Mapping[str, object]
    previous: str
    hash: str
