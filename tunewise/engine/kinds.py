"""What a criterion does, in one word: what a list of criteria is grouped by.

    consequences  -->  gate, veto, the option it speaks for most, against or form

Nothing is decided by it. A criterion has one kind, the first that fits.
"""

from enum import StrEnum

from tunewise.domain.rules import Criterion, Option


class Kind(StrEnum):
    """The kinds, in the order in which a list shows them."""

    GATE = "gate"  # says something about "not yet"
    VETO = "veto"  # rules an option out
    PROMPT = "prompt"  # speaks for prompt at least as much as for any other
    RAG = "rag"
    FINETUNE = "finetune"
    HYBRID = "hybrid"
    AGAINST = "against"  # speaks against options only
    FORM = "form"  # names a form of an option, without a weight


def kind_of(criterion: Criterion) -> Kind:
    """Return the kind of a criterion; on equal weights the option named first counts.

    >>> from tunewise.domain.rules import AllOf, Consequence
    >>> then = (Consequence(Option.RAG, "it shows the passage", weight=3),)
    >>> kind_of(Criterion("cite", "Cite", "2026-11-22", "us", AllOf(), then)).value
    'rag'
    """
    then = criterion.then
    if any(c.option is Option.DEFER for c in then):
        return Kind.GATE
    if any(c.veto for c in then):
        return Kind.VETO
    heaviest = max(then, key=lambda c: c.weight)
    if heaviest.weight > 0:
        return Kind(heaviest.option.value)
    return Kind.AGAINST if any(c.weight < 0 for c in then) else Kind.FORM
