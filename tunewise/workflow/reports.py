"""Reports as files: one decision, one file, readable without the software."""

from pathlib import Path

from tunewise.report import documents
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.output import write_text

_WRITERS = {
    "html": documents.decision_html,
    "md": documents.decision_markdown,
    "json": documents.decision_json,
}


def write_decision(home: Home, id: str, output: Path, *, form: str = "html") -> Path:
    """Write a decision's report, whole or not at all."""
    return write_text(output, _WRITERS[form](decisions.full(home, id)))
