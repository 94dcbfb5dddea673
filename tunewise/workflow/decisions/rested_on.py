"""The names of the records that a decision rests on, by what it says itself."""

from collections.abc import Mapping
from typing import Any

from tracker.decision_row import DecisionRow


def rested_on(row: DecisionRow) -> dict[str, str]:
    """Return each record that a decision names, as ``kind:id``, and how it does."""
    verdict: Mapping[str, Any] = row.body["verdict"]
    found = {
        f"criterion:{finding['criterion']}": "a finding of it matched"
        for finding in verdict.get("findings", ())
    }
    found |= {
        f"base:{model['id']}": "on the shortlist of its verdict"
        for model in verdict.get("base_models", ())
        if not model.get("ruled_out_by")
    }
    found |= {f"experiment:{id}": "rests on the experiment" for id in row.experiments}
    if row.model:
        found[f"model:{row.model}"] = "put into practice by it"
    of: dict[str, list[str]] = {}
    for fact, said in row.body["facts"]["facts"].items():
        if isinstance(said, Mapping) and said.get("evidence"):
            of.setdefault(str(said["evidence"]), []).append(fact)
    found |= {name: f"evidence of {', '.join(facts)}" for name, facts in of.items()}
    for name in row.body.get("evidence", ()):
        found.setdefault(str(name), "evidence of the decision")
    return found
