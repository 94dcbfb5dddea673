"""The tables, how they came to be, and the triggers that keep them append-only.

    audit                                   the hash-chained log
    decisions          decision_events      a record is written once; what happens
    dataset_versions   dataset_events       to it later is a row of its events, and
    experiments        experiment_events    the current state is derived from both
    runs               run_events
    model_versions     model_events
    leases, points                          no records: liveness, metrics
    latest, search                          indexes, that hold nothing of their own

A migration is a function that is never changed once released; the next one comes
after it in ``STEPS``. New columns of a record must allow NULL (see
``canonical.row_digest``). ``transform()`` drops triggers without a word, so they are
no part of a migration: they are compared with one list at every opening, and those
that differ are replaced and reported. So a new or changed trigger needs a migration
beside it, an empty one if need be: then nobody is alarmed.
"""

import sqlite3
from dataclasses import dataclass

from sqlite_utils import Database, Migrations


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: the word for it, its table and the table of its events."""

    word: str
    table: str
    events: str
    bulk: tuple[str, ...] = ()  # JSON paths of a body that only a record's page needs


DECISION = Kind(
    "decision",
    "decisions",
    "decision_events",
    bulk=("$.rule_files", "$.verdict.not_matched"),  # two thirds of its text
)
DATASET = Kind("dataset", "dataset_versions", "dataset_events")
EXPERIMENT = Kind("experiment", "experiments", "experiment_events")
RUN = Kind("run", "runs", "run_events")
MODEL = Kind("model", "model_versions", "model_events")
TEXTS_REMOVED = "texts-removed"  # of an event: its blobs went, by its body's "event"
KINDS = (DECISION, DATASET, EXPERIMENT, RUN, MODEL)

_SET = "tunewise"  # the name of our migrations among those of other software


def m0001_log_and_records(db: Database) -> None:
    """Create the log, the five kinds of records and the leases."""
    # what was recorded, who wrote it, when, and how their identity was established
    written = """
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL"""
    db.executescript(
        f"""
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY, "at" TEXT NOT NULL, actor TEXT NOT NULL,
            identity TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
            payload TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_subject ON audit (subject);
        CREATE TABLE decisions (
            id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL,
            recommended TEXT NOT NULL, supersedes TEXT REFERENCES decisions (id),
            review_on TEXT, {written}
        ) STRICT;
        CREATE TABLE dataset_versions (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL,
            number INTEGER NOT NULL, digest TEXT NOT NULL, {written},
            UNIQUE (name, number), CHECK (id = name || '@' || number)
        ) STRICT;
        CREATE TABLE experiments (
            id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL,
            dataset TEXT REFERENCES dataset_versions (id), {written}
        ) STRICT;
        CREATE TABLE runs (
            id TEXT PRIMARY KEY NOT NULL,
            experiment TEXT REFERENCES experiments (id), arm TEXT NOT NULL,
            seed INTEGER NOT NULL, {written}
        ) STRICT;
        CREATE INDEX runs_experiment ON runs (experiment);
        CREATE TABLE model_versions (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL,
            number INTEGER NOT NULL, run TEXT REFERENCES runs (id), {written},
            UNIQUE (name, number), CHECK (id = name || '@' || number)
        ) STRICT;
        CREATE TABLE leases (
            run TEXT PRIMARY KEY NOT NULL REFERENCES runs (id),
            attempt INTEGER NOT NULL, owner TEXT NOT NULL, "until" TEXT NOT NULL
        ) STRICT;
        """
    )
    for kind in KINDS:
        db.executescript(
            f"""
            CREATE TABLE {kind.events} (
                id INTEGER PRIMARY KEY,
                record TEXT NOT NULL REFERENCES {kind.table} (id),
                action TEXT NOT NULL, {written}
            ) STRICT;
            CREATE INDEX {kind.events}_record ON {kind.events} (record);
            """
        )


def m0002_points(db: Database) -> None:
    """Create the metric points of the runs (a run seals them by digest)."""
    db.executescript(
        """
        CREATE TABLE points (
            id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id),
            metric TEXT NOT NULL, step INTEGER NOT NULL, value REAL,
            "at" TEXT NOT NULL
        ) STRICT;
        CREATE INDEX points_run ON points (run, metric, step);
        """
    )


def m0003_search(db: Database) -> None:
    """Create the index of titles, names and reasons, and fill it from the records."""
    try:
        db.execute(
            "CREATE VIRTUAL TABLE search USING fts5 (kind UNINDEXED,"
            " record UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2')"
        )
    except sqlite3.OperationalError:  # an SQLite without FTS5: searched with LIKE
        db.execute("CREATE TABLE search (kind TEXT, record TEXT, text TEXT) STRICT")
    for kind, title in (
        (DECISION, "title"),
        (DATASET, "name"),
        (EXPERIMENT, "title"),
        (MODEL, "name"),
    ):
        db.execute(
            f"INSERT INTO search SELECT '{kind.word}', id, {title} || ' ' || id"
            f" FROM {kind.table}"
        )
        db.execute(
            f"INSERT INTO search SELECT '{kind.word}', record, because FROM"
            " (SELECT record, coalesce(json_extract(body, '$.justification'),"
            f" json_extract(body, '$.because')) AS because FROM {kind.events}"
            " WHERE json_valid(body))"
            " WHERE because <> ''"
        )


def m0004_latest(db: Database) -> None:
    """Index the latest value of each metric of each run; let runs be found by text."""
    db.executescript(
        """
        CREATE TABLE latest (
            run TEXT NOT NULL REFERENCES runs (id), metric TEXT NOT NULL, value REAL,
            PRIMARY KEY (run, metric)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX latest_metric ON latest (metric, value);
        INSERT INTO latest SELECT run, metric, value FROM points
            WHERE id IN (SELECT max(id) FROM points GROUP BY run, metric);
        INSERT OR REPLACE INTO latest SELECT record, key, value
            FROM run_events, json_each(body, '$.result.metrics')
            WHERE action = 'finished' AND json_valid(body)
            AND type IN ('integer', 'real');
        INSERT INTO search SELECT 'run', id, arm FROM runs;
        """
    )


def m0005_found_by(db: Database) -> None:
    """Fill the index with all that a record and its events are found by."""
    from tracker import found_by  # which reads the tables that are defined here

    entries = [*found_by.texts(db.query)]
    db.execute("DELETE FROM search")
    for entry in entries:
        db.execute("INSERT INTO search VALUES (?, ?, ?)", entry)


STEPS = (
    m0001_log_and_records,
    m0002_points,
    m0003_search,
    m0004_latest,
    m0005_found_by,
)


def migrations() -> Migrations:
    """Return every step that leads to today's tables, in order."""
    known = Migrations(_SET)
    for step in STEPS:
        known()(step)
    return known


def unknown_steps(db: Database) -> list[str]:
    """Return the migrations that newer software applied to this database."""
    known = {step.__name__ for step in STEPS}
    return [m.name for m in migrations().applied(db) if m.name not in known]


def is_foreign(db: Database) -> bool:
    """Return whether the database has tables, and none of them is ours."""
    return bool(db.table_names()) and not migrations().applied(db)


def triggers() -> dict[str, str]:
    """Return the SQL of every trigger by name: what makes the tables append-only.

    The checks before an insert matter as much as those before an update: outside of
    sqlite-utils INSERT OR REPLACE fires no delete trigger.
    """
    wanted: dict[str, str] = {}

    def forbid(table: str, event: str, when: str, message: str) -> None:
        name = f"{table}_{event.lower()}"
        condition = f" WHEN {when}" if when else ""
        wanted[name] = (
            f"CREATE TRIGGER {name} BEFORE {event} ON {table}{condition}"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    for table in ("audit", *record_tables()):
        for event in ("UPDATE", "DELETE"):
            forbid(table, event, "", f"{table} is append-only")
    for kind in KINDS:
        taken = f"EXISTS (SELECT 1 FROM {kind.table} WHERE id = new.id)"
        forbid(kind.table, "INSERT", taken, f"{kind.table} never replaces a row")
        next_id = f"new.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM {kind.events})"
        forbid(kind.events, "INSERT", next_id, f"{kind.events} is numbered in order")
    forbid(
        "audit",
        "INSERT",
        "new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)"
        " OR new.previous IS NOT"
        " coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '')",
        "audit only takes the next entry of the chain",
    )
    return wanted


def tables() -> tuple[str, ...]:
    """Return every table of ours."""
    return ("audit", *record_tables(), "leases", "points", "latest", "search")


def record_tables() -> tuple[str, ...]:
    """Return the tables whose every row is covered by the audit chain."""
    return tuple(table for kind in KINDS for table in (kind.table, kind.events))
