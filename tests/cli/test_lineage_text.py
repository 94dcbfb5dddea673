"""``why`` in a terminal: the answer first, and no line that the terminal breaks."""

import io
from typing import Any

import pytest
from rich.console import Console

from tunewise.cli import text

SCORE = {"value": 0.84, "low": 0.79, "high": 0.89, "n": 200}
OTHER = {"value": 0.58, "low": 0.51, "high": 0.65, "n": 200}
ENDED = {
    "model": "desk@1",
    "outside_name": "desk-llm",
    "environment": "production",
    "product": "Help desk",
    "from": "2026-11-01",
    "until": "2026-11-20",
    "runs": False,
    "planned": False,
    "because": "it won",
    "ended_because": "replaced by desk@2",
}


def lineage(**more: Any) -> dict[str, Any]:
    """Return the lineage of a tuned model that was shown to beat the prompt."""
    model = {
        "model": "desk@1",
        "option": "finetune",
        "labels": [],
        "aliases": ["production"],
        "by": "Ada",
        "identity": "stated",
        "at": "2026-11-10T00:00:00+00:00",
        "decision_text": "",
        "primary_metric": "macro_f1",
        "primary_score": SCORE,
        "setup": {"name": "lora, epoch 2 of 3"},
        "training": {"method": "lora", "rank": 0},
        "seeds": [0, 1],
        "heldout_digest": "sha256:" + "a" * 64,
        "base_model": {"id": "tiny[/x]", "licence": ""},
        "files": {},
        "git_commit": "",
        "trained_at": "",
        "trained_by": "",
        "tool": "",
        "environment": {},
        "retired": "",
        "retired_at": "",
    }
    decision = {
        "id": "d-desk",
        "title": "Route mail [1]",
        "status": "accepted",
        "recommended": "finetune",
        "because": "finetune was measured.",
        "basis": "measured",
        "choice": "finetune",
        "justification": "",
        "accepted_by": "Bea",
        "accepted_identity": "account",
        "accepted_at": "2026-11-10T09:00:00+00:00",
        "retrospective": None,
        "conditions": [
            {"text": "Ask legal", "closed": None},
            {"text": "Name an owner", "closed": {"because": "Lena is."}},
        ],
        "review_on": "2027-05-01",
        "findings": [
            {
                "criterion": "prompt-misses-target",
                "option": "finetune",
                "weight": 3,
                "veto": False,
                "facts": {},
                "because": "The prompt stays below the target, whatever is tried. " * 3,
            }
        ],
        "facts": {},
    }
    view: dict[str, Any] = {
        "model": model,
        "asked": {"reference": "desk@1", "kind": "version", "at": ""},
        "runs_today": False,
        "deployments": [],
        "decision": decision,
        "successor": None,
        "in_force": {"decision": None, "aliases": [], "deployments": []},
        "run": None,
        "dataset": None,
        "alternatives": [
            {
                "arm": "prompt",
                "status": "finished",
                "error": "",
                "setup": "few-shot 8",
                "score": OTHER,
                "comparison": {
                    "a": "finetune",
                    "b": "prompt",
                    "metric": "macro_f1",
                    "difference": 0.26,
                    "low": 0.19,
                    "high": 0.33,
                    "p_value": 0.0001,
                    "conclusion": "win",
                    "needs_n": None,
                },
            }
        ],
        "people": [
            {"name": "Bea", "identity": "account", "did": "accepted it", "at": "2026"}
        ],
        "events": [],
        "missing": ["its known limits"],
        "completeness": 0.5,
        "expected": [
            {"group": "operations", "name": "its known limits", "known": False},
            {"group": "data", "name": "the dataset", "known": True},
        ],
        "audit_head": "sha256:" + "b" * 64,
    }
    for key, value in more.items():
        view[key] = {**view[key], **value} if isinstance(value, dict) else value
    return view


def printed(view: dict[str, Any], width: int = 0) -> list[str]:
    """Print a lineage to a terminal of a width, or to a pipe."""
    console = Console(
        file=io.StringIO(),
        width=width or 200,
        force_terminal=bool(width),
        color_system=None,
        highlight=False,
        soft_wrap=True,
    )
    text.lineage(console, view)
    file: Any = console.file
    return str(file.getvalue()).splitlines()


def test_the_first_three_lines_answer() -> None:
    assert printed(lineage())[:3] == [
        "desk@1 was fine-tuned because it scored 0.84 (macro F1, 200 held-out "
        "examples) and is shown to beat prompt 0.58.",
        "Bea (account) chose finetune on 2026-11-10, as the rules recommended.",
        "It does not run today: no deployment of it is on record.",
    ]


def test_the_words_of_the_person_who_decided_go_first() -> None:
    view = lineage(decision={"justification": "Data must stay.", "recommended": "rag"})

    first, second, _ = printed(view)[:3]

    assert first == "desk@1 was fine-tuned because Data must stay."
    assert second.endswith("although the rules recommended rag.")


def test_a_decision_recorded_later_is_told_with_the_day_it_was_made() -> None:
    later = {
        "decided_at": "2025-03-01",
        "recorded_at": "2026-11-09T09:00:00+00:00",
        "source": "minutes",
    }

    lines = printed(lineage(decision={"retrospective": later}))

    assert lines[1] == (
        "Bea (account) chose finetune on 2025-03-01 (put on record on 2026-11-10), "
        "as the rules recommended."
    )
    assert "recorded 2026-11-09, decided 2025-03-01, source minutes" in "".join(lines)


