"""A model that was decided on a measured experiment, and the reports of all three."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tunewise.domain.decision import Actor
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.reports import files as reports

from .answered import conclude_with, write_task
from .conftest import NOON

KINDS = ["decision", "experiment", "lineage"]
REFERENCES = ["card", "refund", "transfer"] * 20
PROMPTED = ["card", "refund", "refund"] * 20
TRAIN = {"examples": 300, "steps": 30, "tokens": 9000, "seconds": 12.5}
TASK = 'type = "classification", metric = "accuracy"'
SAID = 'dataset.classification = "confidential"\ndataset.accept_because = "a test"'


@dataclass(frozen=True)
class Decided:
    home: Home
    decision: str
    experiment: str
    model: str

    def write(self, kind: str, path: Path, **how: Any) -> Path:
        form = path.suffix.removeprefix(".")
        texts = {"with_examples": how.get("with_examples", False)}
        if kind == "decision":
            return reports.write_decision(
                self.home, self.decision, path, form=form, **texts
            )
        if kind == "experiment":
            return reports.write_experiment(
                self.home, self.experiment, path, form=form, **texts
            )
        view = reports.lineage_report(self.home, self.model, **texts)
        return reports.write_lineage(view, path, form=form)


def decide(folder: Path) -> Decided:
    """Measure, decide and make a model; train and held-out share a question."""
    home = Home(folder / "home", Actor("Ada Byron"), clock=lambda: NOON)
    spec = write_task(folder / "task", REFERENCES, TASK, SAID)
    train = folder / "task" / "train.jsonl"
    leaked = train.read_text().replace("train question 7 ", "heldout question 7 ")
    train.write_text(leaked)
    report = conclude_with(
        home,
        spec,
        {"prompt": PROMPTED, "rag": PROMPTED, "finetune": REFERENCES},
        train=TRAIN,
    )
    id = decisions.propose(home, report["facts_after"]["facts"], title="Triage")["id"]
    bea = replace(home, actor=Actor("Bea Maro", "account"))
    view = decisions.accept(bea, id, choice="finetune", because="it was measured")
    return Decided(home, id, report["experiment"], view["model"])
