"""Conditions of an acceptance: named once, seen to by somebody, closed by evidence.

Each step is recorded with its actor, and answered with the decision as it then stands.
"""

from collections.abc import Sequence
from pathlib import Path

from tracker import conditions
from tunewise.domain.errors import StatusError
from tunewise.workflow.decisions import links
from tunewise.workflow.decisions.seen import require_seen
from tunewise.workflow.decisions.shown import show
from tunewise.workflow.home import Home
from tunewise.workflow.statements import day, plain, required
from tunewise.workflow.views import View


def each_once(conditions: Sequence[str]) -> Sequence[str]:
    """Return the conditions; refuse one that is named twice, in whatever case."""
    known = [condition.casefold() for condition in conditions]
    for n, condition in enumerate(conditions):
        if condition.casefold() in known[:n]:
            raise StatusError(
                f"condition: {condition!r} is named twice\n"
                "  Each condition is closed once: name it once."
            )
    return conditions


def assign_condition(
    home: Home, id: str, n: int, *, owner: str = "", due: str = "", seen: str = ""
) -> View:
    """Record who sees to a condition and by when; what is left out stays."""
    owner = plain("owner", owner)
    if not (owner or due):
        raise StatusError(
            f"decision {id}: condition {n}: nothing is said\n"
            "  Say who sees to it, --owner NAME, by when, --due DATE, or both."
        )
    with home.store() as store, store.writing(home.actor, home.now()):
        require_seen(store, id, seen)
        conditions.assign(
            store,
            id,
            n,
            owner=owner,
            due=day("due", due),
            actor=home.actor,
            at=home.now(),
        )
    return show(home, id)


def close_condition(
    home: Home,
    id: str,
    n: int,
    *,
    evidence: str,
    because: str,
    seen: str = "",
    documents: Path | None = Path(),
) -> View:
    """Record that a condition was met, and the evidence that shows it.

    A document that is a file is kept with the record; with ``documents`` None no file
    is read, and it stays a name.
    """
    because, evidence = required("because", because), plain("evidence", evidence)
    with home.store() as store, store.writing(home.actor, home.now()):
        require_seen(store, id, seen)
        found = links.of_text(store, "evidence", evidence, folder=documents)
        (link,) = links.keep(store, [found])
        conditions.close(
            store,
            id,
            n,
            evidence=f"{link.kind}:{link.reference}",
            because=because,
            digest=link.digest,
            checked=link.checked,
            blobs=links.digests_of([link]),
            actor=home.actor,
            at=home.now(),
        )
    return show(home, id)
