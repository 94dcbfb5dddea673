"""What can go wrong with an option: ``risks.toml``, and a house's ``more-risks.toml``.

[memorised-personal-data]
title = "The model repeats personal data"
why = "Weights hold what they were trained on."
options = ["finetune", "hybrid"]
source = "…"
when = { personal_data_in_training = true }   # optional: where it does not fail
"""

import re
from collections.abc import Iterable

from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import AllOf, Option, Risk, Truth
from tunewise.engine.conditions import Definitions, facts_of, read_condition
from tunewise.engine.reference import evaluate
from tunewise.engine.source_text import RuleFile, Section, shown, suggest

_KEYS = ("title", "why", "options", "source", "usual_control", "when")
_OPTIONS = tuple(o.value for o in Option if o is not Option.DEFER)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def read_risks(
    files: Iterable[tuple[RuleFile, str]], definitions: Definitions
) -> tuple[Risk, ...]:
    """Return the risks of these files, each with its origin, in file order.

    A later file adds to an earlier one; a risk that it names again, it replaces.
    """
    found: dict[str, Risk] = {}
    for file, origin in files:
        top = file.top()
        for id in file.table:
            found[id] = _risk(top, id, origin, definitions)
    return tuple(found.values())


def risks_of(
    risks: Iterable[Risk], option: str, sheet: FactSheet
) -> tuple[tuple[Risk, tuple[str, ...]], ...]:
    """Return the risks of an option, each with the facts that it still waits for.

    What the facts exclude is left out; what they do not settle is a risk.
    """
    truths = ((r, evaluate(r.when, sheet)) for r in risks if option in r.options)
    return tuple(
        (risk, _waits_for(risk, sheet) if truth is Truth.WAITS else ())
        for risk, truth in truths
        if truth is not Truth.FAILS
    )


def _waits_for(risk: Risk, sheet: FactSheet) -> tuple[str, ...]:
    """Return its facts that are unknown, or known only as a range."""
    names = facts_of(risk.when)
    return tuple(name for name in names if not _exact(sheet.get(name)))


def _exact(fact: Fact | None) -> bool:
    return fact is not None and fact.lower == fact.upper is not None


def _risk(top: Section, id: str, origin: str, definitions: Definitions) -> Risk:
    if not _ID.fullmatch(id):
        raise top.error(
            id,
            f"{shown(id)} cannot be an id",
            "A risk is named by a-z, 0-9 and -, at most 64 characters.",
        )
    entry = top.section(id)
    entry.only(_KEYS, "A risk")
    written = "when" in entry.table
    return Risk(
        id=id,
        title=entry.text("title"),
        why=entry.text("why"),
        options=_options(entry),
        source=entry.text("source"),
        usual_control=entry.text("usual_control", ""),
        when=read_condition(entry.section("when"), definitions) if written else AllOf(),
        origin=origin,
    )


def _options(entry: Section) -> tuple[Option, ...]:
    named = entry.texts("options")
    if not named:
        raise entry.error(
            "options" if "options" in entry.table else None,
            "the risk belongs to no option",
            f"Name those that have it: {', '.join(_OPTIONS)}.",
        )
    for name in named:
        if name not in _OPTIONS:
            raise entry.error(
                "options",
                f"options: {shown(name)} is none that can be put into practice",
                f"They are {', '.join(_OPTIONS)}.{suggest(name, _OPTIONS)}",
            )
    return tuple(Option(name) for name in dict.fromkeys(named))
