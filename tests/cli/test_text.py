import io
from typing import Any

import pytest
from rich.console import Console

from tunewise.cli import text

UNFINISHED = {
    "experiment": "e-desk",
    "title": "Desk [1]",
    "status": "failed",
    "error": "every arm failed: [Errno 28] No space left on device",
    "dataset": "desk@1",
    "heldout_digest": "sha256:" + "0" * 64,
    "primary_metric": "accuracy",
    "arms": {
        "prompt": {"run": "r-1", "status": "finished", "error": ""},
        "rag": {"run": "r-2", "status": "failed", "error": "MemoryError\nTraceback…"},
        "finetune": {"run": "r-3", "status": "cancelled", "error": "interrupted"},
    },
    "diagnostics": {},
    "comparisons": [],
}
MODEL = {
    "model": "desk@1",
    "option": "finetune",
    "aliases": ["production"],
    "retired": "",
    "metrics": {"accuracy": {"value": 0.5, "low": 0.1, "high": 0.9, "n": 6}},
    "run": "r-1",
    "experiment": "e-desk",
    "dataset": "desk@1",
    "decision": "",
    "base_model": {"id": "tiny[/x]"},
}


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=100, highlight=False, soft_wrap=True)


def printed(console: Console) -> str:
    file: Any = console.file
    return str(file.getvalue())


def test_an_experiment_that_did_not_finish_is_printed_as_far_as_it_came(
    console: Console,
) -> None:
    text.experiment(console, UNFINISHED)

    lines = printed(console)
    assert "Desk [1]  e-desk  (failed)" in lines
    assert "[Errno 28] No space left on device" in lines
    assert "MemoryError" in lines
    assert "Traceback" not in lines
    assert "interrupted" in lines


def test_endpoints_and_a_judge_are_printed(console: Console) -> None:
    sent = {
        "base_url": "http://llm/v1",
        "model": "large[1]",
        "data_up_to": "internal",
        "classification": "public",
        "requests": 12,
        "from_cache": 3,
        "cost": 0.5,
        "currency": "USD",
    }
    judge = {
        "status": "finished",
        "model": "j",
        "judged": 5,
        "examples": 6,
        "scores": {"prompt": {"value": 0.5, "low": 0.2, "high": 0.8, "n": 5}},
        "agreement": {"value": 0.9, "low": 0.6, "high": 1.0, "n": 5},
        "sent_to": {**sent, "model": "j", "cost": None},
    }
    failed = {"run": "r", "status": "failed", "error": "down", "sent_to": sent}

    text.experiment(console, {**UNFINISHED, "arms": {"prompt": failed}, "judge": judge})

    lines = printed(console)
    assert "prompt was sent to http://llm/v1 (large[1]): 12 requests, 3 kept" in lines
    assert "0.5000 USD; it may receive data up to internal, these are public" in lines
    assert "Judged by j (5 of 6 examples; decides nothing): prompt 0.50" in lines
    assert "alike in both orders of the answers: 0.90" in lines


def test_a_model_version_is_printed_with_its_aliases(console: Console) -> None:
    loss = {"before": 2.0, "after": 3.0, "difference": 1.0, "low": 0.5, "high": 1.5}
    lost = {"off_task": {"loss": {**loss, "n": 48}, "worse": True}}

    text.model_version(console, {**MODEL, **lost})

    lines = printed(console)
    assert "Off the task: loss 2.00 → 3.00 nats a token (+1.00, 0.50–1.50" in lines
    assert "it got worse at other things. Serve it for this task only." in lines
    assert "desk@1 (finetune)  [production]" in lines
    assert "0.50 (0.10–0.90, n = 6)" in lines
    assert "tiny[/x]" in lines


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ({"model": "gpt-x"}, "gpt-x, no snapshot named"),
        (
            {"model": "m", "base_url": "http://x/v1", "snapshot": "m-0806"},
            "m at http://x/v1, m-0806",
        ),
    ],
)
def test_an_endpoint_is_printed_as_far_as_it_is_known(
    console: Console, endpoint: dict[str, str], said: str
) -> None:
    text.model_version(console, {**MODEL, "endpoint": endpoint})

    assert f"endpoint        {said}\n" in printed(console)


def test_a_table_keeps_ids_whole_and_a_zero_is_a_number(console: Console) -> None:
    console.width = 40
    row = {
        "name": "desk",
        "versions": 1,
        "latest": "desk-of-a-rather-long-name@1",
        "examples": 0,
        "at": "2026-11-22",
    }

    text.datasets(console, [row])

    assert "desk-of-a-rather-long-name@1" in printed(console)
    assert " 0" in printed(console)


