"""Answers that cannot all be true: ``contradictions.toml``.

[[contradiction]]
because = "What was not tried has no score."
when = { prompt_tried = false, prompt_score = { known = true } }
"""

from collections.abc import Iterable

from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import Contradiction, Truth
from tunewise.engine.conditions import Definitions, read_condition, words
from tunewise.engine.reference import evaluate, matching_facts, read
from tunewise.engine.source_text import RuleFile, listed


def read_contradictions(
    file: RuleFile, definitions: Definitions
) -> tuple[Contradiction, ...]:
    """Return the contradictions of ``contradictions.toml``."""
    top = file.top()
    top.only(("contradiction",), "contradictions.toml")
    found = []
    written = "contradiction" in file.table  # a house may declare none
    for entry in top.sections("contradiction") if written else ():
        entry.only(("when", "because"), "A contradiction")
        when = read_condition(entry.section("when"), definitions)
        found.append(Contradiction(when, entry.text("because")))
    return tuple(found)


def contradictions(
    declared: Iterable[Contradiction], sheet: FactSheet
) -> tuple[str, ...]:
    """Return every contradiction of a sheet, with the facts that it is between."""
    return tuple(
        _named(c, sheet) for c in declared if evaluate(c.when, sheet) is Truth.HOLDS
    )


def _named(found: Contradiction, sheet: FactSheet) -> str:
    facts = (f"{f.name} = {_value(f)}" for f in matching_facts(read(found.when, sheet)))
    return f"{listed(facts)} contradict each other\n  {found.because} Mend one of them."


def _value(fact: Fact) -> str:
    if fact.value is not None:
        return words(fact.value)
    ends = (fact.low, fact.high)
    return " to ".join("?" if end is None else words(end) for end in ends)
