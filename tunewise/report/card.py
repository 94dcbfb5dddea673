"""What a model card says beyond the version's own page: the lineage, flattened.

Everything has an empty value, so that the card can say what is not recorded.
"""

from collections.abc import Mapping
from typing import Any

from tunewise.report.lineage import IN_FORCE, decided_findings
from tunewise.report.quality import by_severity
from tunewise.report.shapes import View, fill, shape

_DECISION = shape(
    text="id title status recommended because choice justification accepted_by "
    "accepted_at review_on",
    none="accepted_identity retrospective",
)
_DATA = shape(
    text="version digest description",
    tables="splits provenance",
    lists="findings",
    none="quality",
)
_RUN = shape(
    text="seed git_commit started_at ended_at by", tables="environment", none="train"
)


def complete_card(
    model: View, chain: View | None, lineage: View | None
) -> dict[str, Any]:
    """Return the context that only the card has.

    ``chain`` is the lineage as ``why`` returns it, ``lineage`` the context of its page.
    """
    given: View = chain or {}
    decision = _filled(given.get("decision"), _DECISION)
    data = _filled(given.get("dataset") or model["dataset_elsewhere"], _DATA)
    run = _filled(given.get("run"), _RUN)
    return {
        "relation": _relation(model),
        "merged": False,
        "dataset": data["version"] or data.get("name") or model["dataset"],
        "decision": decision,
        "findings": decided_findings(decision),
        "data": data,
        "run": run,
        "findings_of_data": by_severity(data["findings"]),
        "in_force": fill(given.get("in_force") or {}, IN_FORCE),
        "alternatives": lineage["alternatives"] if lineage else [],
        "flops": _flops(model, run["train"]),
        "completeness": given.get("completeness"),
        "audit_head": given.get("audit_head") or "",
    }


def _filled(view: object, keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return fill(view if isinstance(view, Mapping) else {}, keys)


def _relation(model: View) -> str:
    """Return how the weights relate to the base's, as the Hub calls it."""
    if model["option"] not in ("finetune", "hybrid"):
        return ""
    whole = any(name.startswith("model") for name in model["files"])
    return "finetune" if whole else "adapter"


def _flops(model: View, train: object) -> str:
    base = model["base_model"]
    parameters = base.get("parameters") if isinstance(base, Mapping) else None
    tokens = train.get("tokens") if isinstance(train, Mapping) else None
    if not isinstance(parameters, int) or not isinstance(tokens, int):
        return ""
    return f"{6 * parameters * tokens:.1e}" if parameters and tokens else ""
