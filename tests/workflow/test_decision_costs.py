from tracker import experiments
from tunewise.workflow import decisions
from tunewise.workflow.home import Home

from .on_heldout import begin, register, run


def money(value: float) -> dict[str, float]:
    return {"value": value, "low": value / 2, "high": value * 2}


def option(name: str, month: float) -> dict[str, object]:
    return {
        "option": name,
        "once": money(100),
        "monthly": money(month),
        "three_years": money(100 + 36 * month),
    }


def reckoned(
    home: Home, id: str, costs: dict[str, object] | None, arm: str = "rag"
) -> str:
    """Record an experiment whose report has these costs; return its run."""
    made = run(home, begin(home, id, "desk@1"), score=0.8, arm=arm)
    report = {"arms": {}, "primary_metric": "accuracy", "costs": costs}
    who = {"actor": home.actor, "at": home.now()}
    with home.store() as store:
        experiments.start(store, id, **who)
        experiments.finish(store, id, report=report, **who)
    return made


def test_a_decision_shows_what_its_last_experiment_that_reckoned_costs_says(
    home: Home,
) -> None:
    register(home)
    costs = {
        "currency": "EUR",
        "options": [option("prompt", 30), option("rag", 40)],
        "today": option("today", 90),
    }
    first = reckoned(home, "e-1", costs)
    later = reckoned(home, "e-2", None, arm="prompt")
    facts = {
        "rag_score": {"value": 0.8, "evidence": f"run:{first}"},
        "prompt_score": {"value": 0.8, "evidence": f"run:{later}"},
    }

    id = decisions.propose(home, facts, title="Desk")["id"]
    decisions.accept(home, id, choice="rag", because="it cites")

    shown = decisions.show(home, id)["costs"]
    assert [c["option"] for c in shown] == ["prompt", "rag", "today"]
    assert shown[1]["monthly"] == money(40)
    assert shown[1]["experiment"] == "e-1"
    (row,) = decisions.portfolio(home)
    assert row["monthly_cost"] == {**money(40), "currency": "EUR", "per": "month"}


def test_a_decision_without_measured_costs_shows_none(home: Home) -> None:
    id = decisions.propose(home, {"must_cite_sources": True}, title="HR")["id"]
    decisions.accept(home, id)

    assert decisions.show(home, id)["costs"] == []
    assert decisions.portfolio(home)[0]["monthly_cost"] is None
