"""Answers from elsewhere on record: as a run that has finished, without a process.

Its body says which file they came from, its result what that file says of each figure;
what it does not say is None. The answers are kept in the order of the held-out split.
"""

from collections.abc import Sequence
from datetime import timedelta
from statistics import fmean, quantiles

from tracker import blobs
from tracker import experiments as records
from tracker import runs as run_records
from tracker.runs import RunRow
from tracker.store import Store
from trainer.scoring import metrics_for, score
from tunewise.datasets import canonical
from tunewise.domain.dataset import Split
from tunewise.domain.errors import StatusError
from tunewise.workflow.answers.given import AnswerFile
from tunewise.workflow.answers.matching import Matched
from tunewise.workflow.experiments.arm_runs import IMPORTED, is_imported, of_arm
from tunewise.workflow.experiments.planning import Plan
from tunewise.workflow.home import Home
from tunewise.workflow.views import View

_LEASE = timedelta(minutes=10)  # of a run that is recorded in one transaction
_SHOWN = 20  # ids without an answer that a report lists


def record(
    store: Store,
    home: Home,
    plan: Plan,
    arm: str,
    file: AnswerFile,
    matched: Matched,
    *,
    model: str,
) -> None:
    """Record the answers as a run that has finished; once, where they are there.

    Raises
    ------
    StatusError
        If the arm was run here, or the report has these very answers.
    """
    rows = (
        {
            "id": example,
            "answer": answer.text if answer else "",
            "prompt_tokens": answer.prompt_tokens if answer else None,
            "answer_tokens": answer.answer_tokens if answer else None,
            **({"passages": [*answer.passages]} if answer and answer.passages else {}),
            **({} if answer else {"missing": True}),
        }
        for example, answer in zip(matched.ids, matched.answers, strict=True)
    )
    content = b"".join(canonical.canonical(row) + b"\n" for row in rows)
    kept = blobs.put_bytes(store.blobs, content)
    runs = run_records.list_all(store, experiment=plan.id)
    if _is_there(store, plan, runs, arm, kept):
        return
    id = _new_id(plan, runs, arm)
    who: View = {"actor": home.actor, "at": home.now()}
    named = model or file.model
    body = {
        IMPORTED: {"file": file.name, "digest": file.digest, "tool": file.tool},
        "arm": arm,
        "dataset": plan.dataset,
        "model_name": named,
    }
    result = _result(plan, arm, file, matched) | {"model": named, "answers_blob": kept}
    with store.writing(home.actor, home.now()):
        run_records.create(
            store, id, experiment=plan.id, arm=arm, seed=0, body=body, **who
        )
        until = (home.clock() + _LEASE).isoformat(timespec="milliseconds")
        claimed = run_records.claim(
            store, id, owner="an import", lease_until=until, **who
        )
        run_records.finish(
            store, id, attempt=claimed.attempt, result=result, blobs=[kept], **who
        )


def _is_there(
    store: Store, plan: Plan, runs: Sequence[RunRow], arm: str, answers: str
) -> bool:
    """Tell whether these answers are recorded and only the report lacks them.

    Raises
    ------
    StatusError
        If the arm was run here, or the report has these answers.
    """
    counting = [run for run in of_arm(runs, arm) if run.result]
    for run in counting:
        if not is_imported(run):
            raise StatusError(
                f"experiment {plan.id}: its {arm} arm was run here ({run.id}), and one "
                "arm has one set of answers\n"
                "  Import them into an experiment of their own: --new."
            )
        if (run.result or {})["answers_blob"] == answers:
            report = records.get(store, plan.id).report or {}
            if report.get("arms", {}).get(arm, {}).get("run") == run.id:
                raise StatusError(
                    f"experiment {plan.id}: {run.id} has these very answers\n"
                    "  There is nothing new to record."
                )
            return True
    return False


def _new_id(plan: Plan, runs: Sequence[RunRow], arm: str) -> str:
    before = sum(run.arm == arm and is_imported(run) for run in runs)
    number = f"-{before + 1}" if before else ""
    return f"r{plan.id[1:]}-{arm}-imported{number}"


def _result(plan: Plan, arm: str, file: AnswerFile, matched: Matched) -> View:
    """Return what a run that was worked on here leaves, as far as the file says it."""
    examples, task = plan.content.split(Split.HELDOUT), plan.spec.task
    names = metrics_for(task.type, task.metric, schema=plan.schema is not None)
    given = [answer for answer in matched.answers if answer]
    seconds = [a.seconds for a in given if a.seconds is not None]
    prompt = f", prompt {file.prompt!r}" if file.prompt else ""
    return {
        "status": "finished",
        "arm": arm,
        "seed": 0,
        "setup": f"imported from {file.name}{prompt}",
        "setups": [],
        "details": {},
        "metrics": {
            name: score(name, examples, matched.texts, schema=plan.schema).value
            for name in names
        },
        "n": len(examples),
        "latency_seconds": _percentiles(seconds),
        "answers_per_second": None,
        "prompt_tokens_mean": _mean([a.prompt_tokens for a in given]),
        "answer_tokens_mean": _mean([a.answer_tokens for a in given]),
        "train": None,
        "checks": {},
        "weights": "",
        "weights_blobs": {},
        "environment": {},
        "peak_memory_bytes": None,
        "seconds": None,
        IMPORTED: {
            "n": len(examples),
            "missing": len(matched.missing),
            "missing_ids": matched.missing[:_SHOWN],
            "failed": len(matched.failed),
            "left_out": matched.left_out,
            "latency_stated": len(seconds),
            "unread": [*file.unread],
        },
    }


def _percentiles(seconds: Sequence[float]) -> View | None:
    """Return the median and the 95th percentile of times that the file states."""
    if len(seconds) < 2:
        return None
    cuts = quantiles(seconds, n=20, method="inclusive")
    return {"p50": cuts[9], "p95": cuts[18]}


def _mean(numbers: Sequence[int | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return fmean(known) if known else None
