"""Model versions: what an experiment leaves behind, and the chain that explains it.

ModelVersion <- Run <- DatasetVersion, base model, Decision <- facts, criteria
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """Base model + adapter, or base + prompt and retrieval set-up; immutable."""

    name: str
    number: int
    option: str  # prompt, rag, finetune, hybrid
    base_model: str
    base_digest: str  # sha256 of the base model's weights
    run: str
    experiment: str
    dataset: str  # name@n
    decision: str
    setup: Mapping[str, object]  # prompt text, shots, k, or training configuration
    files: Mapping[str, str]  # path inside the version -> blob digest
    metrics: Mapping[str, object]
    at: str
    by: str
    aliases: tuple[str, ...] = ()
    retired: str = ""  # reason, "" while in service
    labels: tuple[str, ...] = field(default=())

    @property
    def ref(self) -> str:
        """The version's name as people say it: ``name@n``."""
        return f"{self.name}@{self.number}"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry of the hash-chained log."""

    seq: int
    at: str
    actor: str
    identity: str
    action: str  # e.g. decision.accepted
    subject: str  # id of the record that changed
    payload: Mapping[str, object]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """Everything that answers "why was this model fine-tuned?"."""

    model: Mapping[str, object]
    decision: Mapping[str, object] | None
    run: Mapping[str, object] | None
    dataset: Mapping[str, object] | None
    base_model: Mapping[str, object] | None
    alternatives: tuple[Mapping[str, object], ...]
    people: tuple[Mapping[str, object], ...]
    events: tuple[Mapping[str, object], ...]
    missing: tuple[str, ...]
    completeness: float  # share of expected fields that are known, in [0, 1]
