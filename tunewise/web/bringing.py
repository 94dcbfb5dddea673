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

from tunewise.domain.dataset import Classification
from tunewise.domain.errors import TunewiseError
from tunewise.domain.experiment import ARMS, METRICS, TASK_TYPES
from tunewise.report.words import arm_title, metric_title
from tunewise.web.form_pages import Group, Input, Page, shown
from tunewise.web.forms import Form
from tunewise.web.site import acting, home, seen_other
from tunewise.web.starting import BY, SCHEMA, versions_there
from tunewise.web.uploads import accept_files, content_of, name_of
from tunewise.workflow.datasets.uploads import as_chat
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.jobs import asked, queue, records
from tunewise.workflow.models import imported
from tunewise.workflow.views import View

blueprint = Blueprint("bringing", __name__)

ROLES = ("train", "validation", "heldout", "documents")
PROVENANCE = ("owner", "origin", "licence", "classification", "basis")
_ROLE_HELP = {
    "train": "What is learned from, or shown as examples.",
    "validation": "What setups are picked by; a fifth of train where it is left out.",
    "heldout": "What is only ever measured on; a fifth of train where it is left out.",
    "documents": "What is retrieved from: JSON Lines with id, title and text.",
}
_LONGEST = 20_000_000  # characters that are pasted


@blueprint.get("/datasets/new")
def ask_data() -> Response:
    """Show the form for data."""
    return shown(_DATA)


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
        return shown(_DATA, sent, status=422)
    arguments = {
        "name": name,
        "files": {role: names[role] for role in given},
        "accept_because": sent.text("accept_because"),
        "provenance": provenance,
    }
    return _queued(sent, _DATA, by, records.REGISTER, name, arguments, files)


@blueprint.get("/experiments/import")
def ask_answers() -> Response:
    """Show the form for answers."""
    return shown(_answers_page())


@blueprint.post("/experiments/import")
def bring_answers() -> Response:
    """Queue the import of answers, into an experiment that is there or a new one."""
    accept_files()
    sent, page = Form.of_request(), _answers_page()
    by, arm = sent.title("by"), sent.choice("arm", ARMS)
    into = sent.choice("into", tuple(v for v, _ in _experiments()), required=False)
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
    return shown(_model_page())


@blueprint.post("/models/explain")
def bring_model() -> ResponseReturnValue:
    """Register what is known of a model, and show it."""
    sent, page = Form.of_request(), _model_page()
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


def _experiments() -> list[tuple[str, str]]:
    """Return the experiments that answers can go into, newest first."""
    rows = experiments.list_all(home())[::-1]
    done = [row for row in rows if row["status"] == "finished"]
    return [
        (row["experiment"], f"{row['title']} ({row['experiment']})") for row in done
    ]


def _classes() -> tuple[tuple[str, str], ...]:
    return (("", "nobody said"), *((c.value, c.value) for c in Classification))


_DATA = Page(
    title="Upload data",
    lead="Chat JSON Lines, or CSV with the columns prompt and answer. They are checked "
    "before anything is recorded; what blocks is said, line by line.",
    section="datasets",
    upload=True,
    buttons=(("register", "Check and register them"),),
    groups=(
        Group(
            "Name",
            (
                Input(
                    "name", "Name of the dataset", required=True,
                    help="Lower case, such as support-triage. A name that is there "
                    "gets its next version.",
                ),
            ),
        ),
        Group(
            "Files",
            (
                *(Input(r, f"{'held-out' if r == 'heldout' else r} examples"
                        .replace("documents examples", "documents").capitalize(),
                        "file", _ROLE_HELP[r]) for r in ROLES),
                Input("pasted", "Or paste the training examples", "code"),
            ),
            help="Up to 64 MB together. They are read once, and kept only as the "
            "dataset version that they become.",
        ),
        Group(
            "Whose they are",
            (
                Input("owner", "Owner", help="Who answers for them."),
                Input("origin", "Origin", help="Where they come from."),
                Input("licence", "Licence"),
                Input(
                    "classification", "Classification", "choice", "Who may see them.",
                    options=_classes(),
                ),
                Input(
                    "basis", "Basis",
                    help="On what they may be used: consent, contract, law.",
                ),
                Input(
                    "accept_because", "Register despite what blocks, because", "text",
                    "Only where you have seen what the check says.",
                ),
                BY,
            ),
        ),
    ),
)  # fmt: skip


