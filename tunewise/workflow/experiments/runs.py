"""Runs of all experiments together: pages, filtered and ordered."""

from collections.abc import Sequence
from typing import Any

from tracker import latest, run_pages
from tunewise.workflow.home import Home

View = dict[str, Any]


def page(
    home: Home,
    *,
    where: Sequence[str] = (),
    sort: str = run_pages.NEWEST,
    limit: int = 100,
    offset: int = 0,
) -> View:
    """Return a page of runs with the latest value of each of their metrics.

    ``where`` holds conditions as people write them (``accuracy > 0.8``); ``more``
    says whether runs follow after this page.
    """
    conditions = [run_pages.condition(text) for text in where]
    with home.store() as store, store.reading():
        found = run_pages.page(
            store, where=conditions, sort=sort, limit=limit + 1, offset=offset
        )
        rows = found[:limit]
        metrics = latest.of_runs(store, [row.id for row in rows])
    return {
        "runs": [
            {
                "run": row.id,
                "experiment": row.experiment,
                "arm": row.arm,
                "seed": row.seed,
                "status": row.status.value,
                "error": row.error,
                "metrics": metrics[row.id],
                "at": row.at,
                "ended_at": row.ended_at,
                "by": row.by.name,
            }
            for row in rows
        ],
        "more": len(found) > limit,
    }
