"""The fifteen sections of a decision's report, and how complete a record is.

    section --needs--> parts of the record --completeness--> 11 of 15, and what lacks

A section counts when everything that it needs is recorded. The command that records
a part stands beside it.
"""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tunewise.report.glossary import TERMS
from tunewise.report.shapes import View

_Known = Callable[[View], bool]  # of the context that complete_decision returns


@dataclass(frozen=True, slots=True)
class Need:
    """A part of the record that a section needs, and the command that records it.

    ``{id}`` in the command stands for the decision.
    """

    name: str
    known: _Known
    command: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its place, its template, the words it explains, what it needs."""

    number: int
    id: str
    title: str
    needs: tuple[Need, ...]
    terms: tuple[str, ...] = ()

    @property
    def template(self) -> str:
        """Return the path of its template."""
        return f"bodies/sections/{self.number:02}-{self.id}.html"


def _said(field: str, name: str) -> Need:
    option = field.replace("_", "-")
    return Need(
        name,
        lambda c: bool(c["decision"]["description"].get(field)),
        f"tunewise decision describe {{id}} --{option} TEXT",
    )


def _key(key: str) -> _Known:
    return lambda c: bool(c["decision"][key])


def _measured(context: View) -> bool:
    """Tell whether an arm has a score, and not only a failed run."""
    return any(
        arm["metrics"] for found in context["experiments"] for arm in found["arms"]
    )


def _priced(context: View) -> bool:
    return any(found["costs"] for found in context["experiments"])


def _controlled(context: View) -> bool:
    risks = context["decision"]["risks"]
    return bool(risks) and all(risk["control"] and risk["owner"] for risk in risks)


_ACCEPT = "tunewise decision accept {id} --choice OPTION"
_RISK = "tunewise decision risk {id} RISK --control TEXT --owner NAME"
_RUN = "tunewise experiment run SPEC"
_TARGET = Need(
    "target",
    lambda c: c["target"] is not None,
    "tunewise decision propose FACTS --title TEXT, with target_score in FACTS",
)
_REASONS = Need(
    "matching criteria",
    lambda c: bool(c["verdict"]["findings"]),
    "tunewise facts questions FACTS",
)

SECTIONS: tuple[Section, ...] = (
    Section(
        1,
        "board",
        "The decision on one page",
        (
            Need("choice", _key("choice"), _ACCEPT),
            _said("owner", "owner"),
            Need("validity", _key("review_on"), f"{_ACCEPT} --review-on DATE"),
        ),
        ("verdict", "choice", "flip"),
    ),
    Section(
        2,
        "purpose",
        "Purpose and target",
        (
            _said("purpose", "purpose"),
            _said("value", "value"),
            _said("cost_of_error", "cost of error"),
            _said("out_of_scope", "out of scope"),
            _TARGET,
        ),
    ),
    Section(
        3,
        "today",
        "What is in use today, and doing nothing",
        (_said("today", "what is in use today"), _said("nothing", "doing nothing")),
    ),
    Section(
        4,
        "options",
        "Options, and why each was not taken",
        (Need("options", lambda c: bool(c["options"]), _REASONS.command),),
        ("option", "veto", "weight"),
    ),
    Section(
        5,
        "facts",
        "Facts and their evidence",
        (Need("facts", _key("facts"), "tunewise decision propose FACTS --title TEXT"),),
        ("fact", "evidence"),
    ),
    Section(6, "reasons", "Reasons", (_REASONS,), ("criterion", "lead")),
    Section(
        7,
        "measured",
        "What was measured",
        (Need("a measured arm", _measured, _RUN),),
        (
            *("arm", "held-out split", "interval", "paired test", "equivalence margin"),
            *("slice", "diagnostic"),
        ),
    ),
    Section(
        8,
        "costs",
        "Costs and exit",
        (Need("costs", _priced, _RUN), _said("exit", "exit")),
        ("break-even",),
    ),
    Section(
        9,
        "risks",
        "Risks",
        (
            Need("risks", _key("risks"), _RISK),
            Need("a control and an owner for each risk", _controlled, _RISK),
        ),
    ),
    Section(
        10,
        "data",
        "Data",
        (
            Need(
                "dataset version",
                _key("dataset_view"),
                "tunewise dataset register NAME --train FILE --heldout FILE",
            ),
            _said("data_owner", "data owner"),
            _said("data_basis", "basis of the data"),
        ),
        ("digest",),
    ),
    Section(
        11,
        "model",
        "Model",
        (
            Need(
                "base model and licence",
                lambda c: any(m["licence"] for m in c["models_used"]),
                _RUN,
            ),
        ),
        ("base model", "model version", "adapter", "lineage"),
    ),
    Section(
        12,
        "operation",
        "Operation",
        (
            _said("maintainer", "maintainer"),
            _said("monitoring", "monitoring"),
            _said("rollback", "rollback"),
            _said("triggers", "triggers"),
            Need(
                "deployment",
                lambda c: bool(c["lineage"] and c["lineage"]["deployments"]),
                "tunewise model deploy VERSION --product P --environment E --as NAME "
                "--because TEXT",
            ),
        ),
        ("drift",),
    ),
    Section(
        13,
        "signoffs",
        "Sign-offs",
        (
            Need(
                "a signature",
                _key("signatures"),
                "tunewise decision sign {id} --role ROLE",
            ),
        ),
    ),
    Section(
        14,
        "history",
        "History, and whether the same would be decided today",
        (Need("entries of the log", _key("audit"), "tunewise history"),),
        ("audit log",),
    ),
    Section(
        15,
        "integrity",
        "Integrity and its limits, glossary",
        (Need("head of the log", _key("audit_head"), "tunewise verify"),),
    ),
)


def sections_of(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the sections as a template shows them.

    Returns
    -------
    list of dict
        ``number``, ``id``, ``title``, ``template``, ``terms`` (word and sentence);
        ``missing``: name and command of each part that is not recorded; ``state``:
        "recorded", "in part" or "not recorded".
    """
    id = str(context["decision"]["id"])
    return [_section(section, context, shlex.quote(id)) for section in SECTIONS]


def completeness(sections: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how many sections are recorded whole, and which are not.

    >>> completeness([{"state": "recorded"}, {"state": "in part", "missing": []}])
    {'whole': 1, 'of': 2, 'lacking': [{'state': 'in part', 'missing': []}]}
    """
    lacking = [section for section in sections if section["state"] != "recorded"]
    return {
        "whole": len(sections) - len(lacking),
        "of": len(sections),
        "lacking": lacking,
    }


def _section(section: Section, context: Mapping[str, Any], id: str) -> dict[str, Any]:
    missing = [
        {"name": need.name, "command": need.command.replace("{id}", id)}
        for need in section.needs
        if not need.known(context)
    ]
    state = "in part" if missing else "recorded"
    if len(missing) == len(section.needs):
        state = "not recorded"
    return {
        "number": section.number,
        "id": section.id,
        "title": section.title,
        "template": section.template,
        "terms": [(term, TERMS[term]) for term in section.terms],
        "missing": missing,
        "state": state,
    }
