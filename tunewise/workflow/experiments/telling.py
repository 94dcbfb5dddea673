"""What an experiment tells the one who waits: steps, progress, results."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell the one who waits.

    ``kind`` is step (a new step begins), progress (``done`` of ``total``) or result
    (one sentence about what a step gave).
    """

    kind: str
    text: str
    done: int = 0
    total: int = 0
    loss: float | None = None  # of the last training step
    tokens_per_second: float | None = None
    remaining_seconds: float | None = None  # of training


Tell = Callable[[Event], None]
