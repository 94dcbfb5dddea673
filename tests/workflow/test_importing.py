"""Answers from elsewhere are an arm like any other, and are called what they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from tracker import experiments as records
from tracker import runs
from tunewise.domain.errors import (
    DatasetError,
    FactError,
    ModelError,
    SpecError,
    StatusError,
)
from tunewise.workflow import decisions
from tunewise.workflow.advice import give_advice
from tunewise.workflow.answers.importing import import_answers
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments import running
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.models import versions as models
from tunewise.workflow.reports import files as reports
from tunewise.workflow.views import View

from .conftest import Measured, write_jsonl, write_spec
from .elsewhere import RIGHT, WRONG, answer_file, import_arm

ONE_WRONG = {**RIGHT, "card-12": "refund"}


@pytest.fixture
def spec(toy: Path) -> Path:
    """The toy's specification, of a base model that is nowhere."""
    return write_spec(toy, "no-such-model", 'arms = ["prompt", "rag"]')


def silent(_: object) -> None:
    pass


def runs_of(home: Home, experiment: str) -> list[str]:
    with home.store() as store:
        return [run.id for run in runs.list_all(store, experiment=experiment)]


def test_imported_answers_are_scored_and_marked(home: Home, spec: Path) -> None:
    report = import_arm(home, spec, "prompt", ONE_WRONG, model="gpt-x")

    arm = report["arms"]["prompt"]
    # 5 of 6 are right; macro F1: card 4/5, refund 6/7
    assert arm["metrics"]["accuracy"]["value"] == pytest.approx(5 / 6)
    assert arm["metrics"]["macro_f1"]["value"] == pytest.approx((4 / 5 + 6 / 7) / 2)
    assert (arm["model"], arm["setup"]) == ("gpt-x", "imported from prompt.jsonl")
    assert (arm["cost"], arm["latency_seconds"], arm["train"]) == (None, None, None)
    assert arm["imported"]["file"] == "prompt.jsonl"
    assert arm["imported"]["missing"] == 0
    assert arm["imported"]["by"] == "Ada Byron"
    said = report["facts_after"]["facts"]["prompt_score"]
    assert said["evidence"] == f"imported:{arm['run']}"
    assert experiments.show(home, report["experiment"])["arms"] == report["arms"]


def test_arms_from_elsewhere_are_compared_in_the_same_paired_tests(
    home: Home, spec: Path
) -> None:
    import_arm(home, spec, "prompt", WRONG)

    report = import_arm(home, spec, "rag", RIGHT)

    (found,) = report["comparisons"]
    # exact McNemar: all 6 pairs differ one way, p = 2 / 2^6
    assert found["p_value"] == pytest.approx(0.03125)
    assert (found["a"], found["b"], found["difference"]) == ("prompt", "rag", -1.0)
    assert [e["experiment"] for e in experiments.list_all(home)] == [
        report["experiment"]
    ]


def test_an_arm_that_was_run_here_is_not_replaced(
    measured: Measured, toy: Path
) -> None:
    experiment = measured.report["experiment"]
    spec = write_spec(toy, "no-such-model")

    with pytest.raises(StatusError, match="its rag arm was run here"):
        import_arm(measured.home, spec, "rag", RIGHT)

    assert (
        experiments.show(measured.home, experiment)["arms"]["rag"]["run"]
        == (measured.report["arms"]["rag"]["run"])
    )


def test_an_arm_from_elsewhere_stands_beside_one_that_was_run_here(
    home: Home, toy: Path, tiny_model: Path
) -> None:
    few = "arms = ['prompt']\nseeds = [0]\nlimits.latency = 0"
    spec = write_spec(toy, tiny_model, few)
    ran = running.run(home, spec, tell=silent)

    report = import_arm(home, spec, "rag", RIGHT)

    assert report["experiment"] == ran["experiment"]
    assert report["arms"]["prompt"] == ran["arms"]["prompt"]
    assert [(c["a"], c["b"]) for c in report["comparisons"]] == [("prompt", "rag")]
    assert "imported" not in report["arms"]["prompt"]
    assert report["prediction"]["left_out"] == []


def test_missing_answers_count_as_wrong_and_are_named(home: Home, spec: Path) -> None:
    some = {id: RIGHT[id] for id in ("card-12", "refund-13", "card-14")}
    told: list[Any] = []
    path = answer_file(spec.parent, some)

    report = import_answers(home, spec, "prompt", path, tell=told.append)

    arm = report["arms"]["prompt"]
    assert arm["metrics"]["accuracy"]["value"] == 0.5
    assert arm["imported"]["missing_ids"] == ["refund-15", "card-16", "refund-17"]
    warning = (
        "prompt: 3 of 6 held-out examples have no answer in answers.jsonl; they count "
        "as wrong."
    )
    assert warning in report["warnings"]
    assert warning in [event.text for event in told]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["card-12", "card-21"], ":2: no held-out example has the id 'card-21'"),
        (["card-12", "card-12"], ":2: the id 'card-12' stood in 1"),
    ],
)
def test_unknown_and_repeated_ids_are_refused_with_their_line(
    home: Home, spec: Path, rows: list[str], message: str
) -> None:
    path = write_jsonl(
        spec.parent / "a.jsonl", [{"id": id, "answer": "card"} for id in rows]
    )

    with pytest.raises(DatasetError, match=message):
        import_answers(home, spec, "prompt", path, tell=silent)

    assert experiments.list_all(home) == []


