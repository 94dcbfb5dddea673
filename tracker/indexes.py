"""The tables that hold nothing of their own: are they what the records make them?

    search ... titles, names, reasons      latest ... the last value of each metric
    leases ... who works on a run: nothing to compare, and nothing lost with it

``problems`` says where they differ, ``rebuild`` makes them anew from the records.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from tracker import found_by, latest, schema
from tracker.problems import Problem
from tracker.store import Store
from tunewise.domain.decision import Actor

DERIVED = ("search", "latest", "leases")

_ENDING = "derived, can be rebuilt: tunewise verify --rebuild"
_MOST = 100  # differences that are named one by one


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many entries the indexes have now, and in how many they differed."""

    search: int
    latest: int
    differed: int


def problems(store: Store, *, told: Collection[str] = ()) -> Iterator[Problem]:
    """Yield each record that an index tells otherwise; not those ``told`` already.

    The index of a home of older software may lack most of them: the first are named.
    """
    found = [each for each in _all(store) if each.record not in told]
    yield from found[:_MOST]
    if (more := len(found) - _MOST) > 0:
        yield Problem("derived", "indexes", f"and {more} more differences: {_ENDING}")


def gone(tables: Collection[str]) -> Iterator[Problem]:
    """Yield those of the derived tables that were taken away."""
    for table in DERIVED:
        if table in tables:
            message = f"the table was taken away from outside: {_ENDING}"
            yield Problem("derived", table, message)


def rebuild(store: Store, *, actor: Actor, at: str) -> Rebuilt:
    """Make the indexes anew from the records, and log that it was done, by whom."""
    with store.writing(actor, at) as change:
        there = set(store.db.table_names())
        before = sum(map(sum, _differing(store).values())) if "search" in there else 0
        before += len([*latest.problems(store)]) if "latest" in there else 0
        lost = [table for table in DERIVED if table not in there]
        for table, statements in _definitions().items():
            if table != "leases" or table in lost:  # somebody may hold one
                change.execute(f"DROP TABLE IF EXISTS {table}")
                for sql in statements:
                    change.execute(sql)
        texts = [*found_by.texts(store.each)]
        change.execute_many("INSERT INTO search VALUES (?, ?, ?)", texts)
        values = latest.meant(store)
        change.execute_many(
            "INSERT INTO latest (run, metric, value) VALUES (?, ?, ?)",
            [(run, metric, value) for (run, metric), value in values.items()],
        )
        made = Rebuilt(len(texts), len(values), before)
        said = {"search": made.search, "latest": made.latest, "differed": before}
        payload = {**said, "tables_lost": lost}
        change.log("indexes.rebuilt", store.path.name, payload)
    return made


def _all(store: Store) -> Iterator[Problem]:
    for (_, record), (lacking, surplus) in sorted(_differing(store).items()):
        said = [f"lacks {lacking} of its texts"] if lacking else []
        said += [f"has {surplus} that it does not give"] if surplus else []
        message = f"the search index {' and '.join(said)}: {_ENDING}"
        yield Problem("derived", record, message)
    for run, message in latest.problems(store):
        yield Problem("derived", run, f"{message}: {_ENDING}")


def _differing(store: Store) -> dict[tuple[str, str], tuple[int, int]]:
    """Return, by kind and record, how many texts the index lacks and has too many."""
    meant = Counter(found_by.texts(store.each))
    there = Counter(
        (str(row["kind"]), str(row["record"]), str(row["text"]))
        for row in store.each("SELECT kind, record, text FROM search")
    )
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for entries, place in ((meant - there, 0), (there - meant, 1)):
        for (kind, record, _), n in entries.items():
            lacking, surplus = found.get((kind, record), (0, 0))
            counts = (lacking + n, surplus) if place == 0 else (lacking, surplus + n)
            found[kind, record] = counts
    return found


def _definitions() -> dict[str, list[str]]:
    """Return what makes each derived table, its indexes with it."""
    made = Database(memory=True)
    try:
        schema.migrations().apply(made)
        query = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
        return {
            table: [sql for (sql,) in made.execute(f"{query} ORDER BY rowid", [table])]
            for table in DERIVED
        }
    finally:
        made.close()