def test_a_change_that_no_criterion_explains_says_what_differs(
    console: Console,
) -> None:
    said = {"recommended": "rag", "lead": "clear", "runner_up": None}
    entry = {
        "decision": "d-desk",
        "title": "Desk [1]",
        "status": "accepted",
        "changed": True,
        "before": said,
        "after": {**said, "recommended": "prompt"},
        "because": [],
        "criteria": [],
        "differences": ["recommended", "basis", "software"],
        "warnings": ["No longer asked, and ignored here: [a]."],
        "error": None,
    }

    text.replay(
        console, {"as_recorded": False, "decisions": [entry], "changed": 1, "n": 1}
    )

    lines = printed(console)
    assert "Desk [1]  d-desk  (accepted)" in lines
    assert "Verdict rag → prompt, lead clear, runner-up none" in lines
    assert "No criterion explains it; what differs: recommended, basis, soft" in lines
    assert "Take care: No longer asked, and ignored here: [a]." in lines


def test_rules_check_says_what_it_could_not_compare(console: Console) -> None:
    nothing = {"sheets": 0, "wins": {"rag": 0}, "nothing": 0, "ties": 0}
    full = {"sheets": 3, "wins": {"rag": 2}, "nothing": 1, "ties": 0}
    view = {
        "ok": True,
        "rule_set": "sha256:0",
        "criteria": 2,
        "facts": 1,
        "cases": 0,
        "problems": [],
        "covered": {
            "criteria": 2,
            "tests": 4,
            "sheets_of_two": nothing,
            "full_sheets": full,
            "undecided": [["a", "b"]],
        },
    }

    text.rules_check(console, view)

    said = printed(console)
    assert "a and b: too many combinations of answers to compare" in said
    assert "rag 66.7 %; nothing speaks for any option on 1 (33.3 %)" in said
    assert "two facts:" not in said


def test_an_experiment_says_what_was_fixed_and_what_a_lookup_does(
    console: Console,
) -> None:
    beside = {
        "a": "prompt",
        "b": "nearest_example",
        "metric": "accuracy",
        "difference": -0.1,
        "low": -0.2,
        "high": -0.02,
        "p_value": 0.01,
        "conclusion": "lose",
        "needs_n": None,
    }
    fixed = {"target_score": 0.9, "margin": 0.02, "margin_stated": False}

    text.experiment(console, UNFINISHED | fixed | {"beside_lookups": [beside]})

    lines = printed(console)
    assert "accuracy, target 0.9, equivalence margin 0.02 (default)" in lines
    assert "beside a lookup: nearest_example beats prompt by +0.10" in lines


def test_what_the_gold_passage_shows_is_printed(console: Console) -> None:
    score = {"value": 0.4, "low": 0.3, "high": 0.5, "n": 100}
    reading = {
        "conclusion": "both",
        "retriever": "weak",
        "reader": "weak",
        "gold": score,
        "recall": {"k": 2, **score},
        "target": None,
        "wanted": 0.6,
    }

    text.experiment(console, UNFINISHED | {"reading": reading})

    lines = printed(console)
    assert "Retriever or reader? A weak retriever and a weak reader" in lines
    assert "among the 2 shown 0.40 (0.30–0.50, n = 100)" in lines


def test_the_largest_slices_are_printed_and_the_others_counted(
    console: Console,
) -> None:
    found = [
        {
            "kind": "label",
            "name": f"label [{n}]",
            "metric": "accuracy",
            "value": 0.5,
            "low": 0.3,
            "high": 0.7,
            "n": 30 - n,
        }
        for n in range(7)
    ]
    arms = {
        "prompt": {"status": "finished", "run": "r-1", "error": "", "slices": found}
    }
    about = {"least": 20, "left_out": {"label": 3}}

    text.experiment(console, UNFINISHED | {"arms": arms, "slices": about})

    lines = printed(console)
    assert "accuracy by slice; no conclusion is drawn from these" in lines
    assert "label: label [4]" in lines
    assert "label [5]" not in lines
    assert "0.50 (0.30–0.70, n = 30)" in lines
    assert "label: 2 more in --json, 3 below 20 examples" in lines


def test_fewer_examples_are_a_table_and_a_sentence(console: Console) -> None:
    points = [
        {"arm": arm, "run": "r", "examples": examples, "value": value, "n": 100}
        | {"low": value - 0.1, "high": value + 0.1}
        for arm, examples, value in (
            ("finetune_half", 80, 0.61),
            ("finetune", 160, 0.69),
        )
    ]
    compared = {
        "conclusion": "win",
        "difference": 0.08,
        "low": 0.02,
        "high": 0.14,
        "p_value": 0.004,
        "needs_n": None,
    }
    curve = {"metric": "accuracy", "seed": 0, "points": points, "comparison": compared}

    text.experiment(console, UNFINISHED | {"curve": curve, "unflagged": None})

    lines = printed(console)
    assert "Would more examples help?" in lines
    assert "0.61 (0.51–0.71, n = 100)" in lines
    assert "More examples would probably help (half 0.61, all 0.69" in lines
    assert "flagged" not in lines


