"""What a report says, key by key, against the records as of the report's head.

record -> its subject ...... a decision, model version, lineage, dataset, experiment
       -> as of the head ... what this software says of it (:mod:`report_then`)
       -> Compared ......... what differs, and what could not be held against it
"""

from collections.abc import Callable, Sequence

from tunewise.domain.errors import NotRecorded
from tunewise.report import documents
from tunewise.report.environment import Templates
from tunewise.workflow.decisions.surroundings import ASKED_AGAIN
from tunewise.workflow.home import Home
from tunewise.workflow.output import REPORTED_WITH
from tunewise.workflow.reports import then as report_then
from tunewise.workflow.reports.diff import Compared, View, Writer, held
from tunewise.workflow.reports.made import FORM
from tunewise.workflow.reports.shortened import EXAMPLES

_Then = Callable[[Home, View], View]

# what each has told from the first on; a report of older software may lack the rest
_DECISION = frozenset(
    (
        *("id", "title", "status", "by", "at", "facts", "verdict", "rule_set"),
        *("rule_files", "prices", "engine", "software", "choice", "justification"),
        *("accepted_by", "accepted_at", "conditions", "signatures", "closed_because"),
        *("evidence", "experiments", "model", "review_on"),
        *("supersedes", "superseded_by"),
    )
)
_LINEAGE = frozenset(
    ("model", "decision", "run", "dataset", "alternatives", "people", "events")
)
_MODEL = frozenset(
    ("model", "name", "number", "option", "base_model", "run", "setup", "files", "by")
)
_DATASET = frozenset(
    ("dataset", "digest", "splits", "findings", "statistics", "files", "at", "by")
)
_EXPERIMENT = frozenset(("experiment", "dataset", "arms", "spec", "at", "by"))

# Of the file, not of what it reports: what the rules of the day it was written on say
# is nobody's record, and the house may have changed them since.
_BESIDE = {"audit_head", REPORTED_WITH, ASKED_AGAIN}

# Software that told no margin took fewer decisions for drafts: it may rightly say less.
_MARGIN = "equivalence_margin"
_MOVED = {"changes", "target_set_after_score", "margin_set_after_score"}


def compare(homes: Sequence[Home], record: View) -> Compared:
    """Hold a report's record against the records as of its head.

    ``homes`` are the records then, at each moment that counts: the one that the
    report agrees with best.
    """
    then, first_told, id = _subject(record)
    untold = (
        _MOVED if then is report_then.decision_then and _MARGIN not in record else set()
    )
    writer = Writer(str(record.get(REPORTED_WITH, "")))
    if then is None:
        about = id or "what it reports"
        return Compared(differences=[f"nothing is recorded of {about} as of its head"])
    best: Compared | None = None
    for home in homes:
        try:
            view = then(home, record)
        except NotRecorded:
            lost = f"nothing is recorded of {id} as of its head"
            return Compared(differences=[lost])
        gone = {EXAMPLES} - view.keys()  # their texts are, and with them the proof
        beside = _BESIDE | untold | (gone if record.get(FORM) is True else set())
        said, known = (
            {key: value for key, value in each.items() if key not in beside}
            for each in (record, view)
        )
        found = held(said, known, writer, first_told=first_told)
        found.unchecked += sorted(untold & record.keys())
        found.gone = bool(beside & gone & record.keys())
        if best is None or len(found.differences) < len(best.differences):
            best = found
    return best or Compared()


def page_of(record: View) -> Callable[[View, Templates], str] | None:
    """Return what makes a page of a record, None where there is no such page."""
    then, _, _ = _subject(record)
    return _PAGES.get(then) if then else None


def _subject(record: View) -> tuple[_Then | None, frozenset[str], str]:
    for then, first_told, key, beside in (
        (report_then.decision_then, _DECISION, "id", "verdict"),
        (report_then.lineage_then, _LINEAGE, "model", "asked"),
        (report_then.model_then, _MODEL, "model", "base_model"),
        (report_then.dataset_then, _DATASET, "dataset", "digest"),
        (report_then.experiment_then, _EXPERIMENT, "experiment", "arms"),
    ):
        if key in record and beside in record:
            about = record[key]
            id = about.get("model") if isinstance(about, dict) else about
            return then, first_told, str(id)
    return None, frozenset(), str(record.get("id", ""))


_PAGES: dict[_Then, Callable[[View, Templates], str]] = {
    report_then.decision_then: documents.decision_html,
    report_then.experiment_then: documents.experiment_html,
    report_then.lineage_then: documents.lineage_html,
}
