"""Every route of the API, and the commands that have none."""

from collections.abc import Mapping

from tunewise.web.api import (
    acts,
    advice,
    datasets,
    decisions,
    experiments,
    history,
    models,
    rules,
)

ROUTES = (
    *advice.ROUTES,
    *decisions.ROUTES,
    *acts.ROUTES,
    *rules.ROUTES,
    *datasets.ROUTES,
    *experiments.ROUTES,
    *models.ROUTES,
    *history.ROUTES,
)

_FILES = "reads and writes files of the machine, which no request may name"
_LONG = "takes minutes to hours, in a process of its own"
NOT_OVER_HTTP: Mapping[str, str] = {
    "anchor": "writes into a repository or file of the machine, or calls out",
    "backup": _FILES,
    "restore": _FILES,
    "demo": "makes a home of its own",
    "doctor": "looks at the machine, and names its paths",
    "serve": "is the service",
    "drift check": _LONG,
    "experiment estimate": _LONG,
    "experiment run": _LONG,
    "experiment resume": _LONG,
    "experiment import": _LONG,
    "experiment export": _FILES,
    "model export": _FILES,
    "model fetch": "downloads hundreds of megabytes, or takes a folder of the machine",
}