def test_other_held_out_examples_are_refused(home: Home, spec: Path) -> None:
    first = import_arm(home, spec, "prompt", RIGHT)["experiment"]
    path = spec.parent / "heldout.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:4]))
    fewer = {id: RIGHT[id] for id in [*RIGHT][:4]}

    with pytest.raises(SpecError, match=f"{first}, the newest .*other held-out exam"):
        import_arm(home, spec, "rag", fewer)
    with pytest.raises(SpecError, match=f"{first}: it has other held-out examples"):
        import_arm(home, spec, "rag", fewer, experiment=first)

    assert [*experiments.show(home, first)["arms"]] == ["prompt"]
    second = import_arm(home, spec, "rag", fewer, new=True)
    assert second["experiment"] != first
    assert second["arms"]["rag"]["metrics"]["accuracy"]["n"] == 4


def test_another_metric_is_another_experiment(home: Home, spec: Path) -> None:
    import_arm(home, spec, "prompt", RIGHT)
    task = 'task = { type = "classification", metric = "macro_f1" }'
    other = write_spec(spec.parent, "no-such-model", task)

    with pytest.raises(SpecError, match=r"its metric is accuracy, the spec.* macro_f1"):
        import_arm(home, other, "rag", RIGHT)


def test_a_further_import_takes_the_place_of_the_one_before(
    home: Home, spec: Path
) -> None:
    first = import_arm(home, spec, "prompt", WRONG)["arms"]["prompt"]["run"]

    report = import_arm(home, spec, "prompt", RIGHT, name="again.jsonl")

    arm = report["arms"]["prompt"]
    assert arm["run"] == f"{first}-2"
    assert arm["imported"]["replaces"] == [first]
    assert arm["metrics"]["accuracy"]["value"] == 1.0
    assert runs_of(home, report["experiment"]) == [first, f"{first}-2"]
    (row,) = experiments.answers(home, report["experiment"], limit=1)
    assert row["arms"]["prompt"] == {
        "answer": "card",
        "score": 1.0,
        "correct": True,
        "imported": True,
    }
    with home.store() as store:
        events = records.get(store, report["experiment"]).events
    assert [e.action for e in events].count("finished") == 2  # both reports are kept
    assert integrity.verify(home)["ok"]


def test_the_same_answers_are_not_recorded_twice(home: Home, spec: Path) -> None:
    experiment = import_arm(home, spec, "prompt", RIGHT)["experiment"]

    with pytest.raises(StatusError, match="has these very answers"):
        import_arm(home, spec, "prompt", RIGHT, name="copy.jsonl")

    assert len(runs_of(home, experiment)) == 1


def test_answers_outside_the_part_that_is_used_are_left_out(
    home: Home, spec: Path
) -> None:
    limited = write_spec(spec.parent, "no-such-model", "limits.heldout = 4")

    report = import_arm(home, limited, "prompt", RIGHT)

    assert report["arms"]["prompt"]["metrics"]["accuracy"] == {
        "value": 1.0,
        "low": pytest.approx(0.05**0.25),  # mid-P for 4 of 4: p ** 4 / 2 = 0.025
        "high": 1.0,
        "n": 4,
    }
    assert report["arms"]["prompt"]["imported"]["left_out"] == 2


def test_examples_without_an_id_go_by_their_number(home: Home, spec: Path) -> None:
    path = spec.parent / "heldout.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    write_jsonl(path, [{"messages": row["messages"]} for row in rows])
    numbered = {str(n): label for n, label in enumerate(RIGHT.values(), start=1)}

    report = import_arm(home, spec, "prompt", numbered)

    assert report["arms"]["prompt"]["metrics"]["accuracy"]["value"] == 1.0
    write_jsonl(path, [{"messages": row["messages"]} for row in rows[::-1]])
    with pytest.raises(DatasetError, match="no id and stand in another order"):
        import_arm(home, spec, "rag", numbered)


def test_times_and_tokens_are_what_the_file_states(home: Home, spec: Path) -> None:
    path = answer_file(spec.parent, RIGHT, latency_ms=200, prompt_tokens=40, tokens=2)

    arm = import_answers(home, spec, "prompt", path, tell=silent)["arms"]["prompt"]

    assert arm["latency_seconds"] == {"p50": 0.2, "p95": 0.2}
    assert (arm["prompt_tokens_mean"], arm["answer_tokens_mean"]) == (40, 2)
    assert arm["imported"]["latency_stated"] == 6
    assert arm["cost"] is None


