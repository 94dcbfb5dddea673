"""What people bring: data, answers of other tools, models that exist already.

    /datasets/new         files of examples        -> a dataset version
    /experiments/import   answers to a held-out split -> an experiment
    /models/explain       what is known of a model -> a model version, its lineage

Files go into the folder of a job, are read there by a process of their own, and are
removed when it has ended. Nothing that a form says is taken for a path.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from tunewise.domain.errors import TunewiseError
from tunewise.domain.experiment import ARMS, METRICS, TASK_TYPES
from tunewise.web.bringing_forms import (
    DATA,
    ROLES,
    answers_page,
    finished_experiments,
    model_page,
)
from tunewise.web.form_pages import Page, shown
from tunewise.web.forms import Form
from tunewise.web.site import acting, home, seen_other
from tunewise.web.starting import versions_there
from tunewise.web.uploads import accept_files, content_of, name_of
from tunewise.workflow.datasets.uploads import as_chat
from tunewise.workflow.jobs import asked, queue, records
from tunewise.workflow.models import imported
from tunewise.workflow.views import View

blueprint = Blueprint("bringing", __name__)

PROVENANCE = ("owner", "origin", "licence", "classification", "basis")
_LONGEST = 20_000_000  # characters that are pasted


@blueprint.get("/datasets/new")
def ask_data() -> Response:
    """Show the form for data."""
    return shown(DATA)


@blueprint.post("/datasets/new")
def bring_data() -> Response:
    """Queue the registration of what was uploaded or pasted."""
    accept_files()
    sent = Form.of_request()
    by, name = sent.title("by"), sent.title("name")
    provenance = {key: sent.text(key) for key in PROVENANCE}
    pasted = sent.text("pasted", longest=_LONGEST)
    contents = {role: content_of(role) for role in ROLES}
    names = {role: f"given-{role}.jsonl" for role in ROLES}
    if pasted:
        if contents["train"]:
            sent.errors["pasted"] = "A training file was chosen as well: take one."
        contents["train"] = pasted.encode()
    given = {role: content for role, content in contents.items() if content}
    if not given:
        sent.errors["train"] = "Choose a file, or paste its lines below."
    files: dict[str, bytes] = {}
    for role, content in given.items():
        try:
            shown_name = "what was pasted" if pasted else name_of(role, role)
            files[names[role]] = as_chat(content, name=shown_name)
        except TunewiseError as error:
            sent.errors[role] = str(error)
    if sent.errors:
        return shown(DATA, sent, status=422)
    arguments = {
        "name": name,
        "files": {role: names[role] for role in given},
        "accept_because": sent.text("accept_because"),
        "provenance": provenance,
    }
    return _queued(sent, DATA, by, records.REGISTER, name, arguments, files)


@blueprint.get("/experiments/import")
def ask_answers() -> Response:
    """Show the form for answers."""
    return shown(answers_page())


@blueprint.post("/experiments/import")
def bring_answers() -> Response:
    """Queue the import of answers, into an experiment that is there or a new one."""
    accept_files()
    sent, page = Form.of_request(), answers_page()
    by, arm = sent.title("by"), sent.choice("arm", ARMS)
    into = sent.choice(
        "into", tuple(v for v, _ in finished_experiments()), required=False
    )
    pasted = sent.text("pasted", longest=_LONGEST).encode()
    content = content_of("answers") or pasted
    if not content:
        sent.errors["answers"] = "Choose a file, or paste its lines below."
    try:
        spec = _spec_of(sent, into)
    except TunewiseError as error:
        sent.errors[""] = str(error)
    if sent.errors:
        return shown(page, sent, status=422)
    file = f"given-{name_of('answers', 'answers.jsonl')}"
    arguments = {
        "arm": arm,
        "file": file,
        "model": sent.title("model", required=False),
        "prompts": list(sent.lines("prompts")),
        "into": into,
    }
    files = {**spec.files, file: content}
    return _queued(
        sent, page, by, records.IMPORT, spec.title, arguments, files, experiment=into
    )


def _spec_of(sent: Form, into: str) -> asked.Asked:
    """Return what answers are scored by: an experiment's terms, or the fields'."""
    if into:
        return asked.of_experiment(home(), into)
    raw: dict[str, Any] = {
        "title": sent.title("title"),
        "dataset": sent.choice("dataset", tuple(v for v, _ in versions_there())),
        "task": {
            "type": sent.choice("type", TASK_TYPES),
            "metric": sent.choice("metric", METRICS),
        },
    }
    target = sent.number("target_score")
    if target is not None:
        raw["task"]["target_score"] = target
    if sent.errors:
        return asked.Asked("", (), {})
    return asked.from_tables(home(), raw, schema=sent.text("schema", longest=100_000))


@blueprint.get("/models/explain")
def ask_model() -> Response:
    """Show the form for a model that exists already."""
    return shown(model_page())


@blueprint.post("/models/explain")
def bring_model() -> ResponseReturnValue:
    """Register what is known of a model, and show it."""
    sent, page = Form.of_request(), model_page()
    by, name = sent.title("by"), sent.title("name")
    raw = _known_of_model(sent)
    if sent.errors:
        return shown(page, sent, status=422)
    try:
        made = _registered(by, name, raw)
    except TunewiseError as error:
        sent.errors[""] = str(error)
        return shown(page, sent, status=422)
    kept, _, number = made["model"].rpartition("@")
    return redirect(url_for("models.show", name=kept, number=number), code=303)


def _registered(by: str, name: str, raw: Mapping[str, Any]) -> View:
    """Register through the file that the command line takes; it names no other file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "form.json"
        path.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")
        try:
            return imported.register(acting(by), name, path)
        except TunewiseError as error:
            message = str(error).replace(f"{path}: ", "").replace(str(path), "the form")
            raise type(error)(message) from None


def _known_of_model(sent: Form) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "option": sent.choice("option", ARMS),
        "base_model": {"id": sent.title("base")},
    }
    for key in ("licence", "revision"):
        if said := sent.title(key, required=False):
            raw["base_model"][key] = said
    for key in _MODEL_TEXTS:
        if said := sent.text(key):
            raw[key] = said
    if dataset := sent.choice(
        "dataset", tuple(v for v, _ in versions_there()), required=False
    ):
        raw["dataset"] = dataset
    metric = sent.choice("metric", METRICS, required=False)
    score = sent.number("score")
    if (score is None) != (not metric):
        sent.errors["score"] = "A score needs its metric, and a metric its score."
    elif score is not None:
        raw["metrics"] = {metric: score}
    if day := sent.day("trained_at"):
        raw["trained_at"] = day
    if method := sent.text("training"):
        raw["training"] = {"said": method}
    return raw


_MODEL_TEXTS = (
    *("purpose", "out_of_scope", "limits", "oversight", "monitoring", "rollback"),
    *("decision", "trained_by", "tool"),
)


def _queued(
    sent: Form,
    page: Page,
    by: str,
    kind: str,
    title: str,
    arguments: Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    experiment: str = "",
) -> Response:
    try:
        job = records.add(
            acting(by),
            kind,
            title,
            experiment=experiment,
            arguments=arguments,
            files=files,
        )
    except TunewiseError as error:
        sent.errors[""] = str(error)
        return shown(page, sent, status=422)
    queue.wake(home(), job.lane)
    return seen_other("jobs", job.id)
