"""A judge: a model behind an endpoint that reads every arm's answers at the end.

question + reference + answers of all arms --> verdict on each    in one order
                                           --> verdict on each    in the other

A judge prefers what it reads first, so that each example is put in two orders, one
the other's reverse, and the arm that begins changes from example to example. How
often both orders agree is reported. A reply that is not exactly the JSON asked for is
no verdict; nothing is read into it. The answers are data: they stand in a JSON string
behind the instructions, which say so.
"""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from trainer.answering import Answer, Chat
from trainer.asking import Data, hosted, mean_tokens
from trainer.environment import describe, peak_memory_bytes
from trainer.files import Progress, read_jsonl, write_jsonl
from trainer.judge_prompt import FORMAT, JUDGE_PROMPT, SCALE
from trainer.run_config import Judging, RunConfig
from tunewise.domain.dataset import Example, Message
from tunewise.domain.errors import ModelError, SpecError

REPLY_TOKENS = 512  # a verdict is short; some models think before it
SHOWN = 300  # characters of a reply that is no verdict


def judge_arms(
    config: RunConfig, judging: Judging, data: Data, folder: Path, progress: Progress
) -> dict[str, object]:
    """Judge the arms' answers, write the verdicts, and return the run's result.

    Raises
    ------
    SpecError
        If there is nothing to judge.
    ModelError
        If no reply is a verdict.
    EnvironmentProblem
        If the endpoint stands in the way; what it said is kept.
    """
    began = time.monotonic()
    if config.endpoint is None or not judging.answers:
        raise SpecError(
            "judge: no arm has finished, so there is nothing to judge\n"
            "  See what the arms say, and go on with 'tunewise experiment resume'."
        )
    given = {
        arm: [str(row["answer"]) for row in read_jsonl(folder / path)]
        for arm, path in judging.answers.items()
    }
    orders = [_orders(list(given), n) for n in range(len(data.heldout))]
    endpoint = hosted(config, config.endpoint, folder, max_new_tokens=REPLY_TOKENS)
    chats = [
        chat(judging.prompt, example, [given[arm][n] for arm in order])
        for n, example in enumerate(data.heldout)
        for order in orders[n]
    ]
    replies = endpoint.answer(
        chats, progress=lambda done, total: progress.step("judge", done, total)
    )
    rows = _rows(data.heldout, orders, replies)
    judged = [row for row in rows if row["verdicts"] is not None]
    if not judged:
        raise ModelError(
            f"{config.model_name}: no reply of the judge is a verdict; the first is "
            f"{replies[0].text[:SHOWN]!r}\n"
            "  Take another model as judge, or say more in [judge] prompt."
        )
    (folder / JUDGE_PROMPT).write_text(judging.prompt, encoding="utf-8")
    write_jsonl(folder / "answers.jsonl", rows)
    prompt_tokens, answer_tokens = mean_tokens(replies)
    return {
        "status": "finished",
        "arm": config.arm,
        "seed": config.seed,
        "model": config.model_name,
        "setup": f"{len(judged)} of {len(rows)} examples judged",
        "setups": [],
        "details": endpoint.served(),
        "metrics": {},
        "n": len(rows),
        "latency_seconds": None,
        "answers_per_second": None,
        "prompt_tokens_mean": prompt_tokens,
        "answer_tokens_mean": answer_tokens,
        "train": None,
        "checks": {},
        "weights": "",
        "endpoint": endpoint.asked(),
        "environment": describe({"device": "none"}),
        "peak_memory_bytes": peak_memory_bytes(),
        "seconds": time.monotonic() - began,
    }


def chat(prompt: str, example: Example, answers: Sequence[str]) -> Chat:
    """Return what the judge is asked about one example, in one order."""
    asked = {
        "question": [{"role": m.role, "content": m.content} for m in example.prompt],
        "reference": list(example.answers) or example.reference,
        "answers": [{"number": n, "answer": a} for n, a in enumerate(answers, start=1)],
    }
    return (
        Message("system", f"{prompt.rstrip()}\n\n{FORMAT}"),
        Message("user", json.dumps(asked, ensure_ascii=False, indent=1)),
    )


def read_verdicts(reply: str, count: int) -> tuple[str, ...] | None:
    """Return the verdict on each answer, None where the reply is none.

    A code fence around the object is packaging and is taken off; nothing else is.

    >>> read_verdicts('{"verdicts": ["right", "wrong"]}', 2)
    ('right', 'wrong')
    >>> read_verdicts('Sure! {"verdicts": ["right", "wrong"]}', 2)
    """
    text = reply.strip()
    if text.startswith("```") and text.endswith("```"):
        text = text[3:-3].removeprefix("json")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != {"verdicts"}:
        return None
    verdicts = found["verdicts"]
    if not isinstance(verdicts, list) or len(verdicts) != count:
        return None
    if not all(isinstance(v, str) and v in SCALE for v in verdicts):
        return None
    return tuple(verdicts)


def _orders(arms: list[str], number: int) -> list[list[str]]:
    """Return the orders in which an example's answers are shown: two, or one of one."""
    at = number % len(arms)
    turned = arms[at:] + arms[:at]
    return [turned, turned[::-1]] if len(arms) > 1 else [turned]


def _rows(
    examples: Sequence[Example],
    orders: Sequence[Sequence[Sequence[str]]],
    replies: Sequence[Answer],
) -> list[dict[str, Any]]:
    """Return a row for each example: by arm, its verdict in each order.

    Where one of the replies is no verdict there is none on the example.
    """
    rows: list[dict[str, Any]] = []
    left = iter(replies)
    for example, each in zip(examples, orders, strict=True):
        said = [next(left).text for _ in each]
        read = [read_verdicts(s, len(o)) for s, o in zip(said, each, strict=True)]
        row: dict[str, Any] = {"id": example.id, "verdicts": None, "scores": None}
        if all(v is not None for v in read):
            by_arm: dict[str, list[str]] = {arm: [] for arm in each[0]}
            for order, verdicts in zip(each, read, strict=True):
                for arm, verdict in zip(order, verdicts or (), strict=True):
                    by_arm[arm].append(verdict)
            row["verdicts"] = by_arm
            row["scores"] = {
                arm: fmean(SCALE[v] for v in given) for arm, given in by_arm.items()
            }
        else:
            row["unreadable"] = [
                s[:SHOWN] for s, v in zip(said, read, strict=True) if v is None
            ]
        rows.append(row)
    return rows
