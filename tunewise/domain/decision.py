"""What a decision is made of: facts in, criteria weighed, one verdict out.

Values only. Two verdicts built from the same facts and the same rule set compare
equal.

    facts + rule set  --engine-->  findings  --weigh-->  Verdict
    Verdict + a named person's choice  -->  decision (proposed, accepted, …)

The verdict is what the rules say; the choice is what a person decides. They are
never merged. What else the record holds is in ``record.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tunewise.domain.facts import Fact, Scalar
from tunewise.domain.rules import Option


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion that matched, and what it says about one option."""

    criterion: str
    option: Option
    weight: int
    veto: bool
    facts: tuple[Fact, ...]  # those that made it match
    because: str
    source: str
    origin: str = "shipped"
    variant: str = ""
    next_step: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class NotMatched:
    """One criterion that did not match: the tests that failed or that wait."""

    criterion: str
    failed: tuple[str, ...]  # "knowledge_changes is static, not weekly or daily"
    waiting_for: tuple[str, ...] = ()  # unknown facts


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change of facts that changes the verdict."""

    change: Mapping[str, Scalar]
    recommended: Option


@dataclass(frozen=True, slots=True)
class Search:
    """How far flips were searched.

    Every single answer was tried; pairs only where no single one flips the verdict,
    and then the most promising ones.
    """

    single: int  # answers tried
    pairs: int = 0  # pairs of answers tried
    of_pairs: int = 0  # pairs there are


@dataclass(frozen=True, slots=True)
class Question:
    """The unknown fact whose answer matters most, and why."""

    fact: str
    question: str
    why: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """What should happen next, and who should do it."""

    action: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class ModelSuggestion:
    """One base model: why it fits, or what rules it out."""

    id: str
    because: str
    ruled_out_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingSetting:
    """One value of the suggested training configuration, and its reason."""

    value: Scalar
    because: str


class Lead(StrEnum):
    """How far the recommended option is ahead."""

    CLEAR = "clear"  # measured and shown, or well ahead and no unknown fact flips it
    NARROW = "narrow"
    OPEN = "open"  # an unknown fact, or a tie, may turn it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule set says, and everything it rests on."""

    recommended: Option
    because: str  # one sentence: what decided
    runner_up: Option | None
    margin: float  # difference of totals, or of scores where arms were measured
    lead: Lead
    basis: str  # "rules" or "measured"
    totals: Mapping[Option, int]
    ruled_out: Mapping[Option, tuple[str, ...]]
    findings: tuple[Finding, ...]
    not_matched: tuple[NotMatched, ...]
    unknown: tuple[str, ...]  # facts that matter and are unknown
    assumed: tuple[str, ...]  # facts that mattered and are only assumed
    next_question: Question | None
    next_steps: tuple[NextStep, ...]
    flips: tuple[Flip, ...]
    searched: Search
    base_models: tuple[ModelSuggestion, ...]
    training: Mapping[str, TrainingSetting]
    warnings: tuple[str, ...]
    rule_set: str
    engine: str
    variant: str = ""


class Status(StrEnum):
    """Where a decision stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, and how that was established.

    ``identity`` is stated, account, token or sso; a stated name prints as not
    verified.
    """

    name: str
    identity: str = "stated"
