"""How complete the record of a model version is: what is expected, what is known.

The fields are those that an audit of a fine-tuned model asks for (the technical
documentation of the EU AI Act, Annex IV; the evidence that ISO/IEC 42001 asks for;
datasheets and model cards). A full record supports such documentation; it proves no
conformity. Every field that applies to a version counts the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TUNED = ("finetune", "hybrid")
RETRIEVING = ("rag", "hybrid")


@dataclass(frozen=True, slots=True)
class Expected:
    """One field that a full record has."""

    group: str
    name: str  # what is missing where it is not known
    why: str  # why somebody will ask for it
    paths: tuple[str, ...]  # into the lineage; one that is filled is enough
    options: tuple[str, ...] = ()  # of which it is expected; () means of all
    hosted: bool | None = None  # only behind an endpoint, or only elsewhere


@dataclass(frozen=True, slots=True)
class Judged:
    """A field that applies to a version, and whether it is known."""

    field: Expected
    known: bool


PURPOSE = "purpose and alternatives"
VERSIONS = "version chain"
DATA = "data"
TRAINING = "training"
EVALUATION = "evaluation"
OPERATIONS = "operations"

EXPECTED = (
    Expected(
        PURPOSE,
        "what it is for",
        "Every other field is judged by it.",
        ("model.purpose", "decision.title"),
    ),
    Expected(
        PURPOSE,
        "what it is not for",
        "Use beyond it is the commonest cause of harm.",
        ("model.out_of_scope",),
    ),
    Expected(
        PURPOSE,
        "the decision",
        "Without it nobody can say why the model exists.",
        ("decision.id", "model.decision_text"),
    ),
    Expected(
        PURPOSE,
        "the criteria that matched",
        "They are the rationale, in words that were fixed beforehand.",
        ("decision.findings",),
    ),
    Expected(
        PURPOSE,
        "who accepted it",
        "Somebody answers for it.",
        ("decision.accepted_by",),
    ),
    Expected(
        PURPOSE,
        "the alternatives that were measured",
        "A choice is only as good as what it was chosen from.",
        ("alternatives",),
    ),
    Expected(
        PURPOSE,
        "the date of the next review",
        "What was right is not right for ever.",
        ("decision.review_on",),
    ),
    Expected(
        VERSIONS,
        "the base model",
        "The rest is a change of it.",
        ("base_model.id",),
    ),
    Expected(
        VERSIONS,
        "the base model's revision",
        "A name alone can stand for other weights tomorrow.",
        ("base_model.revision", "model.endpoint.snapshot"),
    ),
    Expected(
        VERSIONS,
        "the base model's licence",
        "It says what may be done with the result.",
        ("base_model.licence",),
    ),
    Expected(
        VERSIONS,
        "the base model's digest",
        "It proves which weights they were.",
        ("base_model.digest", "base_model.files"),
        hosted=False,
    ),
    Expected(
        VERSIONS,
        "the snapshot that the endpoint named",
        "A hosted model changes behind its name.",
        ("model.endpoint.snapshot",),
        hosted=True,
    ),
    Expected(
        VERSIONS,
        "the adapter",
        "It is what was made here.",
        ("model.files",),
        options=TUNED,
    ),
    Expected(
        VERSIONS,
        "the prompt",
        "It is part of what was measured.",
        ("model.prompt",),
    ),
    Expected(
        VERSIONS,
        "the digest of the documents",
        "Other documents give other answers.",
        ("model.retrieval.documents.digest",),
        options=RETRIEVING,
    ),
    Expected(
        VERSIONS,
        "the retrieval index and its parameters",
        "They decide which passages the model reads.",
        ("model.retrieval.index",),
        options=RETRIEVING,
    ),
    Expected(
        DATA,
        "the dataset version",
        "It is what the model learned from and was measured on.",
        ("dataset.version",),
    ),
    Expected(
        DATA,
        "the dataset's digest",
        "It proves which examples they were.",
        ("dataset.digest",),
    ),
    Expected(
        DATA,
        "the dataset's splits",
        "What was trained on must not be what was measured on.",
        ("dataset.splits",),
    ),
    Expected(
        DATA,
        "the dataset's quality report",
        "It tells duplicates, leakage and personal data.",
        ("dataset.quality",),
    ),
    Expected(
        DATA,
        "the dataset's origin",
        "How it was obtained decides what it stands for.",
        ("dataset.provenance.origin",),
    ),
    Expected(
        DATA,
        "the dataset's owner",
        "Somebody can be asked about it.",
        ("dataset.provenance.owner",),
    ),
    Expected(
        DATA,
        "the dataset's licence",
        "It says what may be made of the data.",
        ("dataset.provenance.licence",),
    ),
    Expected(
        DATA,
        "the dataset's classification",
        "It says who may see the data, and perhaps the model.",
        ("dataset.provenance.classification",),
    ),
    Expected(
        DATA,
        "the basis on which the data may be used",
        "Personal data need one.",
        ("dataset.provenance.basis",),
    ),
    Expected(
        TRAINING,
        "the run that made it",
        "It holds what was asked for and what came out.",
        ("run.id", "model.tool"),
    ),
    Expected(
        TRAINING,
        "the set-up or hyperparameters",
        "Without them it cannot be made again.",
        ("run.setup", "model.training"),
    ),
    Expected(
        TRAINING,
        "the seed",
        "Without it, it cannot be made again.",
        ("run.seed", "model.seeds"),
    ),
    Expected(
        TRAINING,
        "the commit of the code that ran",
        "The code is part of the recipe.",
        ("run.git_commit", "model.git_commit"),
    ),
    Expected(
        TRAINING,
        "the run's environment",
        "Versions and hardware change results.",
        ("run.environment", "model.environment"),
    ),
    Expected(
        TRAINING,
        "when it was made",
        "What was known then is part of the reasons.",
        ("run.started_at", "model.trained_at"),
    ),
    Expected(
        TRAINING,
        "who made it",
        "Somebody can be asked.",
        ("run.by", "model.trained_by"),
    ),
    Expected(
        TRAINING,
        "what training took",
        "Compute decides duties, and what a repetition costs.",
        ("run.train",),
        options=TUNED,
    ),
    Expected(
        EVALUATION,
        "scores on held-out examples",
        "They are the evidence that it works.",
        ("model.metrics",),
    ),
    Expected(
        EVALUATION,
        "the intervals of the scores",
        "A score of few examples says little.",
        ("model.primary_score.low",),
    ),
    Expected(
        EVALUATION,
        "the digest of the held-out split",
        "It proves what it was measured on.",
        ("model.heldout_digest",),
    ),
    Expected(
        EVALUATION,
        "the target",
        "Good enough is fixed before it is measured.",
        ("model.target_score", "decision.facts.target_score"),
    ),
    Expected(
        OPERATIONS,
        "its known limits",
        "Users must know where not to trust it.",
        ("model.limits",),
    ),
    Expected(
        OPERATIONS,
        "how it is watched",
        "Data drift, and the model does not follow.",
        ("model.monitoring", "model.drift_checks"),
    ),
    Expected(
        OPERATIONS,
        "who oversees it",
        "A person can stop it.",
        ("model.oversight",),
    ),
    Expected(
        OPERATIONS,
        "what to do when it fails",
        "There is no time to think of it then.",
        ("model.rollback",),
    ),
)


def judge(
    lineage: Mapping[str, Any], fields: Sequence[Expected] = EXPECTED
) -> tuple[Judged, ...]:
    """Return every field that applies to a lineage's version, in order.

    A version is behind an endpoint where ``model.endpoint`` is filled.
    """
    option = str(value_at(lineage, "model.option") or "")
    hosted = bool(value_at(lineage, "model.endpoint"))
    return tuple(
        Judged(field, any(_known(value_at(lineage, p)) for p in field.paths))
        for field in fields
        if (not field.options or option in field.options)
        and field.hosted in (None, hosted)
    )


def completeness(judged: Sequence[Judged]) -> float:
    """Return the share of fields that are known, in [0, 1]; 1 where none applies.

    >>> completeness([])
    1.0
    """
    if not judged:
        return 1.0
    return round(sum(j.known for j in judged) / len(judged), 3)


def value_at(lineage: Mapping[str, Any], path: str) -> object:
    """Return what stands at a path such as ``run.seed``, None where nothing does."""
    value: Any = lineage
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _known(value: object) -> bool:
    return value not in (None, "", [], {}, ())
