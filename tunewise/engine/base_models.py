"""Which base models fit the facts, and what rules the others out.

A figure rules a model out only where that is certain: an unknown fact, or a range
that reaches over the figure, rules nothing out.
"""

import datetime as dt

from tunewise.domain.decision import ModelSuggestion
from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import BaseModel, Option, RuleSet
from tunewise.engine.conditions import words
from tunewise.engine.source_text import listed
from tunewise.engine.weighing import TUNING

# The facts that rules/README.md names for base models.
USED_FACTS = (
    "task_type",
    "prompt_tokens_p99",
    "on_prem_required",
    "needed_until",
    "serving_memory_gb",
    "training_memory_gb",
    "licences_allowed",
)


def shortlist(
    rule_set: RuleSet, sheet: FactSheet, option: Option, *, today: dt.date
) -> tuple[ModelSuggestion, ...]:
    """Return every base model, suitable ones first, with what rules the others out.

    Among the suitable ones those shown to serve the task type stand before the
    others, each from small to large.
    """
    task = sheet.value("task_type")
    entries = [
        (m, _ruled_out_by(m, sheet, option, today)) for m in rule_set.base_models
    ]
    entries.sort(
        key=lambda e: (bool(e[1]), task not in e[0].good_for, e[0].parameters_b)
    )
    return tuple(
        ModelSuggestion(model.id, _because(model, task, out), out)
        for model, out in entries
    )


def _because(model: BaseModel, task: object, ruled_out_by: tuple[str, ...]) -> str:
    if ruled_out_by:
        return f"Ruled out: {listed(ruled_out_by)}."
    size = f"{words(model.parameters_b)} B parameters"
    context = f"{model.context_tokens} tokens of context"
    memory = f"{words(model.memory_to_serve_gb)} GB to serve"
    place = "hosted by a vendor" if model.hosted else memory
    fit = ""
    if task in model.good_for:
        fit = f"shown to serve {task}; "
    elif task is not None:
        fit = f"not shown to serve {task}; "
    return f"{model.title}: {fit}{size}, {context}, {place}, {model.licence}."


def _ruled_out_by(
    model: BaseModel, sheet: FactSheet, option: Option, today: dt.date
) -> tuple[str, ...]:
    reasons = [
        _too_short(model, sheet),
        _hosted(model, sheet),
        _ends(model, sheet, today),
        _over_memory(model.memory_to_serve_gb, sheet, "serving_memory_gb"),
        _licence(model, sheet),
    ]
    if option in TUNING:
        needed = model.memory_to_tune_gb
        if needed is None:
            reasons.append(f"there is no way to tune it, and the verdict is {option}")
        else:
            reasons.append(_over_memory(needed, sheet, "training_memory_gb"))
    return tuple(r for r in reasons if r)


def _too_short(model: BaseModel, sheet: FactSheet) -> str:
    fact = sheet.get("prompt_tokens_p99")
    least = None if fact is None else fact.lower
    if isinstance(least, int | float) and model.context_tokens < least:
        return (
            f"its context of {model.context_tokens} tokens is below "
            f"prompt_tokens_p99 ({words(least)})"
        )
    return ""


def _hosted(model: BaseModel, sheet: FactSheet) -> str:
    if model.hosted and sheet.value("on_prem_required") is True:
        return "it runs only at a vendor, and on_prem_required is true"
    return ""


def _ends(model: BaseModel, sheet: FactSheet, today: dt.date) -> str:
    end, needed = model.end_of_life, sheet.value("needed_until")
    if not end:
        return ""
    if end < today.isoformat():
        return f"its life ended on {end}"
    if isinstance(needed, str) and end < needed:
        return f"its life ends on {end}, before needed_until ({needed})"
    return ""


def _over_memory(needed: float, sheet: FactSheet, name: str) -> str:
    fact = sheet.get(name)
    most = None if fact is None else fact.upper
    if isinstance(most, int | float) and needed > most:
        return f"it needs {words(needed)} GB, above {name} ({words(most)} GB)"
    return ""


def _licence(model: BaseModel, sheet: FactSheet) -> str:
    allowed = sheet.value("licences_allowed")
    if not isinstance(allowed, str) or not allowed.strip():
        return ""
    names = {name.strip().lower() for name in allowed.split(",")}
    if model.licence.lower() in names:
        return ""
    return f"licences_allowed ({allowed}) does not name {model.licence}"
