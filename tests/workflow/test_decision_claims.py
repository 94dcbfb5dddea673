"""What facts say of a run or a dataset version is held against its record."""

import json
from pathlib import Path
from typing import Any

import pytest

from tracker import datasets
from tunewise.domain.errors import FactError
from tunewise.workflow import decisions, history
from tunewise.workflow.advice import give_advice
from tunewise.workflow.home import Home
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import imported as models_from_elsewhere

from .on_heldout import begin, imported, measure, register, run

CITED = "r-e-1-rag-0"


@pytest.fixture
def desk(home: Home) -> Home:
    """A home where the rag arm of e-1 has an accuracy of 0.7946, its prompt failed."""
    register(home)
    begin(home, "e-1", "desk@1")
    run(home, "e-1", score=0.7946)
    run(home, "e-1", score=None, arm="prompt")
    return home


def propose(home: Home, facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return decisions.propose(home, facts, title="Desk", **more)


def score(value: float | None, evidence: str = f"run:{CITED}", **more: Any) -> Any:
    return {"value": value, "evidence": evidence, **more}


def imported_score(run: str) -> Any:
    return score(0.5, f"imported:{run}")


def claim(view: dict[str, Any]) -> tuple[str, str, str]:
    (found,) = view["claims"]
    return found["fact"], found["standing"], found["recorded"]


@pytest.mark.parametrize("value", [0.7946, 0.795, 0.79])
@pytest.mark.parametrize("evidence", [f"run:{CITED}", "experiment:e-1"])
def test_a_score_as_it_is_printed_is_measured(
    desk: Home, value: float, evidence: str
) -> None:
    view = propose(desk, {"rag_score": score(value, evidence)})

    assert claim(view)[1] == "measured"
    assert "stated" not in view["facts"]["rag_score"]


@pytest.mark.parametrize("value", [0.79461, 0.794, 0.8, 0.9, 1.0, 0.0])
@pytest.mark.parametrize("evidence", [f"run:{CITED}", "experiment:e-1"])
def test_a_score_that_the_record_contradicts_is_refused(
    desk: Home, value: float, evidence: str
) -> None:
    said = f"rag_score: the facts say {value}, {evidence} holds accuracy 0.7946"

    with pytest.raises(FactError, match=f"^{said} of the arm rag\n.*-because TEXT"):
        propose(desk, {"rag_score": score(value, evidence)})

    assert decisions.list_all(desk) == []


def test_a_contradiction_is_kept_with_its_reason_and_is_no_measurement(
    desk: Home,
) -> None:
    elsewhere = imported(desk, "e-1", score=0.5, arm="prompt")
    facts = {"rag_score": score(0.9), "prompt_score": imported_score(elsewhere)}

    view = propose(desk, facts, accept_because="The run was scored with a typo.")

    assert {c["fact"]: c["standing"] for c in view["claims"]} == {
        "rag_score": "contradicted",
        "prompt_score": "measured",
    }
    assert view["accepted_because"] == "The run was scored with a typo."
    assert view["facts"]["rag_score"]["stated"] is True
    assert view["verdict"]["basis"] != "measured"


def test_a_score_that_agrees_is_a_basis_to_decide_on(desk: Home) -> None:
    elsewhere = imported(desk, "e-1", score=0.5, arm="prompt")
    facts = {"rag_score": score(0.7946), "prompt_score": imported_score(elsewhere)}

    view = propose(desk, facts, accept_because="not needed")

    assert view["verdict"]["basis"] == "measured"
    assert view["accepted_because"] == ""


def test_a_run_of_another_arm_contradicts(desk: Home) -> None:
    with pytest.raises(FactError, match=r"holds accuracy 0.7946 of the arm rag"):
        propose(desk, {"finetune_score": score(0.7946)})


@pytest.mark.parametrize("evidence", ["run:r-e-1-prompt-0", "experiment:e-1"])
def test_a_score_that_no_run_holds_is_stated(desk: Home, evidence: str) -> None:
    view = propose(desk, {"prompt_score": score(0.6, evidence)})

    assert claim(view) == ("prompt_score", "stated", "no score of the arm prompt")
    assert view["facts"]["prompt_score"]["stated"] is True


def test_nobody_makes_a_stated_score_measured_by_saying_so(desk: Home) -> None:
    facts = {"prompt_score": score(0.6, "experiment:e-1", stated=False)}

    assert propose(desk, facts)["facts"]["prompt_score"]["stated"] is True


def test_the_score_over_all_seeds_is_that_of_the_run_in_the_report(home: Home) -> None:
    register(home)
    cited = measure(home, "e-2", "desk@1")  # 0.8 in the run and in the report

    assert claim(propose(home, {"rag_score": score(0.8, f"run:{cited}")}))[1] == (
        "measured"
    )


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({"value": None, "low": 0.7, "high": 0.9}, "measured"),
        ({"value": None, "low": 0.8, "high": 0.9}, "contradicted"),
    ],
)
def test_a_range_must_hold_the_score(
    desk: Home, said: dict[str, Any], standing: str
) -> None:
    facts = {"rag_score": {**said, "evidence": f"run:{CITED}"}}

    assert claim(propose(desk, facts, accept_because="x"))[1] == standing


