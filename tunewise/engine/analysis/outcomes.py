"""What a rule set recommends on many sheets: who wins, where nothing speaks, ties."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tunewise.domain.facts import FactSheet, Scalar
from tunewise.domain.rules import Option, RuleSet, Truth
from tunewise.engine.conditions import facts_of
from tunewise.engine.ranking import Ranking, rank
from tunewise.engine.reference import evaluate

# Sheets on which nothing speaks that are kept as examples.
_MOST_EXAMPLES = 50


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many sheets ended how; a sheet with a tie has a winner all the same."""

    sheets: int
    wins: Mapping[Option, int]  # where something speaks for the option
    nothing: int  # nothing speaks for any option: not yet, for want of a reason
    ties: int  # two options lead with the same total
    examples: tuple[FactSheet, ...]  # the first sheets on which nothing speaks

    def wins_of(self, option: Option) -> int:
        """Return on how many sheets an option is recommended for a reason."""
        return self.wins.get(option, 0)


class Rankings:
    """A rule set prepared for very many sheets of exact values without evidence.

    What a criterion said of the answers that it asks for is remembered: it asks few
    facts, and each has few possible answers.
    """

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self._asked = [(c, facts_of(c.when)) for c in rule_set.criteria]
        self._held: dict[tuple[str, tuple[Scalar | None, ...]], bool] = {}

    def of(self, sheet: FactSheet) -> Ranking:
        """Return what the rule set ranks first on a sheet, and with which totals."""
        matched = []
        for criterion, names in self._asked:
            answers = tuple([sheet.value(name) for name in names])
            held = self._held.get((criterion.id, answers))
            if held is None:
                held = evaluate(criterion.when, sheet) is Truth.HOLDS
                self._held[criterion.id, answers] = held
            if held:
                matched.append(criterion)
        return rank(matched, sheet, self.rule_set.facts)


def outcomes(rankings: Rankings, sheets: Iterable[FactSheet]) -> Outcomes:
    """Return how sheets end."""
    number = nothing = ties = 0
    wins: Counter[Option] = Counter()
    examples: list[FactSheet] = []
    for sheet in sheets:
        number += 1
        ranking = rankings.of(sheet)
        if nothing_speaks(ranking):
            nothing += 1
            if len(examples) < _MOST_EXAMPLES:
                examples.append(sheet)
        else:
            wins[ranking.recommended] += 1
            ties += _is_tie(ranking)
    return Outcomes(number, wins, nothing, ties, tuple(examples))


def nothing_speaks(ranking: Ranking) -> bool:
    """Return whether no option that may be recommended has a positive total."""
    return ranking.weighed.totals[ranking.recommended] <= 0


def _is_tie(ranking: Ranking) -> bool:
    return ranking.runner_up is not None and ranking.margin == 0