def proposed(home: Home, report: View) -> View:
    return decisions.propose(home, report["facts_after"], title="Toy desk")


def test_a_decision_rests_on_the_import_that_is_recorded(
    home: Home, spec: Path
) -> None:
    import_arm(home, spec, "prompt", RIGHT)
    report = import_arm(home, spec, "rag", WRONG)

    view = proposed(home, report)

    assert view["verdict"]["basis"] == "measured"
    standings = {c["fact"]: c["standing"] for c in view["claims"]}
    assert standings["prompt_score"] == standings["rag_score"] == "measured"
    assert view["experiments"] == [report["experiment"]]
    kinds = {link["kind"]: link["found"] for link in view["evidence_links"]}
    assert kinds["imported"] == "recorded here"
    assert view["runs_on_heldout_cited"] == 2


def test_what_is_only_called_imported_is_no_measurement(home: Home, spec: Path) -> None:
    run = import_arm(home, spec, "prompt", RIGHT)["arms"]["prompt"]["run"]
    scores: dict[str, Any] = {
        "prompt_score": {"value": 1.0, "evidence": f"imported:{run}"},
        "rag_score": {"value": 0.9, "low": 0.8, "high": 0.95, "evidence": "imported:x"},
    }

    typed = decisions.propose(home, scores, title="Toy desk")
    advice = give_advice(home, scores)

    assert "stated" not in typed["facts"]["prompt_score"]
    assert typed["facts"]["rag_score"]["stated"] is True
    assert typed["verdict"]["basis"] == advice["basis"] == "rules"
    assert (
        "imported:x holds no answers that were imported here"
        in (advice["warnings"][-1])
    )
    contradicted = {**scores["prompt_score"], "value": 0.7}
    with pytest.raises(FactError, match=r"the facts say 0.7, imported:r-"):
        decisions.propose(home, {"prompt_score": contradicted}, title="x")


def test_a_home_without_records_has_imported_nothing(home: Home) -> None:
    score = {"value": 0.9, "low": 0.8, "high": 0.95, "evidence": "imported:x"}

    advice = give_advice(home, {"prompt_score": score, "rag_score": score})

    assert advice["basis"] == "rules"


def test_facts_of_a_specification_are_not_imported_by_saying_so(
    home: Home, spec: Path
) -> None:
    score = '{ value = 0.9, low = 0.8, high = 0.95, evidence = "imported:x" }'
    stated = f"facts.rag_score = {score}\nfacts.finetune_score = {score}"
    spec = write_spec(spec.parent, "no-such-model", stated)

    report = import_arm(home, spec, "prompt", RIGHT)

    assert report["verdict_before"]["basis"] == "rules"
    assert report["facts_after"]["facts"]["rag_score"]["stated"] is True


def test_what_gave_imported_answers_becomes_no_model_version(
    home: Home, spec: Path
) -> None:
    import_arm(home, spec, "prompt", RIGHT)
    report = import_arm(home, spec, "rag", WRONG)
    id = proposed(home, report)["id"]

    accepted = decisions.accept(home, id, choice="prompt", because="It is better.")

    assert accepted["model"] is None
    with pytest.raises(
        ModelError, match=r"were imported.*\n.*model register NAME --from"
    ):
        models.register(home, report["experiment"], "prompt")


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_a_report_on_imported_answers_says_so_and_verifies(
    home: Home, spec: Path, tmp_path: Path, form: str
) -> None:
    import_arm(home, spec, "prompt", RIGHT)
    id = proposed(home, import_arm(home, spec, "rag", WRONG))["id"]

    path = reports.write_decision(home, id, tmp_path / f"r.{form}", form=form)

    assert "mported" in path.read_text(encoding="utf-8")
    assert integrity.verify(home, path)["problems"] == []


def test_an_arm_and_an_experiment_must_be_there(home: Home, spec: Path) -> None:
    with pytest.raises(SpecError, match="'magic' is no arm\n  Arms are prompt, rag"):
        import_arm(home, spec, "magic", RIGHT)
    with pytest.raises(SpecError, match="--new and --experiment"):
        import_arm(home, spec, "rag", RIGHT, experiment="e-x", new=True)


def test_passages_that_were_shown_elsewhere_are_scored_too(
    home: Home, spec: Path
) -> None:
    rows = [
        {"id": id, "answer": label, "passages": [label]} for id, label in RIGHT.items()
    ]
    path = write_jsonl(spec.parent / "shown.jsonl", rows)

    arm = import_answers(home, spec, "rag", path, tell=silent)["arms"]["rag"]

    assert arm["metrics"]["accuracy"]["value"] == 1.0