def _answers_page() -> Page:
    versions = versions_there()
    return Page(
        title="I have answers or scores",
        lead="Answers of other tools are scored here, on the same held-out examples "
        "and in the same paired tests as arms that are run here, shown as imported. "
        "Scores without answers go into the facts of a decision.",
        section="experiments",
        upload=True,
        buttons=(("import", "Score them"),),
        empty=""
        if versions
        else "No dataset is registered yet: upload the held-out examples first.",
        links=(
            ("/datasets/new", "Upload data"),
            ("/decisions/new", "I only have scores"),
        ),
        groups=(
            Group(
                "Answers",
                (
                    Input(
                        "answers", "File", "file",
                        "CSV or JSON Lines with id and answer, or what 'promptfoo eval "
                        "-o results.json' wrote. The id is the held-out example's; "
                        "one without an answer counts as wrong.",
                    ),
                    Input("pasted", "Or paste it", "code"),
                    Input(
                        "arm", "Which option gave them", "choice", required=True,
                        options=tuple((arm, arm_title(arm)) for arm in ARMS),
                    ),
                    Input("model", "What answered", help="As its vendor names it."),
                    Input(
                        "prompts", "Prompts or providers that are meant", "text",
                        "Of a promptfoo file, one a line.",
                    ),
                ),
            ),
            Group(
                "Where they belong",
                (
                    Input(
                        "into", "Experiment", "choice",
                        "They stand beside its arms, on its held-out examples.",
                        options=(("", "a new one, as said below"), *_experiments()),
                    ),
                ),
            ),
            Group(
                "A new experiment",
                (
                    Input("title", "Title"),
                    Input("dataset", "Dataset version", "choice",
                          options=(("", "choose one"), *versions)),
                    Input("type", "Kind of task", "choice",
                          options=(("", "choose one"),
                                   *((t, t.replace("_", " ")) for t in TASK_TYPES))),
                    Input("metric", "Primary metric", "choice",
                          options=(("", "choose one"),
                                   *((m, metric_title(m)) for m in METRICS))),
                    Input("target_score", "Score that is needed", "number",
                          "From 0 to 1."),
                    SCHEMA,
                ),
                help="Needed where no experiment was chosen above.",
            ),
            Group("You", (BY,)),
        ),
    )  # fmt: skip


def _model_page() -> Page:
    texts = {
        "purpose": "Purpose", "out_of_scope": "Out of scope", "limits": "Limits",
        "oversight": "Oversight", "monitoring": "Monitoring", "rollback": "Rollback",
    }  # fmt: skip
    return Page(
        title="Explain a model we already have",
        lead="Say what is known; what stays empty is shown as missing, never guessed. "
        "Its page then says why it was made, and what nobody recorded.",
        section="models",
        buttons=(("register", "Put it on record"),),
        links=(("/models", "Models on record"),),
        groups=(
            Group(
                "The model",
                (
                    Input("name", "Name", help="Lower case, such as support-triage.",
                          required=True),
                    Input("option", "What was done with the base", "choice",
                          required=True,
                          options=tuple((arm, arm_title(arm)) for arm in ARMS)),
                    Input("base", "Base model", help="As its maker names it.",
                          required=True),
                    Input("revision", "Revision or snapshot"),
                    Input("licence", "Licence of the base"),
                ),
                help="To keep adapter weights with it, use the command line: tunewise "
                "model register NAME --from FILE.",
            ),
            Group(
                "Why, and how it was made",
                (
                    Input("decision", "Decision", "text",
                          "The id of a decision here, or the reasons in words."),
                    Input("dataset", "Dataset version", "choice",
                          options=(("", "not here, or not known"), *versions_there())),
                    Input("training", "Training", "text", "Method and settings."),
                    Input("metric", "Metric", "choice",
                          options=(("", "not measured"),
                                   *((m, metric_title(m)) for m in METRICS))),
                    Input("score", "Score", "number", "From 0 to 1, on held-out data."),
                    Input("trained_at", "Made on", "day"),
                    Input("trained_by", "Made by"),
                    Input("tool", "Made with"),
                ),
            ),
            Group(
                "In use",
                (*(Input(key, label, "text") for key, label in texts.items()), BY),
            ),
        ),
    )  # fmt: skip
