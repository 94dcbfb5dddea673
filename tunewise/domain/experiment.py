"""An experiment as values: what is asked for, and what a figure of it is.

    spec.toml -> ExperimentSpec -> one Run per arm and seed

Everything that a run needs is in its ``run.json``; everything that it found comes
back in ``result.json`` and ``answers.jsonl``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tunewise.domain.completeness import TUNED
from tunewise.domain.dataset import Classification, Provenance

TASK_TYPES = (
    "knowledge_qa",
    "reasoning_qa",
    "classification",
    "extraction",
    "moderation",
    "structured_generation",
    "code_generation",
    "agent_tool_use",
    "summarisation",
    "translation",
    "text_rewriting",
    "style_generation",
    "dialogue",
)

METRICS = (
    "accuracy",
    "macro_f1",
    "exact_match",
    "token_f1",
    "answer_contained",
    "rouge_l",
    "chrf",
    "json_valid",
    "schema_valid",
    "field_f1",
)

RETRIEVAL = ("lexical", "dense", "fused")
ARMS = ("prompt", "rag", "finetune", "hybrid")
DEFAULT_MARGIN = 0.02
QUARTER, HALF, UNFLAGGED = "finetune_quarter", "finetune_half", "finetune_unflagged"
PARTIAL = (QUARTER, HALF, UNFLAGGED)  # as the finetune arm, on a part of train
TRAINED = (*TUNED, *PARTIAL)  # what trains weights
DIAGNOSTICS = ("gold_passage", "majority", "nearest_example", *PARTIAL)
LOOKUPS = ("majority", "nearest_example")  # diagnostics that ask no model
JUDGE = "judge"  # the run that judges the arms' answers; no arm itself


class RunStatus(StrEnum):
    """Where a run stands; a failed run stays visible."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """The task as the experiment measures it."""

    type: str
    metric: str  # the primary metric, one of METRICS
    target_score: float | None = None
    margin: float = DEFAULT_MARGIN  # equivalence margin
    schema: str = ""  # path of a JSON Schema file
    constrained: bool = False


@dataclass(frozen=True, slots=True)
class EndpointSpec:
    """An OpenAI-compatible endpoint; the key is read from the environment.

    The caps hold for one experiment: the request that would pass one is not sent.
    """

    base_url: str
    model: str
    key_env: str = ""
    data_up_to: str = Classification.INTERNAL  # the most confidential it may receive
    timeout_seconds: float = 60.0  # without a byte, of one attempt
    retries: int = 2  # of one request, after a time-out, a 429 or a 5xx
    most_requests: int = 0  # attempts, retries included; 0: no cap
    most_cost: float = 0.0  # in ``currency``; 0: no cap
    price_in: float = 0.0  # of a million tokens that are sent
    price_out: float = 0.0  # of a million tokens that come back
    currency: str = "USD"
    cache_days: float = 7.0  # how old an answer may be to be used again; 0: never


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """A model that judges the arms' answers once they are there.

    Its scores stand beside the metric and never in its place.
    """

    endpoint: EndpointSpec
    prompt: str = ""  # what it is told; a specification names the file of it


@dataclass(frozen=True, slots=True)
class PromptSpec:
    """Set-ups of the prompt arm."""

    setups: tuple[str, ...] = ("zero-shot", "few-shot", "retrieved-shots")
    shots: tuple[int, ...] = (4, 8)
    model: str = ""  # a base model of its own
    endpoint: EndpointSpec | None = None  # or an endpoint of its own


@dataclass(frozen=True, slots=True)
class RagSpec:
    """Set-ups of the rag arm: passages per question, and shots that use them.

    How passages are found is picked on validation among ``retrieval``. ``encoder`` is a
    sentence encoder for dense retrieval: the name of an installed one, or a folder;
    "" is latent semantic analysis.
    """

    k: tuple[int, ...] = (1, 2)
    shots: int = 2
    chunk_tokens: int = 180
    retrieval: tuple[str, ...] = RETRIEVAL
    encoder: str = ""
    model: str = ""
    endpoint: EndpointSpec | None = None


@dataclass(frozen=True, slots=True)
class FinetuneSpec:
    """Training configuration; 0 means: decided by ``rules/training.toml``.

    Learning rate by method and size of the base, epochs by the number of examples,
    batch size by memory, length by the longest prompts.
    """

    method: str = "lora"  # lora, full
    epochs: int = 0
    learning_rate: float = 0.0
    rank: int = 0
    alpha: int = 0
    batch_size: int = 0
    max_length: int = 0
    too_long: str = "drop"  # drop, truncate, refuse
    patience: int = 2  # epochs without a better validation score; 0: never stop early
    model: str = ""  # a base model of its own
    curve: bool = True  # measured on a quarter and half of the examples, too
    without_flagged: bool = True  # and without those that the quality report flags

    @staticmethod
    def settings(table: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a training was set to, without what else is measured.

        >>> FinetuneSpec.settings({"method": "lora", "curve": True})
        {'method': 'lora'}
        """
        beside = ("curve", "without_flagged")
        return {key: value for key, value in table.items() if key not in beside}


