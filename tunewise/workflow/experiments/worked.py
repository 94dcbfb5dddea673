"""What the runs of one arm took: seconds of all of them, tokens of its requests."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.runs import RunRow
from tunewise.evidence.costs import Quantity

_ENDED = ("finished", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Worked:
    """What an arm took to be measured, and takes for a request."""

    runs: int
    model: str  # that answered
    seconds: float  # of every attempt of every run
    unknown: int  # attempts that nobody saw end
    hosted: bool  # an endpoint answered
    requests: int  # that its runs made, where an endpoint answered
    training_seconds: float | None  # of one training, None where nothing is trained
    seconds_per_request: Quantity | None  # None where nothing was timed
    tokens_in: float
    tokens_out: float
    shared_tokens: float  # that all prompts begin with


def worked(runs: Sequence[RunRow], *, validation: int) -> Worked:
    """Return what the runs of an arm took; at least one of them finished.

    Parameters
    ----------
    validation : examples that each set-up was tried on
    """
    results = [run.result for run in runs if run.result]
    first = results[0]
    trained = [r["train"]["seconds"] for r in results if r.get("train")]
    attempts = [seconds for run in runs for seconds in _attempts(run)]
    return Worked(
        runs=len(runs),
        model=first.get("model") or "",
        seconds=sum(s for s in attempts if s is not None),
        unknown=attempts.count(None),
        hosted=any(bool(run.body.get("endpoint")) for run in runs),
        requests=sum(r["n"] + len(r["setups"]) * validation for r in results),
        training_seconds=max(trained, default=None),
        seconds_per_request=_seconds(first),
        tokens_in=first.get("prompt_tokens_mean") or 0.0,
        tokens_out=first.get("answer_tokens_mean") or 0.0,
        shared_tokens=min(
            first.get("prompt_tokens_shared") or 0.0,
            first.get("prompt_tokens_mean") or 0.0,
        ),
    )


def _attempts(run: RunRow) -> Iterator[float | None]:
    """Yield the seconds of each attempt, None where nobody saw it end."""
    began = ""
    for event in run.events:
        if event.action == "claimed":
            if began:
                yield None
            began = event.at
        elif event.action in _ENDED and began:
            result = event.body.get("result") or {}
            yield result.get("seconds") or _between(began, event.at)
            began = ""
        elif event.action == "requeued" and began:
            yield None
            began = ""


def _between(began: str, ended: str) -> float:
    moments = [dt.datetime.fromisoformat(at) for at in (began, ended)]
    return max(0.0, (moments[1] - moments[0]).total_seconds())


def _seconds(result: Mapping[str, Any]) -> Quantity | None:
    """Return the seconds of a request: the median, to those of the slowest.

    From the latency pass; at best requests come in batches as the held-out ones did.
    """
    latency, rate = result["latency_seconds"], result["answers_per_second"]
    batched = 1 / rate if rate else None
    if latency and latency["p50"] > 0:
        alone = latency["p50"]
        best = alone if batched is None else min(alone, batched)
        return Quantity(alone, best, max(alone, latency["p95"]))
    return None if batched is None else Quantity.exact(batched)
