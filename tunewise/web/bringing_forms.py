"""The forms for what people bring: their fields, and what each of them says."""

from tunewise.domain.dataset import Classification
from tunewise.domain.experiment import ARMS, METRICS, TASK_TYPES
from tunewise.report.words import arm_title, metric_title
from tunewise.web.form_pages import Group, Input, Page
from tunewise.web.site import home
from tunewise.web.starting import BY, SCHEMA, versions_there
from tunewise.workflow.experiments import records as experiments

ROLES = ("train", "validation", "heldout", "documents")
_ROLE_HELP = {
    "train": "What is learned from, or shown as examples.",
    "validation": "What setups are picked by; a fifth of train where it is left out.",
    "heldout": "What is only ever measured on; a fifth of train where it is left out.",
    "documents": "What is retrieved from: JSON Lines with id, title and text.",
}


def finished_experiments() -> list[tuple[str, str]]:
    """Return the experiments that answers can go into, newest first."""
    rows = experiments.list_all(home())[::-1]
    done = [row for row in rows if row["status"] == "finished"]
    return [
        (row["experiment"], f"{row['title']} ({row['experiment']})") for row in done
    ]


def _classes() -> tuple[tuple[str, str], ...]:
    return (("", "nobody said"), *((c.value, c.value) for c in Classification))


DATA = Page(
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


def answers_page() -> Page:
    """Return the form for answers, with the experiments and datasets of the home."""
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
                        options=(("", "a new one, as said below"),
                                 *finished_experiments()),
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


def model_page() -> Page:
    """Return the form for a model that exists already."""
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
