"""Criteria and worked cases: ``criteria/<id>.toml`` and ``cases/<name>.toml``.

One a file; the file name is the id. A weight is 1, 2 or 3 for an option (negative:
against), 0 where only a variant of it is named; a veto is ``veto = true``: never a
weight of -99.
"""

from collections.abc import Collection

from tunewise.domain.errors import FactError
from tunewise.domain.rules import Consequence, Criterion, Option, WorkedCase
from tunewise.engine.conditions import Definitions, read_condition
from tunewise.engine.intake import fact_sheet
from tunewise.engine.source_text import RuleFile, Section, shown, suggest

CRITERION_KEYS = (
    "title",
    "since",
    "source",
    "supported_by",
    "contradicted_by",
    "note",
    "when",
    "then",
)
CONSEQUENCE_KEYS = ("option", "weight", "veto", "because", "variant", "next", "who")
_CASE = ("title", "facts", "expect")
# rules/README.md: 1 speaks for, 2 strongly, 3 nearly settles.
HEAVIEST = 3


def read_criterion(
    file: RuleFile, name: str, *, definitions: Definitions, origin: str
) -> Criterion:
    """Return the criterion of one file."""
    top = file.top()
    top.only(CRITERION_KEYS, "A criterion")
    return Criterion(
        id=name,
        title=top.text("title"),
        since=top.date("since"),
        source=top.text("source"),
        when=read_condition(top.section("when"), definitions),
        then=tuple(_consequence(s) for s in top.sections("then")),
        supported_by=top.texts("supported_by"),
        contradicted_by=top.texts("contradicted_by"),
        note=top.text("note", ""),
        origin=origin,
    )


def read_case(
    file: RuleFile,
    name: str,
    *,
    definitions: Definitions,
    criteria: Collection[str],
) -> WorkedCase:
    """Return the worked case of one file, its facts checked."""
    top = file.top()
    top.only(_CASE, "A worked case")
    facts, expect = top.section("facts"), top.section("expect")
    expect.only(("matched", "recommended"), "What a case expects")
    _check_facts(facts, definitions)
    if "matched" not in expect.table:
        raise expect.error(
            None, "'matched' is missing", "List every criterion that matches, sorted."
        )
    return WorkedCase(
        name=name,
        title=top.text("title"),
        facts=facts.table,
        matched=_matched(expect, criteria),
        recommended=read_option(expect, "recommended"),
    )


def read_option(section: Section, key: str) -> Option:
    """Return the option that a key names."""
    written = section.text(key)
    known = [o.value for o in Option]
    if written not in known:
        raise section.error(
            key,
            f"unknown option {shown(written)}",
            f"The options are {', '.join(known)}.{suggest(written, known)}",
        )
    return Option(written)


def _consequence(then: Section) -> Consequence:
    then.only(CONSEQUENCE_KEYS, "What follows from a criterion ([[then]])")
    option = read_option(then, "option")
    veto = then.boolean("veto", False)
    variant = then.text("variant", "")
    if veto and option is Option.DEFER:
        raise then.error(
            "veto",
            "a veto of defer",
            "Not yet is always possible; give it a negative weight instead.",
        )
    if variant and not variant.startswith(f"{option}/"):
        raise then.error(
            "variant",
            f"variant = {shown(variant)} is no form of {option}",
            f'Name it "{option}/…".',
        )
    return Consequence(
        option=option,
        because=then.text("because"),
        weight=_weight(then, veto=veto),
        veto=veto,
        variant=variant,
        next_step=then.text("next", ""),
        who=then.text("who", ""),
    )


def _weight(then: Section, *, veto: bool) -> int:
    weight = then.integer("weight", 0)
    if veto and "weight" in then.table:
        raise then.error(
            "weight",
            f"weight = {weight} beside veto = true",
            "Leave the weight out: a veto rules the option out whatever it weighs.",
        )
    names_a_form = "weight" in then.table and then.text("variant", "") != ""
    if not veto and ((weight == 0 and not names_a_form) or abs(weight) > HEAVIEST):
        raise then.error(
            "weight" if "weight" in then.table else None,
            f"weight = {weight} says nothing" if weight == 0 else f"weight = {weight}",
            "Write 1 (speaks for), 2 (strongly) or 3 (nearly settles), negative for "
            "against, 0 beside a variant to name the form only, or veto = true.",
        )
    return weight


def _check_facts(facts: Section, definitions: Definitions) -> None:
    for name in facts.table:
        try:
            fact_sheet({name: facts.table[name]}, definitions)
        except FactError as error:
            what, _, todo = str(error).partition("\n")
            raise facts.error(name, what, todo.strip()) from None


def _matched(expect: Section, criteria: Collection[str]) -> tuple[str, ...]:
    matched = expect.texts("matched")
    for name in matched:
        if name not in criteria:
            raise expect.error(
                "matched",
                f"no criterion {name!r}",
                f"A criterion's id is its file name.{suggest(name, criteria)}",
            )
    if list(matched) != sorted(set(matched)):
        raise expect.error(
            "matched",
            f"matched = {shown(list(matched))} is not sorted",
            f"Write {shown(sorted(set(matched)))}.",
        )
    return matched
