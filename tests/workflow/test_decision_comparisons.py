"""What facts say of two arms is held against the experiments that they name."""

from typing import Any

import pytest

from tracker import experiments
from tunewise.domain.errors import FactError
from tunewise.workflow import decisions
from tunewise.workflow.advice import give_advice
from tunewise.workflow.home import Home

from .on_heldout import begin, register, run

SHOWN = {
    "a": "rag",
    "b": "prompt",
    "metric": "accuracy",
    "difference": 0.0946,
    "low": 0.0312,
    "high": 0.158,
    "p_value": 0.00391,
    "conclusion": "win",
    "needs_n": None,
}


@pytest.fixture
def desk(home: Home) -> Home:
    """A home where e-1 shows that rag (0.7946) beats the prompt (0.7)."""
    register(home)
    begin(home, "e-1", "desk@1")
    runs = {
        arm: run(home, "e-1", score=score, arm=arm)
        for arm, score in (("rag", 0.7946), ("prompt", 0.7))
    }
    arms = {
        arm: {"run": runs[arm], "metrics": {"accuracy": {"value": score}}}
        for arm, score in (("rag", 0.7946), ("prompt", 0.7))
    }
    report = {"arms": arms, "primary_metric": "accuracy", "comparisons": [SHOWN]}
    who = {"actor": home.actor, "at": home.now()}
    with home.store() as store:
        experiments.start(store, "e-1", **who)
        experiments.finish(store, "e-1", report=report, **who)
    return home


def facts(*comparisons: dict[str, Any], named: str = "experiment:e-1") -> Any:
    scores = {"rag_score": 0.7946, "prompt_score": 0.7}
    written = {name: {"value": v, "evidence": named} for name, v in scores.items()}
    return {"facts": written, "comparisons": [*comparisons]}


def standings(view: dict[str, Any]) -> list[str]:
    return [c["standing"] for c in view["claims"] if c["fact"].startswith("comparison")]


@pytest.mark.parametrize(
    "said",
    [
        SHOWN,
        {**SHOWN, "difference": 0.09, "low": 0.03, "high": 0.16, "p_value": 0.004},
        {  # the same from the other side
            **SHOWN,
            "a": "prompt",
            "b": "rag",
            "difference": -0.0946,
            "low": -0.158,
            "high": -0.0312,
            "conclusion": "lose",
        },
    ],
)
def test_a_comparison_as_it_is_printed_is_measured(desk: Home, said: Any) -> None:
    view = decisions.propose(desk, facts(said), title="Desk")

    assert standings(view) == ["measured"]
    assert "stated" not in view["comparisons"][0]


@pytest.mark.parametrize(
    "other",
    [
        {"conclusion": "inconclusive"},
        {"conclusion": "lose"},
        {"difference": 0.3, "high": 0.4},
        {"low": 0.01},
        {"p_value": 0.5},
        {"metric": "macro_f1"},
        {"needs_n": 900},
        {"a": "prompt", "b": "rag"},  # sides taken for each other
    ],
)
def test_a_comparison_that_its_experiment_contradicts_is_refused(
    desk: Home, other: dict[str, Any]
) -> None:
    with pytest.raises(
        FactError,
        match=r"^comparison of \w+ and \w+: the facts say .*, experiment:e-1 holds "
        r".*0.0946 .*\n.*--accept-because TEXT",
    ):
        decisions.propose(desk, facts({**SHOWN, **other}), title="Desk")

    assert decisions.list_all(desk) == []


def test_one_that_is_kept_with_a_reason_shows_nothing(desk: Home) -> None:
    dear = {**SHOWN, "conclusion": "equivalent"}

    kept = decisions.propose(desk, facts(dear), title="x", accept_because="rescored")
    true = decisions.propose(desk, facts(SHOWN), title="x")

    assert standings(kept) == ["contradicted"]
    assert kept["comparisons"] == [{**dear, "stated": True}]
    assert (kept["verdict"]["recommended"], true["verdict"]["recommended"]) == (
        "prompt",
        "rag",
    )


def test_one_that_no_experiment_holds_is_stated_and_shows_nothing(desk: Home) -> None:
    begin(desk, "e-2", "desk@1")
    run(desk, "e-2", score=0.9, arm="finetune")
    named = {"value": 0.9, "evidence": "run:r-e-2-finetune-0"}
    made_up = {**SHOWN, "a": "finetune", "b": "rag"}
    written = facts(SHOWN, made_up)
    written["facts"]["finetune_score"] = named

    view = decisions.propose(desk, written, title="Desk")

    assert standings(view) == ["measured", "stated"]
    assert view["verdict"]["recommended"] == "rag"


def test_nobody_makes_a_stated_comparison_shown_by_saying_so(desk: Home) -> None:
    said = {**SHOWN, "p_value": 0.5, "stated": False}

    view = decisions.propose(desk, facts(said), title="x", accept_because="y")

    assert view["comparisons"][0]["stated"] is True


def test_what_was_measured_elsewhere_is_held_against_nothing_and_decides_nothing(
    desk: Home,
) -> None:
    elsewhere = facts({**SHOWN, "p_value": 0.5}, named="imported:eval.csv")

    view = decisions.propose(desk, elsewhere, title="Desk")

    assert standings(view) == []
    assert [c["standing"] for c in view["claims"]] == ["stated", "stated"]
    assert view["verdict"]["basis"] == "rules"


def test_advice_warns_of_a_comparison_that_its_experiment_does_not_hold(
    desk: Home,
) -> None:
    wrong = give_advice(desk, facts({**SHOWN, "p_value": 0.5}))

    assert wrong["warnings"][-1].startswith("comparison of rag and prompt: the facts")
