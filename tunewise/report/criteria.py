"""Criteria as lists show them: under a heading each, by what they do.

rules list          --complete_criteria-->  groups of criteria, counts by option
rules show          --complete_criterion--> one, its condition and worked cases
what did not match  --reasons_by_kind-->    groups of one line each
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunewise.report import numbers, words
from tunewise.report.facts import complete_fact
from tunewise.report.shapes import Shape, View, fill, rows, shape

# What each kind is called and means, in the order of a list (engine/kinds.py).
KINDS = {
    "gate": (
        "Gates",
        "Each says when nothing should be built yet: something is missing, or what "
        "runs today is enough. Some rule options out as well.",
    ),
    "veto": (
        "Vetoes",
        "Each rules at least one option out, whatever the totals say, and may speak "
        "for another.",
    ),
    "prompt": (
        "For Prompt",
        "Each speaks for a prompt at least as much as for any other option.",
    ),
    "rag": (
        "For RAG",
        "Each speaks for retrieval at least as much as for any other option.",
    ),
    "finetune": (
        "For Fine-tune",
        "Each speaks for tuning the weights at least as much as for any other option.",
    ),
    "hybrid": (
        "For Hybrid",
        "Each speaks for retrieval with a tuned model at least as much as for any "
        "other option.",
    ),
    "against": (
        "Only against",
        "Each lowers the total of some options and speaks for none.",
    ),
    "form": (
        "Forms",
        "Each says which form of an option is meant, such as open weights, and leaves "
        "the totals as they are.",
    ),
}
_OTHER = ("Other criteria", "What they do is not in this record.")

_CRITERION = shape(
    text="id title kind since source origin note text",
    lists="consequences cases supported_by contradicted_by reads worked_cases",
    none="when condition",
)
_CONSEQUENCE: Shape = {
    **shape(text="option because variant next_step who"),
    "weight": int,
    "veto": bool,
}
_CASE = shape(text="name title recommended", lists="matched", tables="facts units")
_NOT_MATCHED = shape(text="criterion", lists="failed waiting_for")


def complete_criterion(view: View) -> dict[str, Any]:
    """Return the context of a criterion's page."""
    criterion = _criterion(view)
    reads = {fact["name"] for fact in criterion["reads"]}
    whole = [_case(case, reads) for case in criterion["worked_cases"]]
    criterion["worked_cases"] = whole
    return {"criterion": criterion, "kind_title": _words_of(criterion["kind"])[0]}


def complete_criteria(views: Sequence[View]) -> dict[str, Any]:
    """Return the context of the list of criteria, under a heading for each kind."""
    criteria = [_criterion(view) for view in views]
    kinds = {c["id"]: c["kind"] for c in criteria}
    return {
        "criteria": criteria,
        "groups": _grouped(criteria, kinds, key="id"),
        "spoken": spoken(criteria),
        "total": len(criteria),
        "option": "",
    }


def spoken(criteria: Iterable[View]) -> dict[str, int]:
    """Return how many criteria say something about each option."""
    counts = dict.fromkeys(words.OPTIONS, 0)
    for criterion in criteria:
        for option in {c["option"] for c in criterion["consequences"]}:
            counts[option] = counts.get(option, 0) + 1
    return counts


def reasons_by_kind(
    not_matched: Iterable[View], kinds: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Return what did not match in groups, each with the first reason and a count.

    Parameters
    ----------
    not_matched : iterable of dict
        As the verdict has them: ``criterion``, ``failed``, ``waiting_for``.
    kinds : dict
        Ids of criteria by kind. A record that has none gives one group without a
        title.
    """
    kind_of = {id: kind for kind, ids in kinds.items() for id in ids}
    entries = [_reason(entry) for entry in rows(not_matched, _NOT_MATCHED)]
    if not kind_of:
        return [{"title": "", "entries": entries}] if entries else []
    return _grouped(entries, kind_of, key="criterion")


def _reason(entry: View) -> dict[str, Any]:
    failed, waiting = entry["failed"], entry["waiting_for"]
    first = "no reason is recorded"
    if failed:
        first = numbers.plain(failed[0])
    elif waiting:
        first = f"waits for {words.humanise(waiting[0])}"
    more = max(len(failed) + len(waiting) - 1, 0)
    return {"criterion": entry["criterion"], "first": first, "more": more}


def _grouped(
    entries: Iterable[View], kind_of: Mapping[str, str], *, key: str
) -> list[dict[str, Any]]:
    found: dict[str, list[View]] = {kind: [] for kind in (*KINDS, "")}
    for entry in entries:
        kind = kind_of.get(entry[key], "")
        found[kind if kind in KINDS else ""].append(entry)
    return [
        {
            "kind": kind or "other",
            "title": _words_of(kind)[0],
            "means": _words_of(kind)[1],
            "entries": of,
        }
        for kind, of in found.items()
        if of
    ]


def _words_of(kind: str) -> tuple[str, str]:
    return KINDS.get(kind, _OTHER)


def _criterion(view: View) -> dict[str, Any]:
    criterion = fill(view, _CRITERION)
    criterion["consequences"] = rows(criterion["consequences"], _CONSEQUENCE)
    return criterion


def _case(view: View, reads: set[str]) -> dict[str, Any]:
    """Return a case with its facts as text: those that the criterion reads, and all."""
    case = fill(view, _CASE)
    facts = [
        {**complete_fact(name, entry, None), "unit": case["units"].get(name, "")}
        for name, entry in case["facts"].items()
    ]
    read = [fact for fact in facts if fact["name"] in reads]
    return {**case, "read": read, "others": [f for f in facts if f not in read]}
