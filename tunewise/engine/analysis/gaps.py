"""What the verdicts on many sheets lack: an option that wins, a reason for any."""

import math

from tunewise.domain.dataset import Severity
from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import Option, RuleSet
from tunewise.engine.analysis.answers import Possible, examples
from tunewise.engine.analysis.outcomes import Outcomes, Rankings, nothing_speaks
from tunewise.engine.analysis.problems import Problem, place
from tunewise.engine.conditions import words


def never_winning(
    rankings: Rankings, possible: Possible, *found: Outcomes
) -> list[Problem]:
    """Return the options that are recommended for a reason on no sheet.

    Beside the sheets that were tried, one is put together for the option: of what
    makes the criteria match that speak for it, whatever brings it closer.
    """
    return [
        Problem(
            "never_wins",
            Severity.BLOCK,
            _place_of_option(rankings.rule_set, option),
            f"no answers were found on which {option} is recommended for a reason: "
            "let a criterion speak for it, or speak less against it",
        )
        for option in Option
        if not any(o.wins_of(option) for o in found)
        and not _wins(option, rankings, _best_sheet(option, rankings, possible))
    ]


def gaps(rankings: Rankings, possible: Possible, full: Outcomes) -> list[Problem]:
    """Return at most one problem: full sheets on which nothing speaks."""
    if not full.nothing:
        return []
    shrunk = [_shrink(sheet, rankings, possible) for sheet in full.examples]
    smallest = min(shrunk, key=lambda sheet: len(sheet.facts))
    answers = ", ".join(f"{f.name} = {words(f.value)}" for f in smallest)
    example = f"with all that matters: {answers}" if answers else "has no facts at all"
    return [
        Problem(
            "gap",
            Severity.WARN,
            "criteria",
            f"nothing speaks for any option on {full.nothing:,} of {full.sheets:,} "
            f"full sheets; the smallest {example}",
        )
    ]


def _place_of_option(rule_set: RuleSet, option: Option) -> str:
    if "options.toml" not in rule_set.texts:
        return "criteria"
    return place(rule_set, "options.toml", option.value)


def _wins(option: Option, rankings: Rankings, sheet: FactSheet) -> bool:
    ranking = rankings.of(sheet)
    return ranking.recommended is option and not nothing_speaks(ranking)


def _best_sheet(option: Option, rankings: Rankings, possible: Possible) -> FactSheet:
    sheet = FactSheet()
    for criterion in rankings.rule_set.criteria:
        if any(c.option is option and c.weight > 0 for c in criterion.then):
            for example in examples(criterion.when, possible):
                closer = sheet.with_facts(*example)
                if _lead(option, rankings, closer) > _lead(option, rankings, sheet):
                    sheet = closer
    return sheet


def _lead(option: Option, rankings: Rankings, sheet: FactSheet) -> float:
    """Return how far an option is ahead of the best other one, -inf where it is out.

    A tie with reasons is a little more than one without: the cheaper one wins it.
    """
    weighed = rankings.of(sheet).weighed
    if option in weighed.ruled_out:
        return -math.inf
    rivals = [o for o in Option if o is not option and o not in weighed.ruled_out]
    best = max((weighed.totals[o] for o in rivals), default=0)
    return weighed.totals[option] - best + (weighed.totals[option] > 0) / 2


def _shrink(sheet: FactSheet, rankings: Rankings, possible: Possible) -> FactSheet:
    """Drop every fact that does not matter: the gap stays whatever its answer is.

    Not only while it is unknown: on most rule sets nothing speaks where nothing is
    known, which would be the smallest gap each time.
    """
    for name in sorted(sheet.facts):
        rest = sheet.without(name)
        others = (sheet.with_facts(fact) for fact in possible[name])
        if all(nothing_speaks(rankings.of(s)) for s in (rest, *others)):
            sheet = rest
    return sheet
