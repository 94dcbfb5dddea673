"""Every route of the API, and the commands that have none."""

from collections.abc import Mapping

from tunewise.web.api import (
    acts,
    advice,
    answers,
    datasets,
    decisions,
    deployments,
    drift,
    experiments,
    history,
    jobs,
    lineage,
    models,
    rules,
    upkeep,
    uploads,
)

ROUTES = (
    *advice.ROUTES,
    *decisions.ROUTES,
    *acts.ROUTES,
    *upkeep.ROUTES,
    *rules.ROUTES,
    *uploads.ROUTES,
    *datasets.ROUTES,
    *experiments.ROUTES,
    *answers.ROUTES,
    *jobs.ROUTES,
    *models.ROUTES,
    *drift.ROUTES,
    *deployments.ROUTES,
    *lineage.ROUTES,
    *history.ROUTES,
)

_FILES = "reads and writes files of the machine, which no request may name"
NOT_OVER_HTTP: Mapping[str, str] = {
    "anchor": "writes into a repository or file of the machine, or calls out",
    "backup": _FILES,
    "restore": _FILES,
    "demo": "makes a home of its own",
    "doctor": "looks at the machine, and names its paths",
    "serve": "is the service",
    "experiment export": _FILES,
    "model export": _FILES,
    "model fetch": "downloads hundreds of megabytes, or takes a folder of the machine",
}
