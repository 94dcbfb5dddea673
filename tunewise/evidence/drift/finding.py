"""What a drift check says of one thing that it looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LEAST = 30  # later examples: fewer show nothing
ALPHA = 0.01  # of each test; seven tests at most, so 7 % alarms at the very most


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """One thing that was looked at; ``fact`` is what to ask again if it drifted.

    ``value`` lies between ``low`` and ``high`` (95 %) and acts beyond ``threshold``;
    ``p_value`` is None where no chance is involved, as with documents. ``message``
    holds counts only. ``texts`` holds what comes from the data, by what it is: words,
    labels, ids.
    """

    code: str
    value: float
    low: float
    high: float
    threshold: float
    fact: str
    drifted: bool
    message: str
    p_value: float | None = None
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def percent(share: float) -> str:
    """Return a share for a sentence.

    >>> percent(0.1234)
    '12.3 %'
    """
    return f"{100 * share:.1f} %"
