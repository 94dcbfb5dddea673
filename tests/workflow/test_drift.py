import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tracker import audit
from tracker.schema import TEXTS_REMOVED
from tunewise.domain.errors import DatasetError, NotRecorded, StatusError
from tunewise.workflow import decisions, history
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.drift import checking as drift
from tunewise.workflow.drift import records as drift_records
from tunewise.workflow.drift.answers import Answering
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import versions as models
from tunewise.workflow.overview import attention
from tunewise.workflow.reports import files as reports

from .conftest import Measured, write_jsonl, write_toy
from .imports import register_model

QUIET = Answering(here=False)
TUNING = {
    "task_type": "classification",
    "needs_private_or_new_knowledge": False,
    "what_changes": "inputs",
    "knowledge_changes": "static",
    "output_format_strictness": "schema",
    "training_examples": 10000,
    "data_quality": "high",
    "examples_represent_production": True,
    "heldout_examples": 1000,
    "prompt_tried": True,
    "request_volume_per_day": 60000,
    "latency_sensitive": True,
    "maintainer_named": True,
    "base_model_tunable": True,
    "token_budget_pressure": "high",
}
SCORE = {"value": 0.95, "low": 0.91, "high": 0.97, "n": 200}


def row(n: int, *, words: str = "card", answer: str | None = None) -> dict:
    label = ("card", "refund")[n % 2]
    messages = [
        {
            "role": "user",
            "content": f"{words} please help with {label} {n * 7919 % 1000:03}",
        }
    ]
    if answer != "":
        messages.append({"role": "assistant", "content": answer or label})
    return {"messages": messages, "metadata": {"id": f"x{n}"}}


def later(folder: Path, numbers: Iterable[int], **more) -> Path:
    return write_jsonl(folder / "later.jsonl", [row(n, **more) for n in numbers])


@pytest.fixture
def deployed(home: Home, tmp_path: Path) -> Home:
    """A home with mail@1: tuned on 120 examples, following an accepted decision."""
    paths = {
        "train": write_jsonl(tmp_path / "train.jsonl", [row(n) for n in range(120)]),
        "heldout": write_jsonl(
            tmp_path / "heldout.jsonl", [row(n) for n in range(200, 240)]
        ),
    }
    data = datasets.register(home, "mail", paths, accept_because="a test")["dataset"]
    id = decisions.propose(home, TUNING, title="Mail")["id"]
    decisions.accept(home, id)
    register_model(
        home,
        "mail",
        option="finetune",
        base_model={"id": "mistral-7b"},
        dataset=data,
        decision=id,
        metrics={"accuracy": SCORE},
    )
    return home


def test_the_reference_is_what_was_trained_on_and_not_the_held_out_split(
    deployed: Home, tmp_path: Path
) -> None:
    view = drift.check(
        deployed, "mail@1", later(tmp_path, range(200, 260)), answering=QUIET
    )

    assert not view["drifted"]
    assert view["data"]["reference"] == 120
    assert view["not_looked_at"]["score"].startswith("the version was not to answer")
    assert (view["before"], view["after"]) == (view["after"], view["before"])
    assert not view["changed"]


def test_what_drifted_changes_a_fact_and_the_verdict_is_asked_again(
    deployed: Home, tmp_path: Path
) -> None:
    file = later(tmp_path, range(300, 400), words="loan instalment mortgage")

    view = drift.check(deployed, "mail@1", file, answering=QUIET)

    assert view["drifted"]
    assert {"fact", "because", "before", "after", "changed"} == set(view["facts"][0])
    (fact,) = [f for f in view["facts"] if f["changed"]]
    assert (fact["fact"], fact["after"]["value"]) == (
        "examples_represent_production",
        False,
    )
    assert view["before"]["recommended"] == "finetune"
    matching = {c["criterion"]: c["change"] for c in view["criteria"]}
    assert matching["examples-not-representative"] == "now matches"
    assert view["changed"] is (view["after"]["recommended"] != "finetune")


def test_drift_raises_a_flag_in_the_check_and_on_the_home_page(
    deployed: Home, tmp_path: Path
) -> None:
    tomorrow = replace(deployed, clock=lambda: deployed.clock() + timedelta(days=1))
    file = later(tmp_path, range(300, 400), words="loan instalment mortgage")

    drift.check(tomorrow, "mail@1", file, answering=QUIET)

    (problem,) = decisions.check(tomorrow)["problems"]
    assert "its model mail@1 has drifted" in problem["message"]
    (flag,) = attention(tomorrow)["due"]
    assert flag["message"] == problem["message"]
    assert [d["id"] for d in attention(tomorrow)["decisions"]] == [flag["decision"]]

    drift.check(tomorrow, "mail@1", later(tmp_path, range(60)), answering=QUIET)
    assert decisions.check(tomorrow)["ok"]


