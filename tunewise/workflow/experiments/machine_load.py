"""How busy the machine was before an estimate measured how fast it is.

A probe beside other work takes far too long, and so does everything that is forecast
from it: such an estimate says so, and the next ones learn nothing from it.

    load average of the last minute, high  -->  is it busy still?  -->  busy
    low, or not known (Windows)            -->  not busy
"""

import os
from collections.abc import Mapping
from typing import Any

from tunewise.workflow.views import View

BUSY = 0.7  # processes that run or wait, for each core: the other 0.3 are ours
# The average of a minute also holds what has just ended, as the experiment before
# this one: of the next second at least half of that must be in use. Work is uneven.
STILL_BUSY = BUSY / 2
_SECONDS = 1.0


def measured() -> View:
    """Return the machine's load now.

    Returns
    -------
    View
        ``one_minute``: processes that ran or waited on average over the last minute,
        None where the system does not say; ``cores``: of the whole machine, as the
        load is; ``in_use``: the share of them in use over the next second, looked at
        only where the load is high; ``busy``.
    """
    cores = os.cpu_count() or 1
    known = hasattr(os, "getloadavg")
    load = round(os.getloadavg()[0], 2) if known else None
    high = load is not None and load > BUSY * cores
    in_use = _in_use() if high else None
    return {
        "one_minute": load,
        "cores": cores,
        "in_use": in_use,
        "busy": in_use is not None and in_use > STILL_BUSY,
    }


def in_words(load: Mapping[str, Any] | None) -> str:
    """Return what a busy machine does to an estimate, "" where it was not.

    ``load`` is None in records of older software, which did not look.

    >>> in_words({"one_minute": 3.1, "cores": 2, "in_use": 1.0, "busy": True})[:58]
    'The machine was busy: 3.1 processes ran or waited on its 2'
    """
    if not load or not load["busy"]:
        return ""
    cores = f"{load['cores']} core{'s' if load['cores'] != 1 else ''}"
    return (
        f"The machine was busy: {load['one_minute']:.1f} processes ran or waited on "
        f"its {cores} in the minute before. The times may be far too long, and later "
        "estimates learn nothing from them."
    )


def _in_use() -> float:
    import psutil  # of the extra [train], as every estimate is

    return float(psutil.cpu_percent(interval=_SECONDS)) / 100
