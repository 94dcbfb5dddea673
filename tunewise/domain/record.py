"""What a decision's record holds beside the verdict, as values.

Condition, Closing     what an acceptance depends on, and what showed it was met
RiskControl            what controls a risk of the option, and who sees to it
Review, Figure         what was realised, beside what was promised
Signature              a named person's agreement or dissent, and what they saw
EvidenceLink           what a fact names as evidence, and whether it was found
Claim                  what a fact says of a record that it names, beside the record
RecordedLater          when a decision was made that was recorded afterwards
HeldoutRun, Change     what was tried on the held-out split, and what moved since
OptionCost             what an option, or what is in use, costs by an experiment
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tunewise.domain.decision import Actor
from tunewise.domain.facts import Scalar

# the kinds of records on which decisions rest
RESTED_ON = (
    *("criterion", "base", "model", "dataset", "experiment", "run", "document"),
    "price",
)


@dataclass(frozen=True, slots=True)
class Closing:
    """What showed that a condition was met, and who said so."""

    evidence: str  # "run:…", "document:…"; empty in records of older software
    because: str
    by: str
    identity: str
    at: str
    digest: str = ""  # of the document, where it is kept here
    checked: str = ""  # what was looked at then; "" in older records


@dataclass(frozen=True, slots=True)
class Condition:
    """What an acceptance depends on; open until evidence closes it."""

    n: int  # from 1, in the order of the acceptance
    text: str
    owner: str = ""  # who sees to it
    due: str = ""  # ISO date
    closed: Closing | None = None


@dataclass(frozen=True, slots=True)
class RiskControl:
    """What controls a risk of the option, who sees to it, and who said so last.

    The texts are those that the risk had when its control was recorded.
    """

    id: str
    title: str
    why: str
    options: tuple[str, ...]
    source: str
    usual_control: str
    control: str = ""
    owner: str = ""
    by: str = ""
    identity: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What a decision came to, as a person reports it."""

    realised: Mapping[str, float]  # score, cost a month, volume a day, where known
    because: str
    by: str
    identity: str
    at: str
    review_on: str = ""  # when to look again


@dataclass(frozen=True, slots=True)
class Figure:
    """One promise of a decision beside what was realised of it.

    ``promised`` with ``low`` and ``high`` is None where nothing was promised; then
    ``standing`` is empty, else it is one of "as promised", "better", "worse", "more"
    and "less".
    """

    what: str  # score, cost or volume
    unit: str
    promised: float | None
    low: float | None
    high: float | None
    rests_on: str  # where the promise stands, in words
    realised: float | None = None
    standing: str = ""


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review with each of its figures beside the promise."""

    at: str
    by: str
    identity: str
    because: str
    review_on: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A named person's mark on a decision, in a role.

    ``seen`` is the digest of what was on record when they signed, empty in records
    of older software. ``since`` names what happened to the decision afterwards, so
    it is empty while the signature stands for the decision as it is.
    """

    by: Actor
    role: str
    at: str
    comment: str = ""
    dissent: bool = False
    seen: str = ""
    since: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceLink:
    """What facts name as evidence, and whether it was found when they were recorded.

    ``found`` is "recorded here", "kept here" (a document whose bytes are a blob) or
    "not checked" (a person, a URL, anything that is outside).
    """

    kind: str
    reference: str
    facts: tuple[str, ...]
    found: str
    digest: str = ""  # of the document's bytes
    checked: str = ""  # what was looked at, in words; "" in older records


class Standing(StrEnum):
    """How what a fact says stands to the record that it names."""

    MEASURED = "measured"  # a run holds the score
    STATED = "stated"  # the run holds no such score
    AGREES = "agrees"  # the dataset version has as many examples
    CONTRADICTED = "contradicted"  # the record says otherwise


@dataclass(frozen=True, slots=True)
class Claim:
    """What a fact says of a record that it names as evidence, beside the record."""

    fact: str
    evidence: str  # "run:…", "experiment:…", "dataset:…"
    said: str
    recorded: str  # what the record holds, in words
    standing: Standing


@dataclass(frozen=True, slots=True)
class RecordedLater:
    """A decision that was made before it was recorded."""

    decided_at: str  # ISO date
    recorded_at: str
    source: str  # what shows it: minutes, a mail, a document
    source_digest: str = ""  # where the document's bytes are kept here
    source_checked: str = ""  # what was looked at; "" in older records


@dataclass(frozen=True, slots=True)
class HeldoutRun:
    """A run that answered the held-out split of a decision, or was to."""

    run: str
    experiment: str
    arm: str
    seed: int
    status: str
    metric: str
    score: float | None  # None where it did not finish
    at: str
    cited: bool  # a fact of the decision names it, or its experiment
    same_examples: bool  # False: another part of the same split
    error: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """A sum between bounds."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OptionCost:
    """What an option costs, or "today": what is in use."""

    option: str
    once: Money
    monthly: Money
    three_years: Money
    currency: str
    experiment: str  # which reckoned it


@dataclass(frozen=True, slots=True)
class Margin:
    """An equivalence margin, and the experiment that compared with it."""

    value: float
    stated: bool  # False: it is the default
    experiment: str

    def __str__(self) -> str:
        return f"{self.value:g}" if self.stated else f"{self.value:g} (default)"


@dataclass(frozen=True, slots=True)
class Change:
    """What one saved draft says otherwise than those before it.

    A margin that nobody stated is the default: it shows as ``0.02 (default)``, and
    ``by`` is empty where it takes the place of one that somebody had stated.
    """

    what: str  # target, margin, fact or rule_set
    name: str  # the fact's name; target_score, margin or rule_set
    before: Scalar | None
    after: Scalar | None
    by: str
    identity: str
    at: str
    draft: str  # the decision or experiment that says so
    measured: bool = False  # a fact that a run or imported answers established
