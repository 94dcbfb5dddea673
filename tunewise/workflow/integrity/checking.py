"""Is everything as it was recorded? And copies that prove it: backup and restore."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tracker import audit, backup, indexes, lost, references
from tracker.problems import Problem, as_text, printable, some
from tracker.store import Store, open_to_read
from tunewise.domain.errors import EnvironmentProblem
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import anchoring
from tunewise.workflow.reports import check as report_check
from tunewise.workflow.reports.text import Checked
from tunewise.workflow.rules import house

View = dict[str, Any]


def verify(
    home: Home,
    report: Path | None = None,
    *,
    against: Sequence[Path] = (),
    certificates: bytes = b"",
) -> View:
    """Return whether the log, the records and the blobs are what was written.

    Parameters
    ----------
    report : Path, optional
        A report, the ``tunewise.json`` of an export or the folder of a backup, which
        is held against the records too.
    against : sequence of Path
        Repositories and files whose anchors must agree, known here or not.
    certificates : bytes
        Those of the time-stamp authority (PEM), else the ones kept with the anchor.
    """
    with _as_found(home) as store, audit.forgiving(store):
        problems = [*audit.verify(store)]
        if "audit" in lost.tables(store):
            return _without_log(problems)
        problems += references.verify(store)
        notes = [*_notes(store), *house.unnoted(store, home.path / "house")]
        anchors = anchoring.check(store, certificates=certificates)
        problems += _broken(anchors)
        for place in against:
            problems += anchoring.against(store, place)
        if report is not None:
            found = _of_report(home, store, report, damaged=bool(problems))
            problems += found.problems
            notes += [f"{report.name}: {note}" for note in found.notes]
        newest, entries = audit.head(store), audit.length(store)
    problems = [printable(p) for p in problems]
    return {
        "ok": not problems,
        "head": newest,
        "entries": entries,
        "problems": [_problem_view(problem) for problem in problems],
        "anchors": [
            {k: as_text(v) if isinstance(v, str) else v for k, v in anchor.items()}
            for anchor in anchors
        ],
        "notes": [as_text(note) for note in notes],
    }


def _as_found(home: Home) -> Store:
    """Open the records; where a table was taken away, only to read what is left."""
    try:
        return home.store()
    except EnvironmentProblem:
        if not home.has_records():
            raise
        store = open_to_read(home.path / "tunewise.db")
        if lost.tables(store):
            return store
        store.close()
        raise


def _without_log(problems: Sequence[Problem]) -> View:
    """Return what can be said where the log was taken away: nothing can be proven."""
    return {
        "ok": False,
        "head": "",
        "entries": 0,
        "problems": [_problem_view(problem) for problem in problems],
        "anchors": [],
        "notes": ["nothing else was looked at: only the log says what was recorded"],
    }


def _problem_view(problem: Problem) -> View:
    return {
        "kind": problem.kind,
        "record": problem.record,
        "message": problem.message,
    }


def rebuild(home: Home) -> View:
    """Make the indexes anew from the records; it enters the log.

    Where tables of records are gone (``lacking``) nothing is made: the indexes would
    tell less than the records did, and nothing would show that.
    """
    with _as_found(home) as store:
        lacking = lost.records(store)
        if lacking:
            return {**asdict(indexes.Rebuilt(0, 0, 0)), "lacking": lacking}
        made = indexes.rebuild(store, actor=home.actor, at=home.now())
    return {**asdict(made), "lacking": []}


def head(home: Home) -> str:
    """Return the head of the log, as every report and export prints it."""
    with home.store() as store:
        return audit.head(store)


def save(home: Home, folder: Path) -> View:
    """Copy the records into a new folder while others go on writing."""
    with home.store() as store:
        made = backup.backup(store, folder, at=home.now())
        if not store.read_only:
            audit.append(
                store,
                action="backup.made",
                subject=str(folder.absolute()),
                payload={
                    "head": made.head,
                    "blobs": len(made.blobs),
                    "missing": list(made.missing),
                },
                actor=home.actor,
                at=home.now(),
            )
    return {
        "folder": str(folder),
        "head": made.head,
        "blobs": len(made.blobs),
        "missing": list(made.missing),
    }


def restore(home: Home, folder: Path) -> View:
    """Check a backup and copy it into a home without records."""
    made = backup.restore(folder, home.path)
    with home.store() as store:
        audit.append(
            store,
            action="backup.restored",
            subject=str(folder.absolute()),
            payload={"head": made.head, "made_at": made.at, "blobs": len(made.blobs)},
            actor=home.actor,
            at=home.now(),
        )
    return {"home": str(home.path), "head": made.head, "blobs": len(made.blobs)}


def _of_report(home: Home, store: Store, report: Path, *, damaged: bool) -> Checked:
    """Hold a report or backup against the records, as far as these can be read.

    What is damaged here must not keep the rest from being told.
    """
    if not report.is_dir():
        try:
            return report_check.check(home, store, report)
        except EnvironmentProblem as error:
            if not damaged:
                raise
            message = f"cannot be held against the records: {error}".splitlines()[0]
            return Checked((Problem("report", report.name, message),))
    found = [*backup.check(report)]
    if not audit.is_ancestor(store, backup.read_manifest(report).head):
        message = "the head of the backup is not in this home's chain"
        found.append(Problem("report", report.name, message))
    return Checked(tuple(found))


def _broken(anchors: Sequence[View]) -> list[Problem]:
    return [
        Problem("anchor", anchor["name"] or anchor["where"], anchor["message"])
        for anchor in anchors
        if anchor["state"] == anchoring.BROKEN
    ]


def _notes(store: Store) -> list[str]:
    """Return what is no fault and yet worth knowing."""
    notes = []
    for event in audit.events(store, action="guards.mended"):
        triggers = event.payload.get("triggers")
        named = [*map(str, triggers)] if isinstance(triggers, list) else ["unknown"]
        notes.append(
            f"entry {event.seq}: the guards against edits had been taken off or "
            f"changed from outside, and were put back at {event.at}: {some(named)}"
        )
    for event, before in audit.set_back(store):
        notes.append(
            f"entry {event.seq} is dated {event.at}, before entry {event.seq - 1} "
            f"({before.at}): the clock was set back, or wrong before"
        )
    if unclaimed := references.unclaimed(store):
        said = "no record rests on these blobs, nothing reads them"
        notes.append(f"{said}: {some(unclaimed)}")
    return notes
