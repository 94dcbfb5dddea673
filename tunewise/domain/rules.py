"""A rule set as values: conditions over facts, criteria, settings, base models.

    rules/*.toml  --engine.loader-->  RuleSet  --engine-->  findings, verdict

A condition is a tree: a leaf tests one fact, ``all`` and ``any`` join conditions.
It holds, does not hold, or waits for a fact (three-valued, Kleene's strong logic).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tunewise.domain.facts import FactDefinition, Scalar
from tunewise.domain.quality import QualityRule


class Option(StrEnum):
    """One way to adapt a language model to a task, cheapest first."""

    PROMPT = "prompt"
    RAG = "rag"
    FINETUNE = "finetune"
    HYBRID = "hybrid"
    DEFER = "defer"  # not yet: the verdict names what is missing


class Truth(StrEnum):
    """The three values of a condition."""

    HOLDS = "holds"
    FAILS = "fails"
    WAITS = "waits"  # a fact that it needs is unknown, or a range that spans it


class Operator(StrEnum):
    """What a leaf asks of its fact."""

    IS = "is"
    NOT = "not"
    IN = "in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ABOVE = "above"
    BELOW = "below"
    KNOWN = "known"  # true or false; never waits


@dataclass(frozen=True, slots=True)
class FactReference:
    """The value of another fact, as the right-hand side of a test."""

    fact: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf: one fact against a value, a tuple of values or another fact."""

    fact: str
    operator: Operator
    operand: Scalar | tuple[Scalar, ...] | FactReference


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every condition holds; an empty one always holds."""

    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one condition holds."""

    conditions: tuple["Condition", ...]


Condition = Leaf | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a matching criterion says about one option."""

    option: Option
    because: str
    weight: int = 0  # > 0 speaks for the option, < 0 against it
    veto: bool = False  # rules the option out, whatever the weights say
    variant: str = ""  # the form of the option meant, e.g. prompt/long-context
    next_step: str = ""  # the command or act that comes next
    who: str = ""  # who should act


@dataclass(frozen=True, slots=True)
class Criterion:
    """One declarative rule: when these facts hold, this speaks for an option."""

    id: str
    title: str
    since: str  # ISO date of the rule-set version that introduced it
    source: str
    when: Condition
    then: tuple[Consequence, ...]
    supported_by: tuple[str, ...] = ()  # published cases
    contradicted_by: tuple[str, ...] = ()
    note: str = ""
    origin: str = "shipped"  # or "house"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of the training configuration, with the condition it needs."""

    key: str
    value: Scalar
    because: str
    source: str
    when: Condition = field(default_factory=AllOf)


@dataclass(frozen=True, slots=True)
class SettingWarning:
    """Values of a setting that the rules warn of, both ends included."""

    key: str
    at_least: float
    at_most: float
    because: str
    source: str
    when: Condition = field(default_factory=AllOf)


@dataclass(frozen=True, slots=True)
class BaseModel:
    """One row of the base-model table; every figure has its source and date."""

    id: str
    title: str
    parameters_b: float  # billions
    context_tokens: int
    licence: str
    good_for: tuple[str, ...]  # task types it was shown to serve
    memory_to_serve_gb: float
    memory_to_tune_gb: float | None  # None: cannot be tuned
    tunable_how: str
    hosted: bool  # runs only at a vendor
    source: str
    as_of: str  # ISO date
    end_of_life: str = ""  # ISO date
    fetch: str = ""  # how tunewise gets it, "" when it does not
    fetch_file: str = ""  # the file inside a package
    fetch_sha256: str = ""  # hex digest that file must have
    fetch_megabytes: float = 0.0


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """Facts that must always give this verdict."""

    name: str
    title: str
    facts: Mapping[str, object]
    matched: tuple[str, ...]
    recommended: Option


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers that cannot all be true, and why."""

    when: Condition
    because: str


@dataclass(frozen=True, slots=True)
class Risk:
    """What can go wrong with an option that was chosen, and what usually controls it.

    It decides nothing: a decision shows the risks of its option until somebody says
    who controls them.
    """

    id: str
    title: str
    why: str
    options: tuple[Option, ...]
    source: str
    usual_control: str = ""
    when: Condition = field(default_factory=AllOf)
    origin: str = "shipped"  # or "house"


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A criterion that the house does not want to count, who said so, and why."""

    criterion: Criterion
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything that decides, under one digest.

    ``texts`` is what the digest is taken over: the text of every rule file by its
    path, so that a record can be read and replayed without the software of the day.
    """

    digest: str  # "sha256:…" over the texts
    facts: Mapping[str, FactDefinition]
    criteria: tuple[Criterion, ...]
    settings: tuple[Setting, ...]
    base_models: tuple[BaseModel, ...]
    cases: tuple[WorkedCase, ...]
    texts: Mapping[str, str]
    house_files: tuple[str, ...] = ()  # paths whose text is the house's
    contradictions: tuple[Contradiction, ...] = ()
    switched_off: tuple[SwitchedOff, ...] = ()  # in none of the criteria
    data_quality: tuple[QualityRule, ...] = ()
    setting_warnings: tuple[SettingWarning, ...] = ()
    risks: tuple[Risk, ...] = ()
