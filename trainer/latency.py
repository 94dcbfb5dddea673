"""The latency pass: held-out examples, one request at a time.

    held-out   --fixed seed-->  20 examples, the same for every arm
    validation -------------->  one more that warms up and is not timed
    example -> request built (retrieval, shots) -> first token -> whole answer

Nothing is kept between requests here; what a server keeps of a shared beginning is
its own. Batched answering says nothing of latency, only of throughput.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import quantiles
from time import perf_counter

from trainer.answering import Answerer
from trainer.prompts import Build
from tunewise.domain.dataset import Example

SEED = 20261127  # of the choice: every arm and every run times the same examples


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom the pass asks: one to warm up, then those that are timed."""

    warm_up: Example
    timed: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds of one request, from the example to the whole answer."""

    build_seconds: float  # of the prompt: retrieval and shots looked up
    first_token_seconds: float | None  # from the beginning; None: not streamed
    seconds: float


def choose(
    heldout: Sequence[Example], validation: Sequence[Example], number: int
) -> Chosen | None:
    """Return ``number`` held-out examples, fewer where there are fewer; None for 0.

    Without validation the warm-up is a held-out example that is not timed, but for
    a split of one.
    """
    if not heldout or number <= 0:
        return None
    drawn = Random(SEED).sample(range(len(heldout)), len(heldout))
    examples = [heldout[i] for i in drawn]
    if validation:
        return Chosen(validation[0], tuple(examples[:number]))
    return Chosen(examples[0], tuple(examples[1 : number + 1]) or (examples[0],))


def measure(
    answerer: Answerer,
    build: Build,
    chosen: Chosen,
    *,
    progress: Callable[[int, int], None],
) -> list[Latency]:
    """Ask the warm-up, then time each example from its prompt to its answer."""
    answerer.time_alone(build(chosen.warm_up))
    found = []
    for example in chosen.timed:
        began = perf_counter()
        chat = build(example)
        built = perf_counter() - began
        asked = answerer.time_alone(chat)
        first = asked.first_token_seconds
        found.append(
            Latency(
                build_seconds=built,
                first_token_seconds=None if first is None else built + first,
                seconds=built + asked.seconds,
            )
        )
        progress(len(found), len(chosen.timed))
    return found


def summary(found: Sequence[Latency]) -> dict[str, object] | None:
    """Return p50 and p95 of the whole, the first token and the building.

    None below two requests. Quantiles are interpolated between requests: of twenty,
    the 95th percentile lies next to the slowest but one.
    """
    if len(found) < 2:
        return None
    first = [one.first_token_seconds for one in found]
    known = [seconds for seconds in first if seconds is not None]
    return {
        **_percentiles([one.seconds for one in found]),
        "first_token": _percentiles(known) if len(known) == len(found) else None,
        "build": _percentiles([one.build_seconds for one in found]),
        "n": len(found),
    }


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=20, method="inclusive")
    return {"p50": cuts[9], "p95": cuts[18]}
