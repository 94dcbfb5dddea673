"""What is known about a task: typed facts, each with the evidence it rests on.

    answers  --intake-->  FactSheet  --engine-->  verdict

A fact is known, a range, or unknown. Unknown is a value of its own: a fact that
is not in the sheet, never a default. A measured score carries the interval it was
measured with and the model it was measured on, because a score is a fact about
one model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

Scalar = bool | int | float | str


class FactType(StrEnum):
    """The type that a fact's value must have."""

    BOOL = "bool"
    INTEGER = "integer"
    NUMBER = "number"
    ENUM = "enum"
    TEXT = "text"
    DATE = "date"  # ISO 8601, kept as text: it sorts as it reads


class EvidenceKind(StrEnum):
    """What a fact rests on, strongest first."""

    RUN = "run"  # measured here; the reference is a run's id
    EXPERIMENT = "experiment"  # measured here, by all of its runs
    IMPORTED = "imported"  # measured elsewhere, answers brought in
    DATASET = "dataset"  # a version recorded here: name@n
    MODEL = "model"  # a version recorded here: name@n
    DECISION = "decision"  # one recorded here
    DOCUMENT = "document"  # a file, a URL, or what a reader will know to find
    PERSON = "person"
    ASSUMED = "assumed"  # a guess is not evidence, and is printed as assumed


# the kinds that measure, as far as the run holds what is said of it
MEASURED = (EvidenceKind.RUN, EvidenceKind.EXPERIMENT, EvidenceKind.IMPORTED)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact comes from: its kind and a reference (run id, file, name)."""

    kind: EvidenceKind = EvidenceKind.ASSUMED
    reference: str = ""


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """One entry of the fact dictionary (``rules/facts.toml``)."""

    name: str
    type: FactType
    question: str  # asked of a person, ends with a question mark
    why: str  # why the rules need it
    help: str = ""
    who: str = ""  # who usually knows it
    unit: str = ""
    values: tuple[str, ...] = ()  # the choices of an enum, in order
    low: float | None = None  # inclusive bounds of a number
    high: float | None = None
    group: str = ""  # heading under which the question stands
    # What a bool nearly always is: such a question is asked later. Never an answer.
    usual: bool | None = None
    rarely_known: bool = False  # has to be measured or dug out: asked later too


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer about the task.

    ``low`` and ``high`` bound a value that is only known as a range or was
    measured with an interval; without them the value is exact. ``value`` is None
    when only the range is known.
    """

    name: str
    value: Scalar | None
    low: float | None = None
    high: float | None = None
    evidence: Evidence = field(default_factory=Evidence)
    model: str = ""  # the model a score was measured on
    on: str = ""  # ISO date of the evidence
    valid_until: str = ""
    stated: bool = False  # the run that is named does not hold such a score

    @property
    def measured(self) -> bool:
        """True when a run, or answers that were imported, hold the value."""
        return self.evidence.kind in MEASURED and not self.stated

    @property
    def assumed(self) -> bool:
        """True when nothing but a guess stands behind the value."""
        return self.evidence.kind is EvidenceKind.ASSUMED

    @property
    def lower(self) -> Scalar | None:
        """The smallest value the fact may have."""
        return self.value if self.low is None else self.low

    @property
    def upper(self) -> Scalar | None:
        """The largest value the fact may have."""
        return self.value if self.high is None else self.high


class Conclusion(StrEnum):
    """What a paired comparison of two arms shows, from the side of the first."""

    WIN = "win"
    LOSE = "lose"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two arms on the same held-out examples: difference = a - b, with interval.

    ``p_value`` is already corrected for the number of comparisons made.
    ``needs_n`` says about how many examples would settle an inconclusive one.
    ``stated`` is true where the experiments that measured both arms hold no such
    comparison: then it shows nothing.
    """

    a: str
    b: str
    metric: str
    difference: float
    low: float
    high: float
    p_value: float
    conclusion: Conclusion
    needs_n: int | None = None
    stated: bool = False

    def seen_from(self, arm: str) -> "Comparison":
        """Return the comparison with ``arm`` as its first side."""
        if arm == self.a:
            return self
        flipped = {
            Conclusion.WIN: Conclusion.LOSE,
            Conclusion.LOSE: Conclusion.WIN,
        }.get(self.conclusion, self.conclusion)
        return replace(
            self,
            a=self.b,
            b=self.a,
            difference=-self.difference,
            low=-self.high,
            high=-self.low,
            conclusion=flipped,
        )


@dataclass(frozen=True, slots=True)
class FactSheet:
    """All facts of one decision, and the comparisons that were measured for it."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())

    def get(self, name: str) -> Fact | None:
        """Return the fact, or None where it is unknown."""
        return self.facts.get(name)

    def value(self, name: str) -> Scalar | None:
        """Return the fact's value, or None where it is unknown."""
        fact = self.facts.get(name)
        return None if fact is None else fact.value

    def with_facts(self, *facts: Fact) -> "FactSheet":
        """Return a sheet in which these facts replace those of the same name."""
        return replace(self, facts={**self.facts, **{f.name: f for f in facts}})

    def without(self, *names: str) -> "FactSheet":
        """Return a sheet in which these facts are unknown."""
        kept = {n: f for n, f in self.facts.items() if n not in names}
        return replace(self, facts=kept)
