"""Reports as files: one decision, one file, readable without the software."""

import os
import tempfile
from pathlib import Path

from tunewise.domain.errors import EnvironmentProblem
from tunewise.report import documents
from tunewise.workflow import decisions
from tunewise.workflow.home import Home

_WRITERS = {
    "html": documents.decision_html,
    "md": documents.decision_markdown,
    "json": documents.decision_json,
}


def write_decision(home: Home, id: str, output: Path, *, form: str = "html") -> Path:
    """Write a decision's report, whole or not at all."""
    text = _WRITERS[form](decisions.full(home, id))
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=output.parent, delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        Path(file.name).chmod(0o644)
        os.replace(file.name, output)
    except OSError as error:
        raise EnvironmentProblem(
            f"{output}: cannot be written ({error.strerror})\n"
            "  Choose a folder that exists and is writable."
        ) from None
    return output
