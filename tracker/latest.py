"""The latest value of each metric of each run: "the best run" is an index lookup.

points of a run --last one of each metric--+--> latest (run, metric, value)
result["metrics"] of a finished run -------+    which stand for good

An index: all of it can be computed again (``meant``), and ``problems`` does.
"""

import math
from collections.abc import Iterable, Iterator, Mapping

from tracker import canonical
from tracker.change import Change
from tracker.store import Store

Values = Mapping[str, float | None]


def keep(change: Change, run: str, values: Values) -> None:
    """Let these be the run's latest values; what is not finite is kept as None."""
    change.execute_many(
        "INSERT INTO latest (run, metric, value) VALUES (?, ?, ?)"
        " ON CONFLICT (run, metric) DO UPDATE SET value = excluded.value",
        [(run, metric, finite(value)) for metric, value in values.items()],
    )


def of_result(result: Mapping[str, object]) -> Values:
    """Return the numbers among a result's ``metrics``, by name."""
    said = result.get("metrics")
    if not isinstance(said, Mapping):
        return {}
    return {
        str(name): float(value)
        for name, value in said.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def of_runs(store: Store, runs: Iterable[str]) -> dict[str, dict[str, float | None]]:
    """Return the latest values of each of these runs, by run and metric."""
    named = list(runs)
    marks = ", ".join("?" * len(named))
    found: dict[str, dict[str, float | None]] = {run: {} for run in named}
    query = f"SELECT run, metric, value FROM latest WHERE run IN ({marks})"
    for row in store.rows(query, named):
        found[row["run"]][row["metric"]] = row["value"]
    return found


def meant(store: Store) -> dict[tuple[str, str], float | None]:
    """Return what the index must hold by run and metric, from what it is made of."""
    wanted = {
        (row["run"], row["metric"]): row["value"]
        for row in store.rows(
            "SELECT run, metric, value FROM points"
            " WHERE id IN (SELECT max(id) FROM points GROUP BY run, metric)"
        )
    }
    query = "SELECT record, body FROM run_events WHERE action = 'finished'"
    for row in store.rows(query):
        try:
            result = canonical.from_text(row["body"])["result"]
            values = of_result(result)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            continue  # the event itself was changed, which the log has found
        wanted.update({(row["record"], m): finite(v) for m, v in values.items()})
    return wanted


def problems(store: Store) -> Iterator[tuple[str, str]]:
    """Yield (run, message) where the index differs from what it was made of."""
    wanted = meant(store)
    there = {
        (row["run"], row["metric"]): row["value"]
        for row in store.rows("SELECT run, metric, value FROM latest")
    }
    for run, metric in sorted(wanted.keys() | there.keys()):
        said, must = there.get((run, metric)), wanted.get((run, metric))
        if said != must or ((run, metric) in there) != ((run, metric) in wanted):
            yield (
                run,
                f"the index of metrics says {_words(said)} for {metric}, the record "
                f"{_words(must)}",
            )


def finite(value: float | None) -> float | None:
    """Return a number that can be stored and compared, None for any other."""
    return value if value is not None and math.isfinite(value) else None


def _words(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.6g}"
