"""Make a home with three reports, as the software of the day writes them.

    python -m tests.workflow.stored.make       (in the root of a checkout)

writes ``VERSION.tar.xz`` beside this file. It is made once, before the shape of a
report changes, and never again: what another version wrote must still verify.
"""

import contextlib
import datetime as dt
import io
import lzma
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.workflow.answered import conclude_with, write_task
from tunewise import __version__
from tunewise.domain.decision import Actor
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.reports import files as reports

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LABELS = ["card", "refund", "transfer"] * 8
WRONG = ["card", "refund", "refund"] * 8
TRAIN = {"examples": 300, "steps": 30, "tokens": 9000, "seconds": 12.5}


def main() -> None:
    """Write the archive of this version."""
    target = Path(__file__).with_name(f"{__version__}.tar.xz")
    folder = Path()  # no path of this machine goes into the records
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        home = Home(folder / "home", Actor("Ada Byron"), clock=lambda: NOON)
        id = _decide(home, folder)
        for form in ("html", "md", "json"):
            reports.write_decision(home, id, folder / f"report.{form}", form=form)
        with lzma.open(target, "wb") as packed:
            packed.write(_packed(folder, ["home", *sorted(_reports(folder))]))


def _decide(home: Home, folder: Path) -> str:
    spec = write_task(
        folder / "task", LABELS, 'type = "classification", metric = "accuracy"'
    )
    report = conclude_with(
        home, spec, {"prompt": WRONG, "rag": WRONG, "finetune": LABELS}, train=TRAIN
    )
    facts = {**report["facts_after"]["facts"], "task_type": "classification"}
    id = str(decisions.propose(home, facts, title="Triage")["id"])
    bea = replace(home, actor=Actor("Bea Maro", "account"))
    decisions.accept(bea, id, choice="finetune", because="it was measured")
    return id


def _reports(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("report.*")]


def _packed(folder: Path, names: list[str]) -> bytes:
    """Return a tar archive that is the same for the same files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name in names:
            archive.add(folder / name, arcname=name, filter=_plain)
    return made.getvalue()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main()
