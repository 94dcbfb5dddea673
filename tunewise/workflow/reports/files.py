"""Reports as files: one decision, one file, readable without the software."""

from pathlib import Path
from typing import Any

from tunewise.report import documents
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.output import reported, write_text

View = dict[str, Any]

_WRITERS = {
    "html": documents.decision_html,
    "md": documents.decision_markdown,
    "json": documents.decision_json,
}


def write_decision(home: Home, id: str, output: Path, *, form: str = "html") -> Path:
    """Write a decision's report, whole or not at all."""
    return write_text(output, _WRITERS[form](decision_report(home, id)))


def decision_report(home: Home, id: str) -> View:
    """Return what a decision's report holds in every form."""
    return reported(decisions.full(home, id))