@dataclass(frozen=True, slots=True)
class HybridSpec:
    """The hybrid arm is trained with retrieved context and distractors.

    How many passages it shows is picked on validation among ``k``, without training.
    """

    k: tuple[int, ...] = (1, 2)
    train: int = 0  # how many training examples to use; 0 = all
    model: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds on examples per split and on minutes per run; 0 = none.

    ``latency`` is how many held-out examples are timed one at a time.
    """

    train: int = 0
    validation: int = 0
    heldout: int = 0
    minutes: float = 0.0
    latency: int = 20


@dataclass(frozen=True, slots=True)
class CostSpec:
    """Prices of the table that the costs rest on, by id; "" is decided by the arms.

    A machine that is paid by the month is always on, one paid by the hour costs only
    the seconds that requests take, or all of a month where ``always_on``.
    """

    machine: str = "own-machine"  # answers, as fast as the machine of the runs
    training: str = ""  # "": the machine, or the own one where that is monthly
    labour: str = "own-labour"
    token_in: str = ""  # "": MODEL-in and MODEL-out of the endpoint's model
    token_out: str = ""
    always_on: bool = False
    shared_by: int = 1  # tasks that share a machine which is always on


@dataclass(frozen=True, slots=True)
class RegressionSpec:
    """What tuned weights are checked on beside their task, against their base.

    ``examples`` is a chat JSONL file that has nothing to do with the task; "" is the
    one that ships.
    """

    check: bool = True
    examples: str = ""


@dataclass(frozen=True, slots=True)
class ExperimentSpec:
    """What ``tunewise experiment run`` was asked to do, with every default filled."""

    title: str
    dataset: str  # name@n, or "" where files are given
    dataset_files: Mapping[str, str]  # train, validation, heldout, documents -> path
    facts: Mapping[str, object]
    task: TaskSpec
    arms: tuple[str, ...]
    base_model: str = "smollm2-135m-instruct"
    seeds: tuple[int, ...] = (0,)
    endpoint: EndpointSpec | None = None
    prompt: PromptSpec = field(default_factory=PromptSpec)
    rag: RagSpec = field(default_factory=RagSpec)
    finetune: FinetuneSpec = field(default_factory=FinetuneSpec)
    hybrid: HybridSpec = field(default_factory=HybridSpec)
    limits: Limits = field(default_factory=Limits)
    costs: CostSpec = field(default_factory=CostSpec)
    accept_because: str = ""  # why files are taken despite findings that block
    provenance: Provenance = field(default_factory=Provenance)  # of the files
    margin_stated: bool = False  # False: the margin is the default, nobody named it
    judge: JudgeSpec | None = None
    regression: RegressionSpec = field(default_factory=RegressionSpec)

    def endpoint_of(self, arm: str) -> EndpointSpec | None:
        """Return the endpoint that answers an arm, None where none does.

        An arm's own model or endpoint stands above ``[endpoint]``.
        """
        if arm == JUDGE:
            return self.judge.endpoint if self.judge else None
        own = self._asked(arm)
        if own is None or own.model:
            return None
        return own.endpoint or self.endpoint

    def model_of(self, arm: str) -> str:
        """Return the reference of the local base of an arm, "" where it needs none."""
        if arm in (*LOOKUPS, JUDGE) or self.endpoint_of(arm):
            return ""
        arm = "finetune" if arm in PARTIAL else arm
        trained: Mapping[str, FinetuneSpec | HybridSpec] = {
            "finetune": self.finetune,
            "hybrid": self.hybrid,
        }
        own = self._asked(arm) or trained.get(arm)
        return own.model if own and own.model else self.base_model

    def _asked(self, arm: str) -> PromptSpec | RagSpec | None:
        """Return the table of an arm that is only asked, None of one that is trained.

        The gold passage is read by whoever reads the passages of the rag arm, or
        answers without any where that is not run.
        """
        if arm == "gold_passage":
            arm = "rag" if not self.arms or "rag" in self.arms else "prompt"
        tables: Mapping[str, PromptSpec | RagSpec] = {
            "prompt": self.prompt,
            "rag": self.rag,
        }
        return tables.get(arm)


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's value in [0, 1] with its 95 % interval and number of examples."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Money for ``per`` (e.g. "1000 requests"), from a dated price table."""

    value: float
    low: float
    high: float
    currency: str
    per: str
