"""What happened, what held on a date, and where a word was said.

What *held* then and what was *on record* then are two things: a decision that was
recorded later than it was made held from the day on which it was made.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from tracker import (
    audit,
    chain,
    datasets,
    deployments,
    held,
    models,
    moments,
)
from tracker.datasets import DatasetRow
from tracker.decision_row import DecisionRow
from tracker.deployment_row import Deployment
from tracker.models import ModelRow
from tracker.schema import DECISION, EXPERIMENT
from tracker.store import Store
from tunewise.domain.errors import TunewiseError
from tunewise.domain.model import AuditEvent

LONGEST = 400  # characters of a search
_OF_KIND = " AND (? = '' OR kind = ?)"


@dataclass(frozen=True, slots=True)
class State:
    """The records as they stood at a moment."""

    decisions: tuple[DecisionRow, ...]
    models: tuple[ModelRow, ...]
    datasets: tuple[DatasetRow, ...]  # the deleted ones are left out
    deployments: tuple[Deployment, ...]  # those that ran


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the log, and how many entries there are in all."""

    events: tuple[AuditEvent, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Only:
    """Which entries of the log are asked for; "" asks for all."""

    kind: str = ""  # of record: what its actions begin with
    by: str = ""
    subject: str = ""
    since: str = ""  # a date or moment, itself included


@dataclass(frozen=True, slots=True)
class Hit:
    """A record in which a text was found: its kind, its id, and the words there."""

    kind: str
    record: str
    text: str


def events(store: Store, *, at: str = "", subject: str = "") -> list[AuditEvent]:
    """Return what happened, oldest first, up to a moment or the end of a date."""
    return audit.events(store, at=at, subject=subject)


def page(
    store: Store, *, at: str = "", limit: int, offset: int = 0, only: Only | None = None
) -> Page:
    """Return the newest entries, oldest first; ``offset`` passes over newer ones."""
    where, values = _where(at, only or Only())
    with store.reading():
        (counted,) = store.rows(f"SELECT count(*) AS n FROM audit{where}", values)
        rows = store.rows(
            f"SELECT * FROM audit{where} ORDER BY seq DESC LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
    return Page(tuple(chain.from_row(row) for row in rows[::-1]), counted["n"])


def every(
    store: Store, *, at: str = "", only: Only | None = None
) -> Iterator[AuditEvent]:
    """Yield entries, oldest first, however many, without holding them all."""
    where, values = _where(at, only or Only())
    for row in store.each(f"SELECT * FROM audit{where} ORDER BY seq", values):
        yield chain.from_row(row)


def _where(at: str, only: Only) -> tuple[str, list[str]]:
    # julianday knows offsets and counts milliseconds, as the log does
    asked = {
        'julianday("at") <= julianday(?)': at and moments.until(at).isoformat(),
        'julianday("at") >= julianday(?)': (
            only.since and moments.parse(only.since).isoformat()
        ),
        # a kind as it begins: "decision" is every act on a decision
        "action LIKE ? || '.%'": only.kind.replace("%", "").replace("_", ""),
        "actor = ?": only.by,
        "subject = ?": only.subject,
    }
    found = {test: value for test, value in asked.items() if value}
    return (" WHERE " + " AND ".join(found) if found else ""), list(found.values())


def state(store: Store, *, at: str) -> State:
    """Return what held at a moment, or at the end of a date, as far as known today."""
    with store.reading():
        return State(
            decisions=tuple(held.decisions_at(store, at=at)),
            models=tuple(models.list_all(store, as_of=at)),
            datasets=tuple(datasets.list_all(store, as_of=at)),
            deployments=tuple(deployments.list_all(store, at=at)),
        )


def on_record(store: Store, *, at: str) -> State:
    """Return what was recorded by a moment, or by the end of a date."""
    with store.reading():
        versions = models.list_all(store, as_of=at)
        return State(
            decisions=tuple(held.decisions_recorded(store, at=at)),
            models=tuple(versions),
            datasets=tuple(datasets.list_all(store, as_of=at)),
            deployments=tuple(
                d for row in versions for d in row.deployments if d.runs_at(at)
            ),
        )


def search(
    store: Store, text: str, *, kind: str = "", limit: int = 50, offset: int = 0
) -> list[Hit]:
    """Return the records whose title, name or reasons hold every word of a text.

    Nobody types more than :data:`LONGEST` characters; with more it would take long.

    Words match by their beginning, without regard to case and accents; where that
    finds nothing (or the SQLite has no FTS5) the text is looked for as it stands.
    ``kind`` keeps to the records of one kind, "" to none; ``offset`` passes over the
    best ones.
    """
    text = text.replace("\0", " ").strip()
    if not text:
        return []
    if len(text) > LONGEST:
        raise TunewiseError(
            f"{len(text):,} characters to search for, and {LONGEST} are the most\n"
            "  Leave some words out."
        )
    most = offset + limit
    found = _by_words(store, text, kind, most) or _as_it_stands(store, text, kind, most)
    return found[offset:]


def title_of(store: Store, hit: Hit) -> str:
    """Return the title of a record that was found, its id where it has none."""
    titled = {kind.word: kind.table for kind in (DECISION, EXPERIMENT)}
    if hit.kind not in titled:
        return hit.record
    query = f"SELECT title FROM {titled[hit.kind]} WHERE id = ?"
    found = store.rows(query, [hit.record])  # none where the row was taken away
    return str(found[0]["title"] or hit.record) if found else hit.record


def _by_words(store: Store, text: str, kind: str, limit: int) -> list[Hit]:
    # quoted, so that user text is never FTS5 syntax
    words = dict.fromkeys(word.replace('"', '""') for word in text.split())
    query = " ".join(f'"{word}"*' for word in words)
    try:
        ranked = f"SELECT * FROM search WHERE search MATCH ?{_OF_KIND} ORDER BY rank"
        return _hits(store, ranked, (query, kind, kind), limit)
    except sqlite3.OperationalError:  # no FTS5, or no word in the text at all
        return []


def _as_it_stands(store: Store, text: str, kind: str, limit: int) -> list[Hit]:
    escaped = text
    for special in ("\\", "%", "_"):
        escaped = escaped.replace(special, f"\\{special}")
    query = f"SELECT * FROM search WHERE text LIKE ? ESCAPE '\\'{_OF_KIND}"
    return _hits(store, query, (f"%{escaped}%", kind, kind), limit)


def _hits(store: Store, sql: str, values: tuple[str, ...], limit: int) -> list[Hit]:
    """Return one hit a record: the best, since the rows come best first."""
    found: dict[tuple[str, str], Hit] = {}
    for row in store.each(sql, values):
        hit = Hit(row["kind"], row["record"], row["text"])
        found.setdefault((hit.kind, hit.record), hit)
        if len(found) == limit:
            break
    return list(found.values())
