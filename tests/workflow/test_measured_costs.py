"""Costs of an experiment that was run: from its runs to the decision's report."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tracker import runs as run_records
from tunewise.cli import text
from tunewise.workflow import decisions
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.reports import files as reports

from .conftest import Measured

ARMS = ["prompt", "rag", "finetune", "hybrid"]
pytestmark = pytest.mark.model


def test_training_costs_the_seconds_of_all_runs_of_an_arm(measured: Measured) -> None:
    view = experiments.show(measured.home, measured.report["experiment"])
    with measured.home.store() as store:
        runs = run_records.list_all(store, experiment=view["experiment"])

    assert [row["option"] for row in view["costs"]["options"]] == ARMS
    for row in view["costs"]["options"]:
        seconds = [r.result["seconds"] for r in runs if r.arm == row["option"]]
        (training,) = [k for k in row["kinds"] if k["kind"] == "training"]
        assert len(seconds) == 2  # seeds
        # own-machine: .15 EUR an hour
        assert training["once"]["value"] == pytest.approx(sum(seconds) / 3600 * 0.15)
        assert view["arms"][row["option"]]["cost"]["per"] == "1000 requests"
        assert view["arms"][row["option"]]["prompt_tokens_shared"] > 0
    assert len(view["costs"]["break_even"]) == 6
    assert view["prices"].startswith("sha256:")


def test_a_decision_and_its_reports_carry_the_costs_of_its_experiment(
    measured: Measured, tmp_path: Path
) -> None:
    home = measured.home
    facts = {**measured.report["facts_after"]["facts"], "current_monthly_cost": 500}

    made = decisions.propose(home, {"facts": facts}, title="Toy desk")

    assert [cost["option"] for cost in made["costs"]] == ARMS
    assert made["prices"] == measured.report["prices"]
    for form in ("html", "md", "json"):
        path = tmp_path / f"report.{form}"
        reports.write_decision(home, made["id"], path, form=form)
        said = path.read_text(encoding="utf-8")
        assert "once, " in said
        assert "own-labour" in said
        assert integrity.verify(home, path)["problems"] == []
    console = Console(file=io.StringIO(), width=200, soft_wrap=True)
    text.experiment(console, experiments.show(home, measured.report["experiment"]))
    text.decision(console, json.loads((tmp_path / "report.json").read_text()))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Costs in EUR, at 10,000 requests a month (1,000 to 100,000, assumed)" in (
        printed
    )
    assert "Costs, by its experiment" in printed
