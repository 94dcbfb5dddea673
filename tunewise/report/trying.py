"""The context of the page on which facts of a decision are tried."""

from typing import Any

from tunewise.report.decision import complete_decision
from tunewise.report.shapes import View, fill, rows, shape

_KEYS = shape(
    text="decision title status seen",
    lists="fields changed criteria because flips ignored",
    tables="errors sheet recorded",
    none="verdict choice turned other_rules every",
)
_FIELD = shape(
    text="name question type unit recorded tried",
    lists="values",
    none="fact changed",
)
_CRITERION = shape(text="criterion change option title", none="before after")
_FLIP = shape(text="recommended", tables="change answers")


def complete_tried(view: View) -> dict[str, Any]:
    """Return what was tried with every key that its page reads."""
    tried = fill(view, _KEYS)
    for key in ("fields", "changed"):
        tried[key] = rows(tried[key], _FIELD)
    tried["criteria"] = rows(tried["criteria"], _CRITERION)
    tried["flips"] = rows(tried["flips"], _FLIP)
    for key in ("recorded", "verdict"):
        if tried[key] is not None:
            whole = complete_decision({"verdict": tried[key]})
            tried[key] = whole["verdict"]
    return {"tried": tried, "by": "", "more": "", "form_errors": {}}
