"""Experiments that are started in a browser: fields or a pasted specification.

    GET   /experiments/new             the fields         POST   estimate, or start
    GET   /experiments/new/spec        to paste one       POST   the same

Nothing is run in the service: what is asked for goes into the queue (workflow/jobs).
"""

from typing import Any

from flask import Blueprint, Response, request

from tunewise.domain.errors import SpecError, TunewiseError
from tunewise.domain.experiment import ARMS, METRICS, TASK_TYPES
from tunewise.report.words import arm_title, metric_title
from tunewise.web.form_pages import Group, Input, Page, shown, ticked
from tunewise.web.forms import Form
from tunewise.web.site import acting, home, seen_other
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.jobs import asked, queue, records
from tunewise.workflow.jobs.asked import Asked

blueprint = Blueprint("starting", __name__)

_WHOLE = "A whole number; empty is the default."
_BUTTONS = (
    ("estimate", "Estimate it first"),
    ("run", "Start it without an estimate"),
)
BY = Input(
    "by",
    "Your name",
    help="There are no accounts yet: a name given here goes on record as stated, not "
    "verified.",
    required=True,
)
SCHEMA = Input(
    "schema",
    "JSON Schema of the answers",
    "code",
    "Needed by the metric schema_valid only. Paste it; no file is read here.",
)
# field of the form -> key of the specification, and whether it is a whole number
_NUMBERS = {
    "target_score": ("task", "target_score", False),
    "margin": ("task", "margin", False),
    "price_in": ("endpoint", "price_in", False),
    "price_out": ("endpoint", "price_out", False),
    "most_cost": ("endpoint", "most_cost", False),
    "most_requests": ("endpoint", "most_requests", True),
    "epochs": ("finetune", "epochs", True),
    "rank": ("finetune", "rank", True),
    "learning_rate": ("finetune", "learning_rate", False),
    "max_length": ("finetune", "max_length", True),
    "train": ("limits", "train", True),
    "heldout": ("limits", "heldout", True),
    "minutes": ("limits", "minutes", False),
    "latency": ("limits", "latency", True),
}


@blueprint.get("/experiments/new")
def ask() -> Response:
    """Show the fields of a specification."""
    return shown(_page(), Form(request.args.to_dict()) if request.args else None)


@blueprint.post("/experiments/new")
def start() -> Response:
    """Queue an estimate, or the experiment, of the fields."""
    sent = Form.of_request()
    raw = _raw(sent)
    return _queued(
        sent, _page(), lambda: asked.from_tables(home(), raw, schema=_schema(sent))
    )


@blueprint.get("/experiments/new/spec")
def ask_text() -> Response:
    """Show the field for a specification that exists already."""
    return shown(_text_page())


@blueprint.post("/experiments/new/spec")
def start_text() -> Response:
    """Queue an estimate, or the experiment, of a specification."""
    sent = Form.of_request()
    text = sent.text("spec", longest=100_000, required=True)
    return _queued(
        sent, _text_page(), lambda: asked.from_text(home(), text, schema=_schema(sent))
    )


def _schema(sent: Form) -> str:
    return sent.text("schema", longest=100_000)


def _queued(sent: Form, page: Page, read: Any) -> Response:  # noqa: ANN401
    """Put it into the queue, and show the job; else the form with what is wrong."""
    by = sent.title("by")
    kind = sent.choice("do", (records.ESTIMATE, records.RUN))
    if sent.errors:
        return shown(page, sent, status=422)
    try:
        given: Asked = read()
        job = records.add(acting(by), kind, given.title, files=given.files)
    except TunewiseError as error:
        _blame(sent, page, error)
        return shown(page, sent, status=422)
    queue.wake(home(), job.lane)
    return seen_other("jobs", job.id)


def _blame(sent: Form, page: Page, error: TunewiseError) -> None:
    """Put a message at the field whose key it names."""
    message = str(error).removeprefix(f"{asked.WHERE}: ")
    named = message.partition(":")[0].partition(" ")[0].rpartition(".")[2]
    fields = {field.name for group in page.groups for field in group.fields}
    known = isinstance(error, SpecError) and named in fields
    sent.errors[named if known else ""] = message


def _raw(sent: Form) -> dict[str, Any]:
    """Return the tables that the fields stand for; what is empty is left out."""
    raw: dict[str, Any] = {
        "title": sent.title("title"),
        "dataset": sent.choice("dataset", tuple(v for v, _ in versions_there())),
        "task": {
            "type": sent.choice("type", TASK_TYPES),
            "metric": sent.choice("metric", METRICS),
        },
        "arms": ticked(sent, "arms", ARMS),
    }
    if not raw["arms"]:
        sent.errors["arms"] = "Tick at least one."
    if base := sent.choice("base_model", asked.models(home()), required=False):
        raw["base_model"] = base
    if seeds := _seeds(sent):
        raw["seeds"] = seeds
    _endpoint(sent, raw)
    for name, (table, key, whole) in _NUMBERS.items():
        value = sent.number(name)
        if value is None:
            continue
        if whole and not value.is_integer():
            sent.errors[name] = "A whole number, please."
        else:
            raw.setdefault(table, {})[key] = int(value) if whole else value
    if not sent.flag("curve"):
        raw.setdefault("finetune", {}).update(curve=False, without_flagged=False)
    if "endpoint" in raw and "base_url" not in raw["endpoint"]:
        sent.errors["base_url"] = "The endpoint's fields below need its address."
    return raw


def _endpoint(sent: Form, raw: dict[str, Any]) -> None:
    texts = {
        "base_url": sent.title("base_url", required=False),
        "model": sent.title("endpoint_model", required=False),
        "key_env": sent.title("key_env", required=False),
    }
    if any(texts.values()):
        raw["endpoint"] = {key: text for key, text in texts.items() if text}
        if not texts["model"]:
            sent.errors["endpoint_model"] = "Say which model answers there."


