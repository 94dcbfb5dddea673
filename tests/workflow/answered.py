"""An experiment whose runs left these answers: all that follows is the product's."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker import blobs, runs
from trainer.scoring import metrics_for, score
from tunewise.domain.dataset import Example, Split
from tunewise.workflow.experiments.concluding import conclude
from tunewise.workflow.experiments.planned import put_on_record
from tunewise.workflow.experiments.planning import Plan, make_plan
from tunewise.workflow.home import Home

from .conftest import write_jsonl
from .on_heldout import LEASE

TIMES = {"p50": 0.2, "p95": 0.3, "first_token": {"p50": 0.1, "p95": 0.1}, "n": 20}


def write_task(
    folder: Path, references: Sequence[str], task: str, extra: str = ""
) -> Path:
    """Write a specification whose held-out examples have these references.

    Each example names a gold document of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def rows(split: str, said: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {
                "messages": [
                    {"role": "user", "content": f"{split} question {n} of ours"},
                    {"role": "assistant", "content": reference},
                ],
                "metadata": {"id": f"{split}-{n}", "gold_doc_ids": [f"d{n % 5}"]},
            }
            for n, reference in enumerate(said)
        ]

    for split, said in (
        ("train", ([*references] * 25)[:300]),
        ("validation", references[:10]),
        ("heldout", references),
    ):
        write_jsonl(folder / f"{split}.jsonl", rows(split, said))
    documents = [{"id": f"d{n}", "title": "D", "text": f"text {n}"} for n in range(5)]
    write_jsonl(folder / "documents.jsonl", documents)
    names = ("train", "validation", "heldout", "documents")
    files = "\n".join(f'dataset.{name} = "{name}.jsonl"' for name in names)
    path = folder / "experiment.toml"
    path.write_text(f'title = "A task"\n{files}\ntask = {{ {task} }}\n{extra}\n')
    return path


def conclude_with(
    home: Home,
    spec: Path,
    answers: Mapping[str, Sequence[str]],
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    setups: Mapping[str, str] | None = None,
    **result: Any,
) -> dict[str, Any]:
    """Record a finished run of each arm and diagnostic, and conclude the experiment.

    Parameters
    ----------
    answers : by arm or diagnostic, one answer a held-out example
    rows : by arm, what an answer's row says beside it
    setups : by arm, the name of its set-up
    """
    plan = make_plan(home, spec, tell=lambda _: None, here=False)
    with home.store(create=True) as store:
        with store.writing(home.actor, home.now()):
            put_on_record(store, home, plan)
        for arm, given in answers.items():
            more = (rows or {}).get(arm) or [{}] * len(given)
            lines = [
                {"id": None, "answer": answer, **row}
                for answer, row in zip(given, more, strict=True)
            ]
            text = "".join(json.dumps(line) + "\n" for line in lines)
            kept = blobs.put_bytes(store.blobs, text.encode())
            done = _result(plan, arm, given) | result | {"answers_blob": kept}
            done["setup"] = (setups or {}).get(arm, arm)
            id, who = f"{plan.id}-{arm}", {"actor": home.actor, "at": home.now()}
            runs.create(store, id, experiment=plan.id, arm=arm, seed=0, body={}, **who)
            attempt = runs.claim(store, id, **LEASE, **who).attempt
            runs.finish(store, id, attempt=attempt, result=done, blobs=[kept], **who)
        return conclude(store, home, plan)


def _result(plan: Plan, arm: str, given: Sequence[str]) -> dict[str, Any]:
    examples: Sequence[Example] = plan.content.split(Split.HELDOUT)
    names = metrics_for(plan.spec.task.type, plan.spec.task.metric, schema=False)
    return {
        "status": "finished",
        "arm": arm,
        "seed": 0,
        "model": "tiny",
        "setups": [],
        "details": {},
        "metrics": {name: score(name, examples, given).value for name in names},
        "n": len(examples),
        "latency_seconds": TIMES,
        "answers_per_second": 5.0,
        "prompt_tokens_mean": 40.0,
        "answer_tokens_mean": 4.0,
        "train": None,
        "checks": {},
        "peak_memory_bytes": 1,
        "seconds": 2.0,
    }
