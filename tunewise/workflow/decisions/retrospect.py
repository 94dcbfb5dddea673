"""Decisions that were made before they were recorded: the day, and what shows it."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from tunewise.domain.errors import StatusError
from tunewise.workflow.decisions import links
from tunewise.workflow.statements import day, required


@dataclass(frozen=True, slots=True)
class Retrospect:
    """The day on which a decision was made, and the source that shows it."""

    decided_at: str
    source: links.Found


def retrospect(
    *,
    asked: bool,
    decided_at: str,
    source: str,
    today: dt.date,
    folder: Path | None,
) -> Retrospect | None:
    """Return when a decision was made, None where it is made as it is recorded.

    Raises
    ------
    StatusError
        If only some of the three are given, or if the day is still to come.
    """
    if not (asked or decided_at or source):
        return None
    if not (asked and decided_at and source.strip()):
        raise StatusError(
            "A decision that is recorded later than it was made needs all three\n"
            "  --retrospective --decided-at DATE --source 'what shows it: minutes, "
            "a mail, a file'."
        )
    return Retrospect(
        decided_on(decided_at, today),
        links.document(
            "source",
            required("source", source).removeprefix("document:"),
            folder=folder,
        ),
    )


def decided_on(said: str, today: dt.date) -> str:
    """Return the day of a decision; refuse one that is still to come."""
    decided = day("decided-at", said)
    if decided > today.isoformat():
        raise StatusError(
            f"decided-at: {decided} is still to come, today is {today}\n"
            "  Name the day on which it was decided."
        )
    return decided
