"""A home to record in, toy data to measure on, and one experiment that was measured.

The experiment takes most of the time of these tests (eleven runs of a tiny model), so
it is made once; a test that records more works on a copy of its home.
"""

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tunewise.domain.decision import Actor
from tunewise.workflow import decisions
from tunewise.workflow.experiments import running
from tunewise.workflow.experiments.running import Event
from tunewise.workflow.home import Home

from .anchored import WHO, git
from .reported import FACTS

ADA, BEA = Actor("Ada Byron"), Actor("Bea Maro", "account")
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

CARD = (
    "My card is broken",
    "The card was stolen",
    "Please block my card",
    "New card needed",
    "Card does not pay",
    "The machine swallowed my card",
    "Where is my card?",
    "The number on the card is worn",
    "My card expired in May",
)
REFUND = (
    "I want my money back",
    "Refund the shoes",
    "Please return the payment",
    "Money for the cancelled trip",
    "You charged too much, give it back",
    "The refund did not come",
    "Send back what I paid",
    "Pay back the ticket",
    "I paid twice, refund one",
)
SPLITS = {"train": (0, 8), "validation": (8, 12), "heldout": (12, 18)}
DOCUMENTS = (
    {"id": "card", "title": "Cards", "text": "The card desk replaces lost cards."},
    {"id": "refund", "title": "Refunds", "text": "Money comes back in ten days."},
)
# must_cite_sources and the like stay unknown: the toy says next to nothing
SPEC = """
title = "Toy desk"
base_model = "{model}"
seeds = [0, 1]
dataset.train = "train.jsonl"
dataset.validation = "validation.jsonl"
dataset.heldout = "heldout.jsonl"
dataset.documents = "documents.jsonl"
task = {{ type = "classification", metric = "accuracy" }}
prompt.setups = ["zero-shot"]
rag.k = [1]
finetune = {{ epochs = 1, max_length = 256 }}
limits.latency = 2
"""


@pytest.fixture
def home(tmp_path: Path, fixed_clock: Callable[[], dt.datetime]) -> Home:
    """An empty home where Ada acts, at noon of 22 November 2026."""
    return Home(tmp_path / "home", ADA, clock=fixed_clock)


def as_bea(home: Home) -> Home:
    """Return the same home with another person at the keys."""
    return replace(home, actor=BEA)


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def write_toy(folder: Path) -> Path:
    """Write 8 train, 4 validation, 6 held-out examples and 2 documents."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = [pair for both in zip(CARD, REFUND, strict=True) for pair in both]
    rows = [
        {
            "messages": [
                {"role": "system", "content": "Answer card or refund."},
                {"role": "user", "content": question},
                {"role": "assistant", "content": label},
            ],
            "metadata": {"id": f"{label}-{n}", "gold_doc_ids": [label]},
        }
        for n, question in enumerate(asked)
        for label in [("card", "refund")[n % 2]]
    ]
    for name, (first, last) in SPLITS.items():
        write_jsonl(folder / f"{name}.jsonl", rows[first:last])
    write_jsonl(folder / "documents.jsonl", [*DOCUMENTS])
    return folder


def write_spec(
    folder: Path, model: Path | str = "tiny", extra: str = "", *, without: str = "\0"
) -> Path:
    """Write the toy specification; ``extra`` replaces keys it already has."""
    names = {line.partition("=")[0].strip() for line in extra.splitlines() if line}
    kept = [
        line
        for line in SPEC.format(model=model).splitlines()
        if line.partition("=")[0].strip() not in names and without not in line
    ]
    path = folder / "experiment.toml"
    path.write_text("\n".join([*kept, extra]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A folder with the toy data set."""
    return write_toy(tmp_path / "toy")


@pytest.fixture
def paths(toy: Path) -> dict[str, Path]:
    """The toy files by their role."""
    return {role: toy / f"{role}.jsonl" for role in (*SPLITS, "documents")}


@dataclass(frozen=True)
class Measured:
    """A finished experiment, what it told while it ran, and where it is recorded."""

    home: Home
    report: dict[str, Any]
    told: tuple[Event, ...]


@pytest.fixture(scope="session")
def measured_once(
    tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Measured:
    """All four arms with two seeds, and every diagnostic, on the toy data."""
    folder = tmp_path_factory.mktemp("measured")
    spec = write_spec(write_toy(folder / "toy"), tiny_model)
    home = Home(folder / "home", ADA, clock=lambda: NOON)
    told: list[Event] = []
    with pytest.MonkeyPatch.context() as quiet:  # whatever else runs here meanwhile
        quiet.setattr(os, "getloadavg", lambda: (0.1, 0.1, 0.1))
        report = running.run(home, spec, tell=told.append)
    return Measured(home, report, tuple(told))


@pytest.fixture
def measured(measured_once: Measured, tmp_path: Path) -> Measured:
    """A copy of that home, which a test may record in."""
    path = tmp_path / "measured"
    shutil.copytree(measured_once.home.path, path)
    return replace(measured_once, home=replace(measured_once.home, path=path))


@pytest.fixture
def decided(home: Home) -> tuple[Home, str]:
    """A decision proposed on the 22nd, accepted and signed on the 23rd."""
    id = decisions.propose(home, FACTS, title="HR answers")["id"]
    tomorrow = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    bea = replace(as_bea(home), clock=lambda: tomorrow)
    decisions.accept(bea, id, conditions=["ask legal"])
    decisions.sign(bea, id, role="owner", comment="fine")
    return home, id


@pytest.fixture
def recorded(home: Home) -> Home:
    """A home with one decision, signed: two entries in the log."""
    id = decisions.propose(home, {}, title="HR answers")["id"]
    decisions.sign(home, id, role="owner")
    return home


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with one commit, of somebody whom git does not know."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, *WHO, "commit", "-qm", "first", "--allow-empty")
    return folder
