"""The context of a decision's page, report and Markdown.

decision show  --complete_decision-->  verdict, options, facts, experiments
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewise.report import charts, numbers, words
from tunewise.report.board import board_of
from tunewise.report.criteria import reasons_by_kind
from tunewise.report.experiment import complete_experiment
from tunewise.report.facts import (
    by_group,
    complete_fact,
    complete_finding,
    first_facts,
)
from tunewise.report.glossary import TERMS
from tunewise.report.lineage import complete_lineage
from tunewise.report.sections import completeness, sections_of
from tunewise.report.shapes import View, fill, rows, shape
from tunewise.report.why_not import says_nothing_about, why_not

_KEYS = shape(
    text="id status title justification model supersedes superseded_by "
    "to_be_superseded_by review_on at accepted_at closed_because rule_set prices "
    "engine audit_head state_digest accepted_because strength software",
    lists="conditions signatures evidence evidence_links experiments runs_on_heldout "
    "experiments_on_heldout claims changes experiment_views labels notes audit "
    "promised reviews risks described base_models",
    tables="facts verdict fact_definitions description description_from criteria "
    "not_matched_kinds",
    none="choice by identity accepted_by accepted_identity retrospective lineage "
    "dataset_view review_in_past runs_on_heldout_total runs_on_heldout_cited "
    "equivalence_margin target_set_after_score margin_set_after_score asked_again",
)
_CRITERION = shape(text="title when since source origin")
_MODEL_USED = shape(text="id title licence end_of_life as_of source", none="hosted")
_AGAIN = shape(text="on rule_set error", lists="because", none="recommended")
_EVENT_OF_DESCRIPTION = shape(text="at", tables="fields", none="seq by identity")
_VERDICT = shape(
    text="recommended because basis lead rule_set engine variant",
    lists="findings not_matched unknown assumed next_steps flips base_models warnings",
    tables="totals ruled_out training",
    none="runner_up margin next_question not_matched_left_out",
)
_STEP = shape(text="action who why")
_SIGNATURE = shape(
    text="role at comment seen",
    lists="since",
    none="by identity dissent earlier_state",
)
_CONDITION = shape(text="n text owner due", none="closed")
_RISK = shape(
    text="id title why state source usual_control origin",
    lists="arms waits_for",
    none="control owner recorded",
)
_CLOSING = shape(text="evidence because at digest checked", none="by identity")
_FIGURE = shape(text="what unit rests_on standing", none="promised low high realised")
_REVIEW = shape(text="at because review_on", lists="figures", none="by identity")
_CLAIM = shape(text="fact evidence said recorded standing")
_LINK = shape(text="kind reference found checked digest", lists="facts")
_HELDOUT_RUN = shape(
    text="run experiment arm status metric at error",
    none="seed score cited same_examples",
)
_CHANGE = shape(text="what name at draft", none="before after by identity measured")
_EARLIER = shape(text="decided_at recorded_at source source_digest source_checked")
_MODEL = shape(text="id because", lists="ruled_out_by")
_EVENT = shape(text="at actor identity action subject", none="seq")


def complete_decision(view: View) -> dict[str, Any]:
    """Return the context of the decision body and of its Markdown."""
    decision = fill(view, _KEYS)
    verdict = fill(decision["verdict"], _VERDICT)
    facts = {
        name: complete_fact(name, entry, decision["fact_definitions"].get(name))
        for name, entry in decision["facts"].items()
    }
    verdict["findings"] = [complete_finding(f, facts) for f in verdict["findings"]]
    verdict["next_steps"] = rows(verdict["next_steps"], _STEP)
    verdict["base_models"] = rows(verdict["base_models"], _MODEL)
    decision["signatures"] = rows(decision["signatures"], _SIGNATURE)
    decision["conditions"] = [_condition(c) for c in decision["conditions"]]
    decision["risks"] = rows(decision["risks"], _RISK)
    decision["evidence_links"] = rows(decision["evidence_links"], _LINK)
    decision["claims"] = rows(decision["claims"], _CLAIM)
    decision["promised"] = rows(decision["promised"], _FIGURE)
    decision["reviews"] = [_review(r) for r in decision["reviews"]]
    decision["runs_on_heldout"] = rows(decision["runs_on_heldout"], _HELDOUT_RUN)
    decision["changes"] = rows(decision["changes"], _CHANGE)
    if decision["retrospective"]:
        decision["retrospective"] = fill(decision["retrospective"], _EARLIER)
    decision["audit"] = rows(decision["audit"], _EVENT)
    decision["risks"] = rows(decision["risks"], _RISK)
    decision["described"] = rows(decision["described"], _EVENT_OF_DESCRIPTION)
    decision["criteria"] = {
        id: fill(criterion, _CRITERION)
        for id, criterion in decision["criteria"].items()
    }
    if decision["asked_again"]:
        decision["asked_again"] = fill(decision["asked_again"], _AGAIN)
    decision["verdict"] = verdict
    target = facts.get("target_score", {}).get("value")
    experiments = [
        complete_experiment(e, target=target, recommended=verdict["recommended"])
        for e in decision["experiment_views"]
    ]
    options = _options(verdict)
    lineage = decision["lineage"]
    first = first_facts(facts, verdict)
    named = {fact["name"] for fact in first}
    taken = decision["choice"] or verdict["recommended"]
    context = {
        "decision": decision,
        "verdict": verdict,
        "differs": bool(decision["choice"])
        and decision["choice"] != verdict["recommended"],
        "options": options,
        "not_matched": reasons_by_kind(
            verdict["not_matched"], decision["not_matched_kinds"]
        ),
        "totals_chart": _totals_chart(options),
        "target": target if isinstance(target, (int, float)) else None,
        "board": board_of(decision, verdict, experiments, facts.values()),
        "why_not": why_not(options, experiments, taken),
        "says_nothing_about": says_nothing_about(experiments, verdict),
        "first_facts": first,
        "other_facts": by_group(f for n, f in facts.items() if n not in named),
        "fact_groups": by_group(facts.values()),
        "target_fact": facts.get("target_score"),
        "personal_data": facts.get("personal_data_in_training"),
        "questions": {
            name: (decision["fact_definitions"].get(name) or {}).get("question", "")
            for name in [*verdict["unknown"], *verdict["assumed"]]
        },
        "experiments": experiments,
        "lineage": complete_lineage(lineage)["lineage"] if lineage else None,
        "models_used": _models_used(decision, experiments),
        "signers": [
            words.person(s["by"], s["identity"]) for s in decision["signatures"]
        ],
        "labels": decision["labels"],
        "glossary": TERMS,
    }
    sections = sections_of(context)
    return {
        **context,
        "sections": sections,
        "completeness": completeness(sections),
    }


def _models_used(decision: View, experiments: Sequence[View]) -> list[dict[str, Any]]:
    """Return the base models that arms ran on, and the licence as far as it is known.

    The base model of the chain stands for those that no table of the rules has.
    """
    known = {m["id"]: m for m in rows(decision["base_models"], _MODEL_USED)}
    base = (decision["lineage"] or {}).get("base_model") or {}
    if isinstance(base, Mapping) and base.get("id"):
        said = {"licence": base.get("licence"), "source": "model version"}
        known.setdefault(base["id"], fill({"id": base["id"], **said}, _MODEL_USED))
    used = [arm["model"] for found in experiments for arm in found["arms"]]
    names = dict.fromkeys([*used, *([base["id"]] if base.get("id") else [])])
    return [known.get(n) or fill({"id": n}, _MODEL_USED) for n in names if n]


def _condition(view: View) -> dict[str, Any]:
    condition = fill(view, _CONDITION)
    if condition["closed"]:
        condition["closed"] = fill(condition["closed"], _CLOSING)
    return condition


def _review(view: View) -> dict[str, Any]:
    review = fill(view, _REVIEW)
    review["figures"] = rows(review["figures"], _FIGURE)
    return review


def _options(verdict: View) -> list[dict[str, Any]]:
    """Return every option that was weighed: the recommended first, then by total."""
    totals = verdict["totals"]
    named = [
        *totals,
        *verdict["ruled_out"],
        *(f["option"] for f in verdict["findings"]),
    ]
    names = [o for o in words.OPTIONS if o in named]
    names += [o for o in dict.fromkeys(named) if o not in words.OPTIONS]
    names.sort(key=lambda o: (o != verdict["recommended"], -totals.get(o, 0)))
    return [
        {
            "option": name,
            "total": totals.get(name, 0),
            "recommended": name == verdict["recommended"],
            "ruled_out": verdict["ruled_out"].get(name, []),
            "findings": sorted(
                (f for f in verdict["findings"] if f["option"] == name),
                key=lambda f: (not f["veto"], -abs(f["weight"])),
            ),
        }
        for name in names
    ]


def _totals_chart(options: Sequence[View]) -> dict[str, Any] | None:
    return charts.bar_chart(
        [
            {
                "label": words.option_title(o["option"]),
                "value": o["total"],
                "text": numbers.signed(o["total"], 0)
                + (" · ruled out" if o["ruled_out"] else ""),
                "strong": o["recommended"],
                "struck": bool(o["ruled_out"]),
            }
            for o in options
            if o["option"] != "defer" or o["findings"]
        ]
    )
