"""Whether a decision is still what somebody has before them who acts on it.

A form carries the number of the log's newest entry about its decision. Where another
entry has been written since, whoever sends the form is told, and nothing is recorded.
"""

from tracker import audit
from tracker.store import Store
from tunewise.domain.errors import Stale

_NAMES = 3  # of what happened since, at most


def require_seen(store: Store, id: str, seen: str) -> None:
    """Refuse to act on what has changed since it was read; "" asks for nothing.

    Call it inside the transaction that writes.

    Raises
    ------
    Stale
        If the log has an entry about it that is newer than ``seen``.
    """
    if not seen:
        return
    since = [e for e in audit.events(store, subject=id) if str(e.seq) != seen]
    newer = [e for e in since if not seen.isdigit() or e.seq > int(seen)]
    if newer:
        told = "; ".join(f"{e.action} by {e.actor} at {e.at}" for e in newer[-_NAMES:])
        raise Stale(
            f"decision {id} has changed since you opened it: {told}\n"
            "  Nothing was recorded. Read what holds now, and send it again if it "
            "still stands."
        )