def test_the_score_of_what_runs_today_may_be_any_arms(desk: Home) -> None:
    assert claim(propose(desk, {"current_score": score(0.79)}))[1] == "measured"


def sized(home: Home) -> Home:
    """Record desk@1 with 160 train and 100 held-out examples."""
    splits = {
        "train": {"digest": "sha256:t", "examples": 160},
        "heldout": {"digest": "sha256:h", "examples": 100},
    }
    with home.store(create=True) as store:
        datasets.register(
            store,
            "desk",
            digest="sha256:desk",
            body={"splits": splits},
            actor=home.actor,
            at=home.now(),
        )
    return home


@pytest.mark.parametrize("evidence", ["dataset:desk@1", "document:desk@1"])
@pytest.mark.parametrize(
    ("fact", "size"), [("training_examples", 160), ("heldout_examples", 100)]
)
def test_the_number_of_examples_is_held_against_the_dataset(
    home: Home, evidence: str, fact: str, size: int
) -> None:
    sized(home)

    agreed = propose(home, {fact: score(size, evidence)})
    with pytest.raises(FactError, match=f"{fact}: the facts say 5000, .* holds {size}"):
        propose(home, {fact: score(5000, evidence)})
    kept = propose(home, {fact: score(5000, evidence)}, accept_because="both parts")

    assert claim(agreed)[1] == "agrees"
    assert claim(kept)[1] == "contradicted"


def test_a_title_that_is_no_version_claims_nothing(home: Home) -> None:
    sized(home)

    view = propose(home, {"training_examples": score(5000, "document:desk")})

    assert view["claims"] == []


def test_a_contradiction_is_found_by_its_reason_and_told_by_the_lineage(
    desk: Home, tmp_path: Path
) -> None:
    because = "a typo in the scorer"
    id = propose(desk, {"rag_score": score(0.95)}, accept_because=because)["id"]
    stated = {"option": "rag", "base_model": {"id": "tiny"}, "decision": id}
    file = tmp_path / "model.json"
    file.write_text(json.dumps(stated))
    model = models_from_elsewhere.register(desk, "bot", file)["model"]

    told = lineage.why(desk, model)["decision"]

    assert [hit["id"] for hit in history.search(desk, "scorer")] == [id]
    assert told["claims"][0]["standing"] == "contradicted"
    assert told["accepted_because"] == "a typo in the scorer"


def test_advice_warns_of_a_score_that_its_run_does_not_hold(desk: Home) -> None:
    other = {
        "prompt_score": imported_score(imported(desk, "e-1", score=0.5, arm="prompt"))
    }

    wrong = give_advice(desk, {**other, "rag_score": score(0.9)})
    right = give_advice(desk, {**other, "rag_score": score(0.79)})
    elsewhere = give_advice(desk, {**other, "rag_score": score(0.9, "run:r-other")})

    warning = f"rag_score: the facts say 0.9, run:{CITED} holds accuracy 0.7946"
    assert wrong["warnings"][-1].startswith(warning)
    assert wrong["basis"] != "measured"
    assert (right["basis"], elsewhere["basis"]) == ("measured", "measured")
