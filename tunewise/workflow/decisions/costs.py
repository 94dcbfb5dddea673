"""What the options of a decision cost, by the experiments that it rests on."""

from tracker import experiments as records
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise.domain.record import Money, OptionCost
from tunewise.workflow.views import View


def option_costs(store: Store, row: DecisionRow) -> tuple[OptionCost, ...]:
    """Return the costs by the last experiment that reckoned some; today's at the end.

    Reports of older software reckoned none.
    """
    for id in reversed(row.experiments):
        costs: View = (records.get(store, id).report or {}).get("costs") or {}
        if costs:
            shown = [*costs["options"], *([costs["today"]] if costs["today"] else [])]
            return tuple(
                OptionCost(
                    option=one["option"],
                    once=Money(**one["once"]),
                    monthly=Money(**one["monthly"]),
                    three_years=Money(**one["three_years"]),
                    currency=costs["currency"],
                    experiment=id,
                )
                for one in shown
            )
    return ()


def month_of_choice(store: Store, row: DecisionRow) -> View | None:
    """Return what a month of the chosen option costs, None where nobody reckoned it."""
    for cost in option_costs(store, row):
        if cost.option == row.choice:
            return {
                "value": cost.monthly.value,
                "low": cost.monthly.low,
                "high": cost.monthly.high,
                "currency": cost.currency,
                "per": "month",
            }
    return None