def test_a_score_that_fell_becomes_the_score_of_the_decision(
    deployed: Home, tmp_path: Path
) -> None:
    file = later(tmp_path, range(200, 260))
    wrong = [{"id": f"x{n}", "answer": "card"} for n in range(200, 260)]
    answers = write_jsonl(tmp_path / "answers.jsonl", wrong[:50])

    view = drift.check(deployed, "mail@1", file, answering=Answering(answers))

    decay = next(f for f in view["findings"] if f["code"] == "score_decay")
    # "card" is right for every other example
    assert (decay["value"], decay["drifted"]) == (0.5, True)
    assert decay["fact"] == "finetune_score"
    assert view["answers"]["n"] == 50
    assert view["answers"]["missing"] == 10
    (fact,) = view["facts"]
    assert (fact["before"], fact["after"]["value"]) == (None, 0.5)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"id": "x200"}], "answers.jsonl:1: 'answer' is missing"),
        ([{"id": "y1", "answer": "a"}], "no later example has the id 'y1'"),
        ([{"id": "x200", "answer": "a"}] * 2, ":2: the id 'x200' stood in 1"),
    ],
)
def test_answers_to_other_examples_are_refused(
    deployed: Home, tmp_path: Path, rows: list, message: str
) -> None:
    file = later(tmp_path, range(200, 260))
    answers = write_jsonl(tmp_path / "answers.jsonl", rows)

    with pytest.raises(DatasetError, match=message):
        drift.check(deployed, "mail@1", file, answering=Answering(answers))

    assert models.show(deployed, "mail@1")["drift_checks"] == []


def test_answers_may_be_csv_and_what_is_empty_is_wrong(
    deployed: Home, tmp_path: Path
) -> None:
    file = later(tmp_path, range(200, 260))
    answers = tmp_path / "answers.csv"
    lines = [f"x{n};{'card' if n < 250 else ''}" for n in range(200, 260)]
    answers.write_text("\n".join(["id;answer", *lines]), encoding="utf-8")

    view = drift.check(deployed, "mail@1", file, answering=Answering(answers))

    decay = next(f for f in view["findings"] if f["code"] == "score_decay")
    # "card" is right for every other one of 50, and the empty ten are wrong
    assert decay["value"] == pytest.approx(25 / 60)
    assert (view["answers"]["n"], view["answers"]["missing"]) == (60, 0)


def test_answers_may_be_promptfoos_and_its_errors_are_wrong_and_counted(
    deployed: Home, tmp_path: Path
) -> None:
    file = later(tmp_path, range(200, 260))
    answers = tmp_path / "results.json"
    rows = [_promptfoo(f"x{n}", "card", "a") for n in range(200, 258)]
    rows += [_promptfoo(f"x{n}", None, "a") for n in (258, 259)]
    rows += [_promptfoo(f"x{n}", "other", "b") for n in range(200, 260)]
    answers.write_text(json.dumps({"results": {"results": rows}}), encoding="utf-8")

    view = drift.check(
        deployed, "mail@1", file, answering=Answering(answers, prompts=("a",))
    )

    decay = next(f for f in view["findings"] if f["code"] == "score_decay")
    assert decay["value"] == pytest.approx(29 / 60)
    assert "; 2 of them errors of the tool, which are wrong" in view["answers"]["how"]
    with pytest.raises(DatasetError, match="--prompt 'a' --prompt 'own'"):
        drift.check(deployed, "mail@1", file, answering=Answering(answers))


def _promptfoo(id: str, output: str | None, prompt: str) -> dict:
    error = {} if output else {"error": "timed out"}
    return {
        "provider": {"id": "own"},
        "prompt": {"label": prompt, "raw": "?"},
        "vars": {"id": id},
        "response": {"output": output, **error},
    }


def test_prompts_without_answers_are_checked_and_unread_lines_are_told(
    deployed: Home, tmp_path: Path
) -> None:
    file = later(tmp_path, range(200, 260), answer="")
    file.write_text(file.read_text() + "{broken\n")

    view = drift.check(deployed, "mail@1", file)

    assert (view["data"]["examples"], view["data"]["answered"]) == (60, 0)
    assert view["data"]["unread"] == [61]
    assert "0 later examples have a right answer" in view["not_looked_at"]["score"]