def test_costs_say_what_is_paid_when_and_what_it_rests_on(console: Console) -> None:
    money = {"value": 5300.0, "low": 2650.0, "high": 10600.0}
    nothing = {"value": 0.0, "low": 0.0, "high": 0.0}
    option = {
        "option": "finetune",
        "once": money,
        "monthly": {"value": 500.0, "low": 500.0, "high": 500.0},
        "three_years": {"value": 23300.0, "low": 20650.0, "high": 28600.0},
        "kinds": [{"kind": "preparation", "once": money, "month": nothing}],
        "prices_that_matter": [
            {
                **{"price": "own-labour", "from": 50.0, "to": 120.0, "per": "hour"},
                **{"low": 20650.0, "high": 28600.0},
            }
        ],
        "rests_on": ["66.25 h at 80 EUR per hour (own-labour, 2026-11-23; x)"],
        "assumed": ["3 minutes of work an example [1]"],
        "missing": ["inference: no answer was timed"],
    }
    view = {
        "currency": "EUR",
        "requests_a_month": {**money, "stated": False},
        "options": [option],
        "today": None,
        "today_unknown": "Nothing is compared with today.",
        "break_even": [{"because": "finetune against today: never earned back"}],
        "warnings": ["Prices older than 90 days: gpu."],
    }

    text.costs(console, view)

    lines = printed(console)
    for expected in (
        "in EUR, at 5,300 requests a month (2,650 to 10,600, assumed)",
        "5,300 (2,650–10,600)",
        "finetune: preparation 5,300 once",
        "Finetune against today: never earned back.",
        "own-labour at 50.00 to 120 per hour moves three years from 20,650 to 28,600",
        "They rest on 1 priced figures and 1 assumptions",
        "finetune: inference: no answer was timed",
        "Prices older than 90 days: gpu.",
        "Nothing is compared with today.",
    ):
        assert expected in lines, expected


def test_an_experiment_says_where_its_answers_fail_and_how_fast_they_are(
    console: Console,
) -> None:
    sure = {"value": 0.5, "low": 0.1, "high": 0.9, "n": 6}
    arm = {
        "run": "r-1",
        "status": "finished",
        "setup": "zero-shot",
        "metrics": {"accuracy": sure},
        "latency_seconds": {
            "p50": 0.4,
            "p95": 1.2,
            "first_token": {"p50": 0.05, "p95": 0.1},
            "build": {"p50": 0.001, "p95": 0.002},
            "n": 20,
        },
        "answers_per_second": 4.0,
        "prompt_tokens_mean": 120.4,
        "answer_tokens_mean": 3.2,
        "answering_memory_bytes": 900_000_000,
        "off_task": {"not_checked": "its answers were imported"},
        "labels": {
            "scores": [{"label": "late [1]", "support": 6, "f1": sure}],
            "wrong": 3.0,
            "confusions": [{"expected": "late [1]", "answered": None, "count": 3.0}],
            "invented": sure,
        },
    }
    view = {**UNFINISHED, "status": "finished", "error": "", "arms": {"prompt": arm}}

    text.experiment(console, view)

    said = printed(console)
    assert "prompt: off the task: not checked (its answers were imported)" in said
    [row] = [line for line in said.splitlines() if "900 MB" in line]
    cells = ["prompt", "50", "ms", "400", "ms", "1.2", "s", "4.0", "120", "3"]
    assert row.split() == [*cells, "900", "MB"]
    assert "prompt: F1 is lowest on late [1] 0.50 (0.10–0.90, n = 6)" in said
    assert "late [1] as no label (3)" in said
    assert "20 held-out examples drawn by a fixed seed" in said


def test_an_estimate_says_what_is_dropped_and_truncated(console: Console) -> None:
    amount = {"value": 2.0, "low": 1.0, "high": 4.0}
    cost = {**amount, "currency": "EUR", "rests_on": ["an hour of your own machine"]}
    arm = {"seconds": amount, "cost": cost}
    text.estimate(
        console,
        {
            "title": "Toy",
            "dataset": "toy@1",
            "base_model": "tiny",
            "seconds": 3.0,
            "training": {
                "finetune": {
                    "examples": 4,
                    "dropped": 2,
                    "truncated": 1,
                    "epochs": 2,
                    "steps": 2,
                    "tokens": 30,
                    "tokens_without_packing": 40,
                    "trained_tokens": 10,
                    "end_of_turn_trained": 3,
                }
            },
            "shown": [[{"text": "Where?", "trained": False}]],
            "machine": {
                "cores": 2,
                "device": "cpu",
                "attention": "sdpa",
                "precision_training": "float32",
                "precision_answering": "float32",
            },
            "because": {"training": "a", "answering": "b"},
            "available_bytes": 2**30,
            "load": {"one_minute": 7.25, "cores": 2, "in_use": 1.0, "busy": True},
            "pack_tokens": 64,
            "largest_pass_tokens": 128,
            "arms": {
                "finetune": {"runs": 1, "each": {"memory_bytes": amount}, "all": arm}
            },
            "total": arm,
            "corrected_by": {"training": {"seconds": {"runs": 0}}},
            "not_estimated": [],
        },
    )

    shown = " ".join(printed(console).split())
    assert "2 examples are dropped as too long; 1 examples are truncated" in shown
    assert "the end of turn in 3" in shown
    assert "The machine was busy: 7.2 processes ran or waited on its 2 cores" in shown
