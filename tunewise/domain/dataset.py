"""Examples, documents, splits and what is said about them.

    files  --datasets.chat-->  Dataset  --workflow-->  version (name@n)

An example is one chat: the last message, the assistant's, is the reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Split(StrEnum):
    """A part of a dataset version; held-out is never trained or tuned on."""

    TRAIN = "train"
    VALIDATION = "validation"
    HELDOUT = "heldout"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Example:
    """One chat-messages record; ``line`` is where it stood in its file (from 1)."""

    messages: tuple[Message, ...]
    id: str = ""
    group: str = ""
    timestamp: str = ""
    gold_doc_ids: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    line: int = 0
    unanswerable: bool = False  # the documents do not answer it: to abstain is right

    @property
    def prompt(self) -> tuple[Message, ...]:
        """Everything before the reference."""
        return self.messages[:-1]

    @property
    def reference(self) -> str:
        """What the held-out example says: the last message's content."""
        return self.messages[-1].content

    @property
    def question(self) -> str:
        """The last user message, "" where there is none."""
        users = [m.content for m in self.prompt if m.role == "user"]
        return users[-1] if users else ""


@dataclass(frozen=True, slots=True)
class Document:
    """One text that answers may rest on."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The content of one version, in file order."""

    splits: Mapping[Split, tuple[Example, ...]]
    documents: tuple[Document, ...] = ()

    def split(self, name: Split) -> tuple[Example, ...]:
        """Return a split's examples, empty where it has none."""
        return self.splits.get(name, ())


class Severity(StrEnum):
    """How much a quality finding matters."""

    BLOCK = "block"  # stops a registration
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """One thing a check found; lines count from 1."""

    code: str
    severity: Severity
    file: str
    lines: tuple[int, ...]
    message: str


class Classification(StrEnum):
    """Who may see a dataset, the widest circle first."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    SECRET = "secret"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whose a dataset version is and why it may be used; "" where nobody said."""

    owner: str = ""
    origin: str = ""  # where the examples come from
    licence: str = ""
    classification: str = ""  # of Classification
    basis: str = ""  # consent, contract, law: on what it may be used


@dataclass(frozen=True, slots=True)
class SplitDigest:
    """How many examples a split has, and the sha256 over their sorted hashes."""

    examples: int
    digest: str
