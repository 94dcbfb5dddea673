"""Tables that were taken away: what is lost with them, and how the rest is still read.

An empty table in their place, of this connection only, lets every query run; what the
log covers and is not there is then told by the table, not row by row.
"""

from collections.abc import Collection, Iterator, Mapping

from sqlite_utils import Database

from tracker import canonical, indexes, schema
from tracker.links import Logged
from tracker.problems import Problem, some
from tracker.store import Store

_RESTORE = "restore a backup"


def tables(store: Store) -> list[str]:
    """Return the tables that the migrations made and that are gone."""
    there = set(store.db.table_names())
    return sorted(set(schema.tables()) - there)


def records(store: Store) -> list[str]:
    """Return those that are gone and that nothing can make anew."""
    return [table for table in tables(store) if table not in indexes.DERIVED]


def stand_in(store: Store, gone: Collection[str]) -> None:
    """Let the tables that are gone be read, as empty."""
    made = Database(memory=True)
    try:
        schema.migrations().apply(made)
        for table in gone:
            columns = ", ".join(f'"{name}"' for name in made[table].columns_dict)
            store.db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({columns})")
    finally:
        made.close()


def problems(
    store: Store, gone: Collection[str], logged: dict[str, Logged]
) -> Iterator[Problem]:
    """Yield each table that is gone, and what is lost with it.

    ``logged`` is emptied of the rows of these tables.
    """
    yield from indexes.gone(gone)
    if "points" in gone:
        yield _gone("points", _points(store))
    for kind in schema.KINDS:
        for table in (kind.table, kind.events):
            if table in gone:
                keys = [key for key in logged if key.startswith(f"{table}/")]
                rows = [logged.pop(key) for key in keys]
                ids = [*dict.fromkeys(row.subject for row in rows)]
                what = kind.word if table == kind.table else f"{kind.word} event"
                yield _gone(table, _rows(what, len(rows), ids))


def without_log() -> Problem:
    """Return what is left to say where the log itself was taken away."""
    return _gone("audit", "every entry of the log: nothing proves any record")


def _gone(table: str, lost: str) -> Problem:
    message = f"the table was taken away from outside, and with it {lost}; {_RESTORE}"
    return Problem("removed", table, message)


def _rows(what: str, n: int, ids: list[str]) -> str:
    if not n:
        return "nothing: it was empty"
    many = "" if n == 1 else "s"
    return f"{n} {what}{many} ({some(ids)})"


def _points(store: Store) -> str:
    query = "SELECT record, body FROM run_events WHERE action = 'points-sealed'"
    sealed: dict[str, int] = {}
    for row in store.rows(query):
        n = _sealed(row)
        sealed[row["record"]] = sealed.get(row["record"], 0) + n
    if not sealed:
        return "no metric points that were sealed"
    return f"{sum(sealed.values())} metric points of {some([*sealed])}"


def _sealed(row: Mapping[str, str]) -> int:
    try:
        return int(canonical.from_text(row["body"])["points"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return 0
