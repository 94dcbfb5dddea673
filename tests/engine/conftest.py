"""Small rule sets from inline TOML."""

from collections.abc import Mapping

import pytest

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import load

FACTS = """
[must_cite_sources]
type = "bool"
question = "Must every answer name its source?"
why = "Weights keep no link to a document."

[knowledge_changes]
type = "enum"
question = "How often does the knowledge change?"
why = "Weights age."
values = ["static", "monthly", "weekly", "daily"]

[training_examples]
type = "integer"
question = "How many examples are there?"
why = "Tuning needs them."
low = 0

[target_score]
type = "number"
question = "From which score does the task pay?"
why = "It decides."
low = 0.0
high = 1.0

[prompt_score]
type = "number"
question = "What did the prompt score?"
why = "It decides."
low = 0.0
high = 1.0

[rag_score]
type = "number"
question = "What did retrieval score?"
why = "It decides."
low = 0.0
high = 1.0

[finetune_score]
type = "number"
question = "What did the tuned model score?"
why = "It decides."
low = 0.0
high = 1.0

[stronger_model_allowed]
type = "bool"
question = "May a stronger model be used?"
why = "It may do without tuning."

[needed_until]
type = "date"
question = "Until when is it needed?"
why = "Vendors retire models."

[note]
type = "text"
question = "Anything else?"
why = "For the record."
"""

HEAD = 'title = "T"\nsince = 2026-11-23\nsource = "S"\n'


def criterion(when: str, *consequences: str) -> str:
    """Return a criterion's text; a consequence reads "rag 3" or "finetune veto"."""
    text = f"{HEAD}[when]\n{when}\n"
    for consequence in consequences:
        option, weight = consequence.split()[:2]
        says = "veto = true" if weight == "veto" else f"weight = {weight}"
        text += f'[[then]]\noption = "{option}"\n{says}\nbecause = "B {option}."\n'
    return text


@pytest.fixture
def write():
    """A criterion's text from its tests and its consequences."""
    return criterion


@pytest.fixture
def rules():
    """Build a rule set from criteria by id, other files and a house's by path."""

    def build(
        criteria: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        house: Mapping[str, str] | None = None,
    ) -> RuleSet:
        texts = {f"criteria/{name}.toml": t for name, t in (criteria or {}).items()}
        return load({"facts.toml": FACTS, **texts, **(files or {})}, house=house)

    return build


@pytest.fixture
def sheet(rules):
    """Build a fact sheet from keyword facts."""
    definitions = rules().facts

    def build(comparisons=None, **facts: object) -> FactSheet:
        raw = {"facts": facts, "comparisons": comparisons or []}
        return fact_sheet(raw, definitions).sheet

    return build