def test_what_is_not_shown_to_be_better_is_not_said_to_be() -> None:
    view = lineage()
    view["alternatives"][0]["comparison"]["conclusion"] = "inconclusive"

    assert printed(view)[0] == "desk@1 was fine-tuned because finetune was measured."


def test_a_superseding_decision_is_told_at_once() -> None:
    after = {
        "id": "d-new",
        "title": "Again",
        "status": "accepted",
        "choice": "prompt",
        "justification": "cheaper",
        "model": "desk@2",
    }
    view = lineage()
    view["successor"] = after

    lines = printed(view)

    assert lines[1].endswith("superseded since by d-new (accepted).")
    assert "Superseded by" in lines


def test_what_is_in_force_instead_is_told_next() -> None:
    place = {"outside_name": "desk-llm", "environment": "production"}
    decision = {"id": "d-3", "status": "accepted", "choice": "rag", "model": "desk@3"}
    view = lineage(
        in_force={
            "decision": decision,
            "aliases": [{"alias": "pilot", "model": ""}],
            "deployments": [{**place, "product": "Help desk", "model": "desk@2"}],
        }
    )

    assert printed(view)[3] == (
        "In force today: desk@2 runs as desk-llm in production; pilot stands for no "
        "version; the accepted decision is d-3, which chose rag (desk@3)."
    )


def test_the_quality_report_is_a_list_by_severity() -> None:
    view = lineage()
    view["dataset"] = {
        "version": "desk@1",
        "digest": "sha256:" + "c" * 64,
        "deleted": "",
        "splits": {"train": {"examples": 8}},
        "documents": None,
        "quality": {"grade": "poor", "because": "prompts stand in two splits"},
        "findings": [
            {"severity": "block", "code": "not_json", "lines": [7]},
            {"severity": "warn", "code": "leakage", "lines": [1, 2]},
            {"severity": "note", "code": "majority_share", "lines": []},
        ],
        "accepted": {"by": "Ada", "identity": "stated", "because": "a pilot"},
        "provenance": {},
    }

    lines = printed(view)

    begin = lines.index("  quality         poor")
    assert lines[begin + 1 : begin + 7] == [
        "                  Prompts stand in two splits",
        "  findings        1 block, 1 warn, 1 note",
        "    block  not_json: a line is not JSON (1 line)",
        "    warn   leakage: a prompt stands in two splits (2 lines)",
        "    note   majority_share: what the most frequent label scores",
        "  accepted by     Ada (not verified) despite what blocks: a pilot",
    ]


@pytest.mark.parametrize(
    ("deployments", "model", "said"),
    [
        ([{**ENDED, "until": "", "runs": True}], {}, "It runs today as desk-llm in"),
        ([ENDED], {}, "It does not run today; last: desk-llm in production"),
        (
            [{**ENDED, "until": "", "planned": True}],
            {},
            "It does not run yet; planned: desk-llm",
        ),
        (
            [ENDED, {**ENDED, "until": "2031-01-01", "planned": True}],
            {},
            "It does not run today; planned: desk-llm",
        ),
        (
            [{**ENDED, "until": "2026-11-01"}],
            {},
            "It does not run today; last: desk-llm in production (Help desk), planned "
            "from 2026-11-01, never ran: replaced by desk@2.",
        ),
        (
            [ENDED],
            {"retired": "drifted", "retired_at": "2026-11-20"},
            "It does not run today: retired on 2026-11-20, drifted.",
        ),
        (
            [{**ENDED, "ran_then": True}],
            {},
            "On 2026-11-05 it ran as desk-llm in production",
        ),
    ],
    ids=["runs", "ended", "planned", "planned again", "empty", "retired", "then"],
)
def test_the_third_line_says_whether_it_is_what_runs(
    deployments: list[dict[str, Any]], model: dict[str, str], said: str
) -> None:
    asked = {"at": "2026-11-05", "model": "desk@1"}
    view = lineage(deployments=deployments, model=model, asked=asked)

    assert printed(view)[2].startswith(said)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    view = lineage(deployments=[ENDED])

    lines = printed(view, width)

    digest = "sha256:" + "b" * 64  # it is copied: never broken
    assert [x for x in lines if len(x) > width and digest not in x] == []
    assert "".join(lines).count("[/x]") == 1


def test_names_that_look_like_markup_are_printed_as_they_are() -> None:
    lines = printed(lineage(model={"primary_metric": "f1[/x]"}))

    assert "Measured on held-out examples: f1[/x]" in lines


def test_what_is_missing_is_listed_by_its_group() -> None:
    lines = printed(lineage())

    assert "Completeness 50%: 1 of 2 expected fields are on record; missing" in lines
    assert "  operations: its known limits" in lines
    assert "  condition       Name an owner (closed)" in lines


def test_a_version_without_a_decision_says_so_first() -> None:
    view = lineage()
    view["decision"] = None

    first, second, _ = printed(view)[:3]

    assert first.startswith("Why desk@1 was fine-tuned is not on record")
    assert second == "Ada (not verified) registered it on 2026-11-10."


def test_a_decision_that_chose_another_option_is_no_reason() -> None:
    first = printed(lineage(decision={"id": "d-1", "choice": "prompt"}))[0]

    assert first == (
        "Why desk@1 was fine-tuned is not on record: the decision that it names, d-1, "
        "chose prompt."
    )
