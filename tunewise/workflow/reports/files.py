"""Reports as files: one record, one file, readable without the software.

decision ..... HTML, Markdown (MADR), JSON
experiment ... HTML, JSON
lineage ...... HTML, JSON
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tunewise.domain.errors import TunewiseError
from tunewise.report import documents
from tunewise.workflow.home import Home
from tunewise.workflow.models.deployments import resolve
from tunewise.workflow.output import reported, write_text
from tunewise.workflow.reports import made
from tunewise.workflow.statements import reached

View = dict[str, Any]
_Writers = dict[str, Callable[[View], str]]

_DECISION: _Writers = {
    "html": documents.decision_html,
    "md": documents.decision_markdown,
    "json": documents.record_json,
}
_EXPERIMENT: _Writers = {
    "html": documents.experiment_html,
    "json": documents.record_json,
}
_LINEAGE: _Writers = {"html": documents.lineage_html, "json": documents.record_json}


def write_decision(
    home: Home,
    id: str,
    output: Path,
    *,
    form: str = "html",
    with_examples: bool = False,
) -> Path:
    """Write a decision's report, whole or not at all.

    Raises
    ------
    TunewiseError
        If examples are asked for in Markdown, which has no place for them.
    """
    if with_examples and form == "md":
        raise TunewiseError(
            "Markdown shows no examples\n"
            "  Write HTML or JSON, or leave out --with-examples."
        )
    view = decision_report(home, id, with_examples=with_examples)
    return write_text(output, _DECISION[form](view))


def write_experiment(
    home: Home,
    id: str,
    output: Path,
    *,
    form: str = "html",
    with_examples: bool = False,
) -> Path:
    """Write an experiment's report, whole or not at all."""
    view = experiment_report(home, id, with_examples=with_examples)
    return write_text(output, _EXPERIMENT[form](view))


def write_lineage(view: View, output: Path, *, form: str = "html") -> Path:
    """Write what :func:`lineage_report` returned, whole or not at all."""
    return write_text(output, _LINEAGE[form](view))


def decision_report(home: Home, id: str, *, with_examples: bool = False) -> View:
    """Return what a decision's report holds in every form."""
    return reported(made.decision_report(home, id, with_examples=with_examples))


def experiment_report(home: Home, id: str, *, with_examples: bool = False) -> View:
    """Return what an experiment's report holds in every form."""
    return reported(made.experiment_report(home, id, with_examples=with_examples))


def lineage_report(
    home: Home,
    reference: str,
    *,
    at: str = "",
    environment: str = "",
    with_examples: bool = False,
) -> View:
    """Return what a lineage's report holds in every form; arguments as of ``why``."""
    reached("at", at, home.now())
    asked = resolve(home, reference, at=at, environment=environment)
    return reported(made.lineage_report(home, asked, with_examples=with_examples))
