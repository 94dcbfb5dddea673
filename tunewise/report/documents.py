"""One function per document that leaves the house.

Each takes a view (the JSON shape of the command of the same name) and returns
text. An HTML report is one file: the CSS inlined and allowed by its hash, no
script, nothing loaded from anywhere, and the view itself inside as JSON.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from tunewise import resources
from tunewise.report.card import complete_card
from tunewise.report.classification import classification_of, page_style
from tunewise.report.decision import complete_decision
from tunewise.report.environment import environment as default_environment
from tunewise.report.examples import complete_examples
from tunewise.report.experiment import complete_experiment
from tunewise.report.lineage import complete_lineage
from tunewise.report.records import complete_model
from tunewise.report.shapes import View


def decision_html(view: View, environment: Environment | None = None) -> str:
    """Return the decision report as one HTML file."""
    return _report(
        "bodies/decision.html",
        f"Decision: {view.get('title', '')}",
        view,
        complete_decision(view),
        environment,
    )


def decision_markdown(view: View, environment: Environment | None = None) -> str:
    """Return the decision in MADR 4 form."""
    context = complete_decision(view)
    return _markdown("documents/decision.md", context, environment)


def record_json(view: View) -> str:
    """Return a report's record as it is, for scripts and auditors."""
    return json.dumps(view, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def experiment_html(view: View, environment: Environment | None = None) -> str:
    """Return the experiment report as one HTML file."""
    return _report(
        "bodies/experiment.html",
        f"Experiment: {view.get('title') or view.get('experiment', '')}",
        view,
        complete_experiment(view),
        environment,
    )


def lineage_html(view: View, environment: Environment | None = None) -> str:
    """Return the answer to "why was this model fine-tuned?" as one HTML file."""
    context = complete_lineage(view)
    name = context["lineage"]["name"]
    return _report(
        "bodies/lineage.html", f"Lineage of {name}", view, context, environment
    )


def model_card(
    view: View,
    *,
    lineage: View | None = None,
    merged: bool = False,
    environment: Environment | None = None,
) -> str:
    """Return a model card with the front matter that the Hugging Face Hub reads.

    ``merged`` is the card of a folder in which the adapter is part of one model.
    """
    context = complete_model(view, lineage=lineage)
    chain = lineage or context["model"]["lineage"]
    card = complete_card(context["model"], chain, context["lineage"])
    if merged:
        card |= {"relation": "finetune", "merged": True}
    context["card"] = card
    return _markdown("documents/model-card.md", context, environment)


def style_source(css: str) -> str:
    """Return the CSP source that allows exactly this inline style."""
    digest = hashlib.sha256(css.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def stylesheet(folder: Path | None = None) -> str:
    """Return the shipped CSS."""
    root = resources.templates_dir() if folder is None else folder
    return (root / "static" / "tunewise.css").read_text(encoding="utf-8")


def report_style(view: View) -> str:
    """Return the CSS of a report: the shipped one, and what its printed pages bear."""
    model = view.get("model")
    named = model.get("model") if isinstance(model, Mapping) else None
    name = view.get("id") or named or view.get("experiment") or ""
    return stylesheet() + page_style(view, str(name))


def report_policy(view: View) -> str:
    """Return the Content-Security-Policy of the report of a view."""
    return (
        f"default-src 'none'; style-src {style_source(report_style(view))}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _report(
    body: str,
    title: str,
    view: View,
    context: dict[str, Any],
    environment: Environment | None,
) -> str:
    env = environment or default_environment()
    return env.get_template("report.html").render(
        **context,
        body=body,
        title=title,
        view=view,
        css=Markup(report_style(view)),  # ours alone, nobody's text
        policy=report_policy(view),
        classification=classification_of(view),
        examples=complete_examples(view),
        linked=False,
    )


def _markdown(
    template: str, context: dict[str, Any], environment: Environment | None
) -> str:
    env = environment or default_environment()
    return env.get_template(template).render(**context, linked=False)