def test_changed_documents_are_named_and_question_how_often_knowledge_changes(
    home: Home, paths: dict[str, Path], tmp_path: Path
) -> None:
    data = datasets.register(home, "toy", paths, accept_because="a test")["dataset"]
    id = decisions.propose(home, {"knowledge_changes": "static"}, title="Toy")["id"]
    register_model(home, "toy", option="rag", dataset=data, decision=id)
    now = write_jsonl(
        tmp_path / "now.jsonl",
        [
            {"id": "card", "title": "Cards", "text": "There are no cards any more."},
            {"id": "refund", "title": "Refunds", "text": "Money comes in ten days."},
        ],
    )
    later_home = replace(home, clock=lambda: home.clock() + timedelta(days=40))

    view = drift.check(later_home, "toy@1", paths["train"], now)

    (change,) = [f for f in view["findings"] if f["code"] == "document_change"]
    assert change["texts"]["changed"] == ("card", "refund")
    (fact,) = view["facts"]
    assert (fact["before"]["value"], fact["after"]["value"]) == ("static", "monthly")


def test_words_and_labels_stay_out_of_the_log_and_can_be_taken_away(
    deployed: Home, tmp_path: Path
) -> None:
    file = later(tmp_path, range(300, 400), words="loan instalment mortgage")
    drift.check(deployed, "mail@1", file, answering=QUIET)

    assert "mortgage" in str(drift_records.texts_of(deployed, "mail@1")[1])
    with deployed.store() as store:
        said = json.dumps([event.payload for event in audit.events(store)])
    assert "prompt_words" in said
    assert not re.search("mortgage|instalment", said)
    assert "mortgage" not in str(lineage.why(deployed, "mail@1"))

    gone = drift_records.forget(deployed, "mail@1", 1, because="names of people")

    assert len(gone["removed"]) == 1
    assert drift_records.texts_of(deployed, "mail@1") == {}
    (check,) = models.show(deployed, "mail@1")["drift_checks"]
    assert "names of people" in check["texts_removed"]
    assert next(f for f in check["findings"] if f["code"] == "prompt_words")["drifted"]
    assert integrity.verify(deployed)["ok"]
    assert TEXTS_REMOVED in str(history.history(deployed))
    with pytest.raises(StatusError, match="no words or labels on record"):
        drift_records.forget(deployed, "mail@1", 1, because="again")
    with pytest.raises(NotRecorded, match="there is no drift check 2"):
        drift_records.forget(deployed, "mail@1", 2, because="x")


def test_a_report_with_a_drift_check_is_verified_from_the_records_alone(
    deployed: Home, tmp_path: Path
) -> None:
    file = later(tmp_path, range(300, 400), words="loan instalment mortgage")
    drift.check(deployed, "mail@1", file, answering=QUIET)
    id = models.show(deployed, "mail@1")["decision"]

    for form in ("html", "json"):
        report = reports.write_decision(
            deployed, id, tmp_path / f"report.{form}", form=form
        )
        assert integrity.verify(deployed, report)["problems"] == []


@pytest.mark.model
@pytest.mark.parametrize("arm", ["prompt", "rag", "finetune", "hybrid"])
def test_a_version_answers_later_examples_as_in_its_experiment(
    measured: Measured, tmp_path: Path, arm: str
) -> None:
    home, id = measured.home, measured.report["experiment"]
    version = models.register(home, id, arm, name="toy")["model"]
    toy = write_toy(tmp_path / "again")
    lines = [line for line in (toy / "heldout.jsonl").read_text().splitlines() if line]
    file = tmp_path / "later.jsonl"
    rows = [json.loads(line) for line in lines * 5]
    for n, each in enumerate(rows):
        each["metadata"]["id"] = f"{each['metadata']['id']}-{n}"
    write_jsonl(file, rows)

    view = drift.check(home, version, file)

    decay = next(f for f in view["findings"] if f["code"] == "score_decay")
    run = models.show(home, version)["run"]
    score = {r["run"]: r["metrics"]["accuracy"] for r in runs_of(home, id)}[run]
    # the same six examples, five times: the score is that of the run
    assert decay["value"] == pytest.approx(score)
    assert view["answers"]["how"].endswith("as in its experiment")


def runs_of(home: Home, experiment: str) -> list[dict]:
    from tracker import runs as run_records

    with home.store() as store:
        rows = run_records.list_all(store, experiment=experiment)
    return [{"run": r.id, "metrics": (r.result or {})["metrics"]} for r in rows]
