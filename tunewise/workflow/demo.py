"""The demo: the shipped support desk, measured, decided, recorded and reported.

    1  what the rules say with what is known     seconds
    2  the experiment: four arms, same held-out  minutes
    3  a decision proposed and accepted by demo, a model version, a report

Everything it makes says DEMO and lies in a home of its own.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from tunewise import resources
from tunewise.domain.errors import EnvironmentProblem
from tunewise.workflow import decisions
from tunewise.workflow.advice import give_advice
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments import running
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.facts import read_facts
from tunewise.workflow.home import Home
from tunewise.workflow.reports import files as reports

View = dict[str, Any]

LABEL = "DEMO"
NOTES = (
    "The firm, its customers and its policies are invented, by one author.",
    "A base model of 135 million parameters was used because it fits any machine: "
    "it cannot show what prompting a larger model reaches.",
    "With 100 held-out examples a difference is known to about 8 points either way.",
)
_REPORT = "decision-report.html"
_MARK = "demo.json"  # written last: the demo finished here


def finished(home: Home) -> View | None:
    """Return the finished demo of this home, None where there is none."""
    try:
        made = json.loads((home.path / _MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _view(home, made["experiment"], made["decision"])


def remove(home: Home) -> None:
    """Remove an earlier demo; refuse a home that holds anything else."""
    if not home.path.exists():
        return
    if not (home.path / "DEMO").exists():
        raise EnvironmentProblem(
            f"{home.path}: this is no home of the demo, so it is not removed\n"
            "  Name another folder with --home."
        )
    for name in ("tunewise.db", "tunewise.db-wal", "tunewise.db-shm", _MARK, _REPORT):
        (home.path / name).unlink(missing_ok=True)
    for name in ("runs", "blobs"):
        shutil.rmtree(home.path / name, ignore_errors=True)


def run(home: Home, *, tell: Tell) -> View:
    """Run the demo from the first question to the report."""
    folder = resources.examples_dir() / "support-desk"
    _claim(home)
    tell(Event("step", "Ask the rules with what is known"))
    before = give_advice(home, read_facts(str(folder / "facts.toml"), home.rules()))
    tell(Event("result", f"Verdict {before['recommended']}: {before['because']}"))
    for step in before["next_steps"][:2]:
        tell(Event("result", f"Next, says the rule set: {step['action']}"))
    report = running.run(home, folder / "experiment.toml", tell=tell, labels=(LABEL,))
    verdict = report["verdict"]
    tell(Event("step", "Put the measured facts in: a new verdict"))
    tell(Event("result", f"Verdict {verdict['recommended']}: {verdict['because']}"))
    tell(Event("step", "Propose the decision and accept it, as demo"))
    proposed = decisions.propose(
        home,
        report["facts_after"],
        title="DEMO: how to route support messages",
        labels=(LABEL,),
        notes=NOTES,
    )
    describe(home, proposed["id"])
    accepted = decisions.accept(home, proposed["id"])
    model = accepted["model"]
    what = f"model version {model}" if model else "no model version"
    tell(Event("result", f"{accepted['id']} is accepted; {what}."))
    tell(Event("step", "Write the report"))
    view = _view(home, report["experiment"], accepted["id"])
    size = Path(view["report"]).stat().st_size
    tell(Event("result", f"{view['report']} ({size / 1000:.0f} kB, one file)"))
    mark = {"experiment": report["experiment"], "decision": accepted["id"]}
    (home.path / _MARK).write_text(json.dumps(mark) + "\n", encoding="utf-8")
    return view


def describe(home: Home, id: str) -> View:
    """Say of the demo's decision what its example says beside the facts."""
    file = resources.examples_dir() / "support-desk" / "description.toml"
    return decisions.describe(home, id, decisions.read_description(str(file)))


def _claim(home: Home) -> None:
    if home.has_records() and not (home.path / "DEMO").exists():
        raise EnvironmentProblem(
            f"{home.path}: this home holds records that are not the demo's\n"
            "  Name another folder with --home."
        )
    try:
        home.path.mkdir(parents=True, exist_ok=True)
        (home.path / "DEMO").write_text(
            "Everything in this folder was made by the demo.\n", encoding="utf-8"
        )
    except OSError as error:
        raise EnvironmentProblem(
            f"{home.path}: cannot be written ({error.strerror})\n"
            "  Name another folder with --home."
        ) from None


def _view(home: Home, experiment: str, decision: str) -> View:
    report = home.path / _REPORT
    if not report.exists():
        reports.write_decision(home, decision, report)
    shown = decisions.show(home, decision)
    command = replace(home, named=True).command
    policy = resources.examples_dir() / "policy-questions" / "experiment.toml"
    return {
        "experiment": experiments.show(home, experiment),
        "decision": shown,
        "report": str(report),
        "notes": list(NOTES),
        "commands": {
            "why": command("why", shown["model"]) if shown["model"] else "",
            "next": command("experiment", "run", str(policy)),
        },
    }
