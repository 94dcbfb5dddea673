"""What a decision promised, and what was realised of it, side by side.

    score    the choice's score in the facts, else the target
    cost     a month, as the choice's experiment reckoned it at the acceptance; of older
             software what a request costs times the volume; else the limit in the facts
    volume   requests a day in the facts

All of it is read from records, so a report of the same log says the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from tracker import experiments as experiment_records
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise.domain.completeness import TUNED
from tunewise.domain.errors import NotRecorded
from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.record import Figure, Review, ReviewView
from tunewise.engine.weighing import SCORES
from tunewise.workflow.views import View

_DAYS = 365 / 12  # in a month
_VOLUME, _TARGET, _LIMIT = (
    "request_volume_per_day",
    "target_score",
    "monthly_cost_limit",
)
_SCORES = {option.value: name for option, name in SCORES.items()}
WORSE = "worse"  # how a figure stands that did not keep its promise
_PER = "1000 requests"  # what an arm's cost is for


def promised(store: Store, row: DecisionRow, sheet: FactSheet) -> tuple[Figure, ...]:
    """Return what an accepted decision promised; nothing before it is accepted."""
    if not row.accepted_at:
        return ()
    report, experiment = _report(store, row)
    metric = str(report.get("primary_metric") or "the task's own metric")
    return (
        _score(row, sheet, metric),
        _cost(row, sheet, report, experiment),
        _of_fact("volume", "requests a day", sheet.get(_VOLUME)),
    )


def reviews_view(row: DecisionRow, promise: tuple[Figure, ...]) -> list[View]:
    """Return each review with its figures beside the promise, oldest first."""
    found = [_beside(review, promise) for review in row.reviews]
    return [
        {**asdict(view), "figures": [asdict(figure) for figure in view.figures]}
        for view in found
    ]


def broken(
    row: DecisionRow, promise: tuple[Figure, ...]
) -> Iterator[tuple[str, Figure]]:
    """Yield what the newest review of each figure found worse than promised.

    A score below the promise's interval or a cost above its range; with it when the
    review was. A later review that finds the figure as promised settles it.
    """
    newest: dict[str, tuple[str, Figure]] = {}
    for review in row.reviews:
        for figure in _realised(review.realised, promise):
            newest[figure.what] = (review.at, figure)
    yield from (said for said in newest.values() if said[1].standing == WORSE)


def _beside(review: Review, promise: tuple[Figure, ...]) -> ReviewView:
    return ReviewView(
        at=review.at,
        by=review.by,
        identity=review.identity,
        because=review.because,
        review_on=review.review_on,
        figures=tuple(_realised(review.realised, promise)),
    )


def _realised(
    realised: Mapping[str, float], promise: tuple[Figure, ...]
) -> Iterator[Figure]:
    for figure in promise:
        if figure.what in realised:
            value = realised[figure.what]
            yield replace(figure, realised=value, standing=_standing(figure, value))


def _standing(figure: Figure, realised: float) -> str:
    low, high = figure.low, figure.high
    if low is None and high is None:
        low = high = figure.promised
    if low is None and high is None:
        return ""
    below = low is not None and realised < low
    above = high is not None and realised > high
    if not below and not above:
        return "as promised"
    if figure.what == "volume":
        return "more" if above else "less"
    return "better" if above == (figure.what == "score") else WORSE


def _score(row: DecisionRow, sheet: FactSheet, metric: str) -> Figure:
    fact = sheet.get(_SCORES.get(row.choice, ""))
    if fact is not None:
        return _of_fact("score", metric, fact)
    target = sheet.get(_TARGET)
    figure = _of_fact("score", metric, target)
    return figure if target is None else replace(figure, low=_number(target.lower))


def _cost(
    row: DecisionRow, sheet: FactSheet, report: Mapping[str, Any], experiment: str
) -> Figure:
    """Return the promised cost of a month, upkeep of what is tuned included.

    Older reports hold the cost of requests alone, and the upkeep beside it.
    """
    for option in (report.get("costs") or {}).get("options", ()):
        if option["option"] == row.choice:
            month = option["monthly"]
            return Figure(
                what="cost",
                unit=f"{report['costs']['currency']} a month",
                promised=month["value"],
                low=month["low"],
                high=month["high"],
                rests_on=f"what {experiment} reckoned of a month of {row.choice}",
            )
    cost = report.get("arms", {}).get(row.choice, {}).get("cost")
    volume = sheet.get(_VOLUME)
    if not cost or cost["per"] != _PER or volume is None:
        limit = sheet.get(_LIMIT)
        figure = _of_fact("cost", "a month", limit)
        return figure if limit is None else replace(figure, high=_number(limit.upper))
    upkeep = report.get("tuning_costs") if row.choice in TUNED else None
    yearly = (upkeep or {}).get("per_year", {})
    requests = {
        "value": _number(volume.value),
        "low": _number(volume.lower),
        "high": _number(volume.upper),
    }
    amounts = {
        end: None
        if many is None
        else cost[end] * many * _DAYS / 1000 + yearly.get(end, 0.0) / 12
        for end, many in requests.items()
    }
    about = f"the {row.choice} arm of {experiment}, {_VOLUME}"
    return Figure(
        what="cost",
        unit=f"{cost['currency']} a month",
        promised=amounts["value"],
        low=amounts["low"],
        high=amounts["high"],
        rests_on=f"{about} and a share of the upkeep" if yearly else about,
    )


def _report(store: Store, row: DecisionRow) -> tuple[Mapping[str, Any], str]:
    """Return the newest report that has the choice as an arm, as of the acceptance."""
    for id in reversed(row.experiments):
        try:
            found = experiment_records.get(store, id, as_of=row.accepted_at)
        except NotRecorded:  # it came later
            continue
        report = found.report or {}
        if row.choice in report.get("arms", {}):
            return report, id
    return {}, ""


def _of_fact(what: str, unit: str, fact: Fact | None) -> Figure:
    if fact is None:
        return Figure(what, unit, None, None, None, "")
    evidence = fact.evidence
    rests = f" ({evidence.kind}:{evidence.reference})" if evidence.reference else ""
    return Figure(
        what=what,
        unit=unit,
        promised=_number(fact.value),
        low=fact.low,
        high=fact.high,
        rests_on=f"{fact.name}{rests}",
    )


def _number(value: object) -> float | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain else None  # type: ignore[arg-type]
