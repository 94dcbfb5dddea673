"""Criteria under headings, and one line for each that did not match."""

import pytest

from tunewise.engine.kinds import Kind
from tunewise.report.criteria import (
    KINDS,
    complete_criteria,
    complete_criterion,
    reasons_by_kind,
    spoken,
)


def one(id, kind, *then):
    says = [{"option": option, "weight": weight} for option, weight in then]
    return {"id": id, "kind": kind, "consequences": says}


def test_every_kind_has_words_in_its_order():
    assert list(KINDS) == [kind.value for kind in Kind]


def test_criteria_stand_under_their_kinds_in_the_order_of_kinds():
    views = [one("a", "rag"), one("b", "gate"), one("c", "rag"), one("d", "new")]

    groups = complete_criteria(views)["groups"]

    assert [(g["kind"], [c["id"] for c in g["entries"]]) for g in groups] == [
        ("gate", ["b"]),
        ("rag", ["a", "c"]),
        ("other", ["d"]),
    ]


def test_a_criterion_counts_once_for_an_option_that_it_names_twice():
    found = spoken([one("a", "against", ("rag", -1), ("rag", 0), ("prompt", 2))])

    assert (found["rag"], found["prompt"], found["hybrid"]) == (1, 1, 0)


NOT_MATCHED = [
    {"criterion": "b", "failed": ["x is 3, not at least 5", "y is 1, not 2"]},
    {"criterion": "a", "failed": [], "waiting_for": ["error_cost", "z", "w"]},
    {"criterion": "c"},
]


def test_the_first_reason_stands_and_the_others_are_counted():
    groups = reasons_by_kind(NOT_MATCHED, {"rag": ["b"], "gate": ["a", "c"]})

    assert [(g["title"], g["entries"]) for g in groups] == [
        (
            "Gates",
            [
                {"criterion": "a", "first": "waits for error cost", "more": 2},
                {"criterion": "c", "first": "no reason is recorded", "more": 0},
            ],
        ),
        (
            "For RAG",
            [{"criterion": "b", "first": "x is 3, not at least 5", "more": 1}],
        ),
    ]


def test_a_record_without_kinds_gives_one_list_in_its_own_order():
    (group,) = reasons_by_kind(NOT_MATCHED, {})

    assert group["title"] == ""
    assert [entry["criterion"] for entry in group["entries"]] == ["b", "a", "c"]


def test_one_that_the_kinds_leave_out_is_not_lost():
    groups = reasons_by_kind(NOT_MATCHED, {"rag": ["b"], "gate": ["a"]})

    assert groups[-1]["title"] == "Other criteria"
    assert [entry["criterion"] for entry in groups[-1]["entries"]] == ["c"]


def test_nothing_to_list_is_no_group():
    assert reasons_by_kind([], {}) == []


@pytest.mark.parametrize("reads", [["prompt_score"], []])
def test_a_case_tells_what_the_criterion_reads_from_the_rest(reads):
    case = {
        "facts": {
            "prompt_score": {"value": 0.5, "low": 0.4, "high": 0.6},
            "corpus_tokens": {"value": 12_000},
        },
        "units": {"corpus_tokens": "tokens"},
    }
    view = {"reads": [{"name": n} for n in reads], "worked_cases": [case]}

    (found,) = complete_criterion(view)["criterion"]["worked_cases"]

    shown = [(f["name"], f["text"], f["unit"]) for f in found["read"] + found["others"]]
    assert [f["name"] for f in found["read"]] == reads
    assert shown == [
        ("prompt_score", "0.5 (0.4 to 0.6)", ""),
        ("corpus_tokens", "12,000", "tokens"),
    ]