def _seeds(sent: Form) -> list[int]:
    said = sent.title("seeds", required=False).replace(",", " ").split()
    if not all(one.isdecimal() for one in said):
        sent.errors["seeds"] = "Whole numbers from 0, such as: 0 1 2."
        return []
    return [int(one) for one in said]


def versions_there() -> list[tuple[str, str]]:
    """Return the dataset versions that are there, the newest of each name first."""
    found = [
        version
        for row in datasets.list_all(home())
        for version in datasets.versions(home(), row["name"])[::-1]
        if not version["deleted"]
    ]
    return [(v["dataset"], v["dataset"]) for v in found]


def _page() -> Page:
    versions = versions_there()
    empty = "" if versions else "No dataset is registered yet: upload one first."
    return Page(
        title="New experiment",
        lead="The arms answer the same held-out examples. Only names and numbers are "
        "asked for here; what stays empty is decided by the rules.",
        section="experiments",
        groups=(
            _task(versions),
            _arms(),
            Group("JSON Schema", (SCHEMA,), folded=True),
            _endpoint_group(),
            _training(),
            _limits(),
        ),
        buttons=_BUTTONS,
        empty=empty,
        links=(
            ("/experiments/new/spec", "Paste a specification instead"),
            ("/experiments/import", "I have answers already"),
            ("/datasets/new", "Upload data"),
        ),
    )


def _task(versions: list[tuple[str, str]]) -> Group:
    return Group(
        "What is measured",
        (
            Input("title", "Title", help="Such as: Support desk.", required=True),
            Input(
                "dataset", "Dataset version", "choice", required=True,
                options=tuple(versions),
            ),
            Input(
                "type", "Kind of task", "choice", required=True,
                options=tuple((t, t.replace("_", " ")) for t in TASK_TYPES),
            ),
            Input(
                "metric", "Primary metric", "choice",
                "What the arms are compared by; others are reported beside it.",
                required=True, options=tuple((m, metric_title(m)) for m in METRICS),
            ),
            Input("target_score", "Score that is needed", "number", "From 0 to 1."),
            Input(
                "margin", "Equivalence margin", "number",
                "A smaller difference counts as none; 0.02 where it stays empty.",
            ),
        ),
    )  # fmt: skip


def _arms() -> Group:
    options = tuple((model, model) for model in asked.models(home()))
    return Group(
        "Arms",
        (
            Input(
                "arms", "Arms", "checks", "An arm is one option, put into practice.",
                options=tuple((arm, arm_title(arm)) for arm in ARMS),
                value="prompt rag finetune hybrid",
            ),
            Input(
                "base_model", "Base model", "choice",
                "It is fetched once where it is not here yet. A folder of the machine "
                "that serves cannot be named.",
                options=(("", "the smallest, for a first look"), *options),
            ),
            Input("seeds", "Seeds", help="Such as: 0 1 2. More show how much chance "
                  "there is in a training; each costs its time.", value="0"),
        ),
    )  # fmt: skip


def _endpoint_group() -> Group:
    return Group(
        "Endpoint",
        (
            Input("base_url", "Address", help="Such as https://…/v1."),
            Input("endpoint_model", "Model", help="As the endpoint names it."),
            Input(
                "key_env", "Variable that holds the key",
                help="Its name, never the key itself; it ends in _API_KEY.",
            ),
            Input("price_in", "Price of a million tokens sent", "number"),
            Input("price_out", "Price of a million tokens that come back", "number"),
            Input("most_requests", "At most so many requests", "number", _WHOLE),
            Input("most_cost", "At most so much money", "number", "Needs the prices."),
        ),
        help="Where a service of the OpenAI kind answers the prompt and RAG arms, "
        "instead of the base model. Data are sent there, as far as their "
        "classification allows.",
        folded=True,
    )  # fmt: skip


def _training() -> Group:
    return Group(
        "Training",
        (
            Input("epochs", "Epochs", "number", _WHOLE),
            Input("learning_rate", "Learning rate", "number"),
            Input("rank", "Rank of LoRA", "number", _WHOLE),
            Input("max_length", "Longest example in tokens", "number", _WHOLE),
            Input(
                "curve", "Train on a quarter, on half and without what is flagged, too",
                "flag", "It says whether more or better examples would help, and takes "
                "about as long again.",
            ),
        ),
        help="What stays empty is decided by rules/training.toml.",
        folded=True,
    )  # fmt: skip


def _limits() -> Group:
    return Group(
        "Limits",
        (
            Input("train", "Training examples, at most", "number", _WHOLE),
            Input("heldout", "Held-out examples, at most", "number", _WHOLE),
            Input("minutes", "Minutes for a run, at most", "number"),
            Input(
                "latency", "Held-out examples timed one at a time", "number",
                "20 where it stays empty.",
            ),
            BY,
        ),
    )  # fmt: skip


def _text_page() -> Page:
    return Page(
        title="New experiment from a specification",
        lead="What 'tunewise experiment run' reads, with a dataset version by name. "
        "Keys that name a file are refused: no file of this machine is read for a "
        "browser.",
        section="experiments",
        groups=(
            Group(
                "Specification",
                (
                    Input(
                        "spec", "Specification (TOML)", "code", required=True,
                        help='Such as: title = "Desk", dataset = "desk@1", arms = '
                        '["prompt", "rag"], task = {type = "classification", metric = '
                        '"accuracy"}.',
                    ),
                    SCHEMA,
                    BY,
                ),
            ),
        ),
        buttons=_BUTTONS,
        links=(("/experiments/new", "Fill in fields instead"),),
    )  # fmt: skip
