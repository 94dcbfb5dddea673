"""What a fact sheet says of two arms, beside the experiments that its facts name.

comparison of a and b --held against--> that of the same arms in those reports
    one agrees                               measured
    none agrees                              contradicted
    none compares them, both measured here   stated: it shows nothing
    none compares them, one from elsewhere   not held against anything
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.experiments import ExperimentRow
from tunewise.domain.facts import Comparison
from tunewise.domain.record import Claim, Standing
from tunewise.engine.comparisons import read_comparisons
from tunewise.workflow.decisions.rounding import is_rounded


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A comparison of an experiment's report."""

    experiment: str
    comparison: Comparison


def claims_of(
    comparisons: Sequence[Comparison],
    experiments: Sequence[ExperimentRow],
    *,
    here: Collection[str],
) -> list[Claim]:
    """Return what comparisons say of the arms of these experiments.

    ``here`` names the arms whose scores are those of runs that are recorded here.
    """
    recorded = [each for row in experiments for each in _reported(row)]
    claims = []
    for said in comparisons:
        pair = {said.a, said.b}
        same = [r for r in recorded if pair == {r.comparison.a, r.comparison.b}]
        if same:
            claims.append(_held(said, same))
        elif pair <= {*here}:
            named = f"experiment:{', '.join(row.id for row in experiments)}"
            none = "no comparison of these arms"
            stated = Standing.STATED
            claims.append(Claim(name_of(said), named, _figures(said), none, stated))
    return claims


def marked(
    comparisons: Sequence[Comparison], standings: Mapping[str, Standing]
) -> tuple[Comparison, ...]:
    """Return the comparisons in which those that no report holds are stated."""
    return tuple(
        replace(said, stated=standings[name_of(said)] is not Standing.MEASURED)
        if name_of(said) in standings
        else said
        for said in comparisons
    )


def name_of(comparison: Comparison) -> str:
    """Return how a claim names a comparison."""
    return f"comparison of {comparison.a} and {comparison.b}"


def _reported(row: ExperimentRow) -> Iterator[_Recorded]:
    report = row.report or {}
    for comparison in read_comparisons(report.get("comparisons")):
        yield _Recorded(row.id, comparison)


def _held(said: Comparison, same: Sequence[_Recorded]) -> Claim:
    seen = [(r.experiment, r.comparison.seen_from(said.a)) for r in same]
    agreeing = [each for each in seen if _agrees(said, each[1])]
    standing = Standing.MEASURED if agreeing else Standing.CONTRADICTED
    experiment, recorded = (agreeing or seen)[-1]
    figures = _figures(recorded)
    named = f"experiment:{experiment}"
    return Claim(name_of(said), named, _figures(said), figures, standing)


def _agrees(said: Comparison, recorded: Comparison) -> bool:
    """Tell whether one is the other, as precisely as it was written."""
    pairs = (
        (said.difference, recorded.difference),
        (said.low, recorded.low),
        (said.high, recorded.high),
        (said.p_value, recorded.p_value),
    )
    return (
        said.metric == recorded.metric
        and said.conclusion is recorded.conclusion
        and said.needs_n in (None, recorded.needs_n)
        and all(is_rounded(*pair) for pair in pairs)
    )


def _figures(comparison: Comparison) -> str:
    return (
        f"{comparison.conclusion}, {comparison.metric} {comparison.difference:+.4g} "
        f"({comparison.low:.4g} to {comparison.high:.4g}), p = {comparison.p_value:.2g}"
    )
