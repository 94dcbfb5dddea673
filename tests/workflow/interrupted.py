"""A training long enough to interrupt, and what a test needs to see of it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tunewise.workflow import history
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home

COMMAND = (sys.executable, "-P", "-m", "tunewise.cli.main")
LONG = """
arms = ["finetune"]
seeds = [0]
finetune = { epochs = 40, max_length = 256, batch_size = 1, patience = 0 }
"""
ENDPOINT = """
arms = ["prompt"]
seeds = [0]
endpoint = { base_url = "http://127.0.0.1:9/v1", model = "none" }
"""


def ignore(_: Event) -> None:
    """Take what a run has to tell."""


def at_training_step(step: int, do: Callable[[], None]) -> Callable[[Event], None]:
    """Do something once, when so many steps are trained."""
    done = []

    def tell(event: Event) -> None:
        if event.loss is not None and event.done >= step and not done:
            done.append(event.done)
            do()

    return tell


def raise_interrupt() -> None:
    raise KeyboardInterrupt


def weights_of(home: Home, run: str) -> str:
    found = experiments.show_run(home, run)["result"]["weights_blobs"]
    return found["adapter_model.safetensors"]


def actions(home: Home, subject: str) -> list[str]:
    return [e["action"] for e in history.history(home) if e["subject"] == subject]


def the_only(home: Home) -> str:
    (row,) = experiments.list_all(home)
    return row["experiment"]


def trainers(folder: Path) -> list[int]:
    """The ids of processes that train below a folder, whoever started them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_text()
        except OSError:
            continue
        if "trainer" in command and str(folder) in command:
            found.append(int(entry.name))
    return found


def start(home: Home, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "--home", str(home.path), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(what: Callable[[], Any], *, seconds: float = 120) -> Any:
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def in_training(home: Home, *, steps: int) -> bool:
    told = list(home.runs.glob("*/finetune-0/progress.jsonl"))
    return bool(told) and told[0].read_text().count("step_loss") >= steps
