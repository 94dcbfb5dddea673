"""A decision names every run on its held-out split, and what moved since.

The clock stands still: what came first is told by the log, not by the time.
"""

from typing import Any

import pytest

from tunewise.workflow import decisions
from tunewise.workflow.home import Home

from .on_heldout import PART, begin, register, run


@pytest.fixture
def desk(home: Home) -> Home:
    """A home with one dataset version, ``desk@1``."""
    register(home)
    return home


def measured(run: str, **facts: Any) -> dict[str, Any]:
    """Return facts with a score that a run established."""
    score = {"value": 0.8, "low": 0.7, "high": 0.9, "evidence": f"run:{run}"}
    return {"rag_score": score, **facts}


def propose(home: Home, facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return decisions.propose(home, facts, title="Desk", **more)


def test_every_run_on_the_split_is_listed_cited_or_not_failed_or_not(
    desk: Home,
) -> None:
    first = run(desk, begin(desk, "e-1", "desk@1"), score=None)
    second = begin(desk, "e-2", "desk@1")
    cited, other = run(desk, second, score=0.8), run(desk, second, score=0.6, seed=1)

    runs = propose(desk, measured(cited))["runs_on_heldout"]

    assert [(r["run"], r["status"], r["score"], r["cited"]) for r in runs] == [
        (first, "failed", None, False),
        (cited, "finished", 0.8, True),
        (other, "finished", 0.6, False),
    ]
    assert (runs[0]["error"], runs[1]["metric"]) == ("no memory", "accuracy")
    assert {"experiment", "arm", "seed", "at"} <= set(runs[0])


def test_an_experiment_as_evidence_cites_all_its_runs(desk: Home) -> None:
    begin(desk, "e-1", "desk@1")
    run(desk, "e-1", score=0.7)
    run(desk, "e-1", score=0.8, seed=1)
    facts = {"rag_score": {"value": 0.75, "evidence": "experiment:e-1"}}

    view = propose(desk, facts)

    assert view["experiments"] == ["e-1"]
    assert [r["cited"] for r in view["runs_on_heldout"]] == [True, True]


def test_the_split_counts_whatever_the_dataset_is_called(desk: Home) -> None:
    register(desk, "renamed")
    elsewhere = register(desk, "other", heldout="sha256:" + "c" * 64)
    hidden = run(desk, begin(desk, "e-1", "renamed@1"), score=0.3)
    part = run(desk, begin(desk, "e-2", "desk@1", heldout=PART), score=0.4)
    run(desk, begin(desk, "e-3", elsewhere, heldout="sha256:" + "c" * 64), score=0.5)
    cited = run(desk, begin(desk, "e-4", "desk@1"), score=0.8)

    runs = propose(desk, measured(cited))["runs_on_heldout"]

    assert [(r["run"], r["same_examples"]) for r in runs] == [
        (hidden, True),
        (part, False),
        (cited, True),
    ]


@pytest.mark.parametrize("evidence", ["dataset:desk@1", "document:desk@1"])
def test_a_dataset_as_evidence_brings_the_runs_on_it(desk: Home, evidence: str) -> None:
    hidden = run(desk, begin(desk, "e-1", "desk@1"), score=0.3)
    facts = {"training_examples": {"value": 9, "evidence": evidence}}

    view = propose(desk, facts)

    assert view["experiments"] == []
    assert [r["run"] for r in view["runs_on_heldout"]] == [hidden]


def test_a_run_after_the_decision_is_listed_too(desk: Home) -> None:
    cited = run(desk, begin(desk, "e-1", "desk@1"), score=0.8)
    id = propose(desk, measured(cited))["id"]
    later = run(desk, begin(desk, "e-2", "desk@1"), score=0.2)

    runs = decisions.show(desk, id)["runs_on_heldout"]

    assert [r["run"] for r in runs] == [cited, later]


def test_a_decision_on_stated_facts_has_no_runs_and_nothing_moved(home: Home) -> None:
    view = propose(home, {"must_cite_sources": True, "target_score": 0.8})

    assert (view["runs_on_heldout"], view["changes"]) == ([], [])
    assert view["target_set_after_score"] is False
    assert view["margin_set_after_score"] is False


def moved(view: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return what moved, without the facts that runs established."""
    return [
        (c["what"], c["name"], c["before"], c["after"], c["draft"])
        for c in view["changes"]
        if not c["measured"]
    ]


def test_each_change_between_the_drafts_is_listed_in_order(desk: Home) -> None:
    begin(desk, "e-1", "desk@1", target=0.9, facts={"knowledge_changes": "weekly"})
    cited = run(desk, "e-1", score=0.8)
    begin(
        desk,
        "e-2",
        "desk@1",
        target=0.8,
        margin=0.05,
        facts={"must_cite_sources": True},
        rule_set=desk.rules().digest,
    )

    view = propose(desk, measured(cited, target_score=0.75, must_cite_sources=False))

    assert moved(view) == [
        ("target", "target_score", 0.9, 0.8, "e-2"),
        ("margin", "margin", "0.02 (default)", 0.05, "e-2"),
        ("rule_set", "rule_set", "sha256:rules", desk.rules().digest, "e-2"),
        ("fact", "must_cite_sources", None, True, "e-2"),
        ("target", "target_score", 0.8, 0.75, view["id"]),
        # it rests on e-1, which compared with the default
        ("margin", "margin", 0.05, "0.02 (default)", view["id"]),
        ("fact", "must_cite_sources", True, False, view["id"]),
        ("fact", "knowledge_changes", "weekly", None, view["id"]),
    ]
    assert {(c["by"], c["at"][:10]) for c in view["changes"]} == {
        ("Ada Byron", "2026-11-22"),
        ("", "2026-11-22"),  # nobody said the default
    }
    (score,) = [c for c in view["changes"] if c["measured"]]
    assert (score["name"], score["before"]) == ("rag_score", None)
    assert score["after"] == "0.8 (0.7 to 0.9)"


def test_proposals_that_were_replaced_before_anybody_accepted_are_drafts(
    home: Home,
) -> None:
    guess = propose(home, {"prompt_score": 0.7, "target_score": 0.9})["id"]
    said = {"value": 0.7, "evidence": "document:eval.pdf"}

    view = decisions.supersede(home, guess, {"prompt_score": said, "target_score": 0.8})

    assert moved(view) == [
        ("target", "target_score", 0.9, 0.8, view["id"]),
        ("fact", "prompt_score", "0.7, assumed", "0.7, document:eval.pdf", view["id"]),
    ]


def test_an_accepted_decision_is_no_draft_of_its_successor(home: Home) -> None:
    old = decisions.accept(home, propose(home, {"target_score": 0.9})["id"])["id"]

    assert decisions.supersede(home, old, {"target_score": 0.8})["changes"] == []


def test_every_earlier_decision_on_the_split_is_a_draft(desk: Home) -> None:
    cited = run(desk, begin(desk, "e-1", "desk@1", target=0.9), score=0.8)
    first = propose(desk, measured(cited, target_score=0.9, must_cite_sources=True))
    decisions.accept(desk, first["id"], choice="rag", because="measured")
    other = {"training_examples": {"value": 9, "evidence": "dataset:desk@1"}}
    second = propose(desk, {**other, "target_score": 0.7})["id"]
    decisions.withdraw(desk, second, because="too low")
    propose(desk, {"target_score": 0.1})  # on no split

    view = propose(desk, measured(cited, target_score=0.8))

    assert [m for m in moved(view) if m[4] != first["id"]] == [
        ("target", "target_score", 0.9, 0.7, second),
        ("fact", "training_examples", None, 9, second),
        ("fact", "must_cite_sources", True, None, second),
        ("fact", "rag_score", "0.8 (0.7 to 0.9)", None, second),
        ("target", "target_score", 0.7, 0.8, view["id"]),
        ("fact", "training_examples", 9, None, view["id"]),
    ]
    assert view["target_set_after_score"] is True
    # what came later is no draft of what was decided before
    assert [c["draft"] for c in decisions.show(desk, first["id"])["changes"]] == [
        first["id"] for c in first["changes"]
    ]


def test_a_decision_that_falls_back_on_another_margin_says_so(desk: Home) -> None:
    strict = run(desk, begin(desk, "e-1", "desk@1", margin=0.01), score=0.8)
    loose = run(desk, begin(desk, "e-2", "desk@1", margin=0.1), score=0.8)
    first = propose(desk, measured(loose))

    view = propose(desk, measured(strict))

    assert first["equivalence_margin"] == {
        "value": 0.1,
        "stated": True,
        "experiment": "e-2",
    }
    assert ("margin", "margin", 0.1, 0.01, view["id"]) in moved(view)
    assert view["margin_set_after_score"] is True


def test_a_default_margin_is_nobodys(desk: Home) -> None:
    begin(desk, "e-1", "desk@1", margin=0.05)
    run(desk, "e-1", score=0.8)
    cited = run(desk, begin(desk, "e-2", "desk@1"), score=0.8)

    view = propose(desk, measured(cited))

    assert view["equivalence_margin"]["stated"] is False
    (change,) = [c for c in view["changes"] if c["what"] == "margin"]
    assert (change["before"], change["after"]) == (0.05, "0.02 (default)")
    assert (change["by"], change["identity"]) == ("", "")
    assert view["margin_set_after_score"] is False


def test_naming_the_default_margin_moves_nothing(desk: Home) -> None:
    run(desk, begin(desk, "e-1", "desk@1"), score=0.8)
    cited = run(desk, begin(desk, "e-2", "desk@1", margin=0.02), score=0.8)

    view = propose(desk, measured(cited))

    assert [c for c in view["changes"] if c["what"] == "margin"] == []
    assert view["margin_set_after_score"] is False


def test_a_decision_lists_a_hundred_runs_and_counts_all_of_them(desk: Home) -> None:
    begin(desk, "e-1", "desk@1")
    for seed in range(101):
        run(desk, "e-1", score=0.8, seed=seed)
    cited = run(desk, begin(desk, "e-2", "desk@1"), score=0.9)

    view = propose(
        desk,
        measured(cited)
        | {"rag_score": 0.9, "rag_tried": {"value": True, "evidence": f"run:{cited}"}},
    )

    listed = [r["run"] for r in view["runs_on_heldout"]]
    assert (len(listed), view["runs_on_heldout_total"]) == (100, 102)
    assert (listed[0], listed[-1]) == ("r-e-1-rag-0", cited)
    assert view["runs_on_heldout_cited"] == 1
    assert view["experiments_on_heldout"] == ["e-1", "e-2"]


def late(desk: Home, targets: list[float | None], margins: list[float]) -> Any:
    """Run an experiment for each target and margin, then decide with the last."""
    for n, (target, margin) in enumerate(zip(targets, margins, strict=True)):
        begin(desk, f"e-{n}", "desk@1", target=target, margin=margin)
        cited = run(desk, f"e-{n}", score=0.8)
    last = {} if targets[-1] is None else {"target_score": targets[-1]}
    view = propose(desk, measured(cited, **last))
    return view["target_set_after_score"], view["margin_set_after_score"]


@pytest.mark.parametrize(
    ("targets", "margins", "expected"),
    [
        ([0.9], [0.02], (False, False)),
        ([0.9, 0.9], [0.02, 0.02], (False, False)),
        ([0.9, 0.8], [0.02, 0.02], (True, False)),
        ([None, 0.8], [0.02, 0.02], (True, False)),
        ([0.9, 0.8, 0.9], [0.02] * 3, (True, False)),  # chosen again with the scores
        ([0.9, None], [0.02, 0.02], (False, False)),  # no target holds
        ([0.9, None, 0.9], [0.02] * 3, (False, False)),  # left out is not taken back
        ([0.9, 0.9], [0.02, 0.05], (False, True)),
    ],
)
def test_a_target_or_margin_set_after_the_first_score_is_marked(
    desk: Home,
    targets: list[float | None],
    margins: list[float],
    expected: tuple[bool, bool],
) -> None:
    assert late(desk, targets, margins) == expected


def test_a_target_first_named_by_the_decision_is_late(desk: Home) -> None:
    cited = run(desk, begin(desk, "e-1", "desk@1"), score=0.8)

    view = propose(desk, measured(cited, target_score=0.75))

    assert view["target_set_after_score"] is True


def test_an_experiment_that_leaves_the_target_out_moves_nothing(desk: Home) -> None:
    begin(desk, "e-1", "desk@1", target=0.9)
    cited = run(desk, "e-1", score=0.8)
    begin(desk, "e-2", "desk@1")

    view = propose(desk, measured(cited, target_score=0.9))

    assert [c["name"] for c in view["changes"] if c["what"] == "target"] == []
    assert view["target_set_after_score"] is False


def test_a_target_that_no_draft_before_named_has_moved(desk: Home) -> None:
    cited = run(desk, begin(desk, "e-1", "desk@1"), score=0.8)

    view = propose(desk, measured(cited, target_score=0.75))

    (change,) = [c for c in view["changes"] if c["what"] == "target"]
    assert (change["before"], change["after"]) == (None, 0.75)


def test_a_target_set_after_a_failed_run_is_not_late(desk: Home) -> None:
    run(desk, begin(desk, "e-1", "desk@1", target=0.9), score=None)
    cited = run(desk, begin(desk, "e-2", "desk@1", target=0.8), score=0.8)

    view = propose(desk, measured(cited, target_score=0.8))

    assert view["target_set_after_score"] is False
