"""A model version answers other examples here, in a child process.

    record of its experiment --plan_again--> the same run.json, plus ``again``
    weights from blobs, later examples as the held-out split
        --trainer.again--> answers, in the order that was asked

The folder stands under ``runs/`` while it works and is removed with all that it holds.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker import blobs
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tracker.store import Store
from tunewise.datasets import canonical
from tunewise.domain.dataset import Example, Split
from tunewise.domain.errors import TunewiseError
from tunewise.workflow import processes
from tunewise.workflow.experiments import arm_models
from tunewise.workflow.experiments.one_run import Task, config_of
from tunewise.workflow.experiments.planned import plan_again, spec_of
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.home import Home
from tunewise.workflow.models import bases as base_models
from tunewise.workflow.views import View

_WEIGHTS = "weights"


class NotAnswered(Exception):
    """The score is not looked at, and why; never seen by a user as an error."""


@dataclass(frozen=True, slots=True)
class _Made:
    """How a version was made: the run, planned anew, and the set-up that it found."""

    task: Task
    setup: str


def by_version(
    home: Home, version: View, examples: Sequence[Example], *, tell: Tell
) -> list[str]:
    """Return the version's answers, in the order of the examples.

    Raises
    ------
    NotAnswered
        If it cannot answer on this machine.
    """
    _require_local(version)
    try:
        with home.store() as store:
            made = _made(store, home, version)
            home.runs.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="drift-", dir=home.runs) as name:
                _prepare(store, Path(name), made, version, examples)
                tell(Event("step", f"Let {version['model']} answer {len(examples)}"))
                return _answered(Path(name), tell)
    except TunewiseError as error:
        raise NotAnswered(str(error).splitlines()[0]) from error


def _require_local(version: View) -> None:
    if version["endpoint"]:
        raise NotAnswered(
            "an endpoint answers for it, and nothing is sent there unasked; "
            "give its answers with --answers"
        )
    if not (version["experiment"] and version["run"]):
        raise NotAnswered(
            "no experiment of this home made it; give its answers with --answers"
        )


def _made(store: Store, home: Home, version: View) -> _Made:
    row = experiment_records.get(store, version["experiment"])
    for base in arm_models.references_of(spec_of(row)):
        if not base_models.folder_of(base, home.models):
            raise NotAnswered(
                f"its experiment needs the base model {base}, which is not here; "
                "fetch it with 'tunewise model fetch'"
            )
    base_models.require_train_extra()
    plan = plan_again(home, row, tell=lambda _: None)
    run = run_records.get(store, version["run"])
    return _Made(Task(plan, run.arm, run.seed), str((run.result or {})["setup"]))


def _prepare(
    store: Store,
    folder: Path,
    made: _Made,
    version: View,
    examples: Sequence[Example],
) -> None:
    """Write what the child reads: its data, the weights that were kept, run.json."""
    content = made.task.plan.content
    for split in Split:
        asked = examples if split is Split.HELDOUT else content.split(split)
        (folder / f"{split}.jsonl").write_bytes(canonical.to_jsonl(asked))
    if content.documents:
        text = canonical.documents_to_jsonl(content.documents)
        (folder / "documents.jsonl").write_bytes(text)
    (folder / _WEIGHTS).mkdir()
    for file, digest in version["files"].items():
        (folder / _WEIGHTS / file).write_bytes(blobs.read(store.blobs, digest))
    config = {
        **config_of(made.task),
        **{split.value: f"{split}.jsonl" for split in Split},
        "documents": "documents.jsonl" if content.documents else "",
        "latency_examples": 0,
        "minutes": 0.0,
        "again": {
            "setup": made.setup,
            "weights": _WEIGHTS if made.task.trains else "",
        },
    }
    (folder / "run.json").write_text(json.dumps(config), encoding="utf-8")


def _answered(folder: Path, tell: Tell) -> list[str]:
    """Run the child and read its answers."""

    def on_progress(entries: Sequence[processes.Entry]) -> None:
        for entry in entries:
            if "total" in entry:
                done, total = int(str(entry["done"])), int(str(entry["total"]))
                tell(Event("progress", "answer", done, total))

    ended = processes.train(folder, on_progress)
    result = folder / "result.json"
    if not result.exists():
        raise NotAnswered(f"it could not answer: {ended.reason}")
    said = json.loads(result.read_text(encoding="utf-8"))
    if said["status"] != "finished":
        raise NotAnswered(f"it could not answer: {said['error'].splitlines()[0]}")
    lines = (folder / "answers.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line)["answer"] for line in lines if line.strip()]
