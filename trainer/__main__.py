"""``python -m trainer RUN_DIR``: one run, in a process of its own.

Reads ``run.json``; writes ``progress.jsonl``, ``checkpoints/``, ``answers.jsonl``
and, last and by atomic rename, ``result.json``. It never opens the database. It
ends when its parent's pipe closes, so that no training outlives the one who asked
for it. Exit status 2: the user can mend it, and ``result.json`` says how; 4: the
disk is full, and standard error says so.
"""

import contextlib
import errno
import sys
import time
from pathlib import Path

from trainer.alone import keep_to_itself
from trainer.parent import end_with_parent
from tunewise.domain.errors import TunewiseError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_FULL_STATUS = 4


def main(argv: list[str]) -> int:
    """Run the arm whose folder is given."""
    folder = Path(argv[0]).resolve()
    end_with_parent()
    keep_to_itself()
    from trainer.files import write_json

    try:
        write_json(folder / "result.json", _run(folder))
    except TunewiseError as error:
        sys.stderr.write(f"{error}\n")
        with contextlib.suppress(OSError):  # what was said above is read then
            failed = {"status": "failed", "error": str(error)}
            write_json(folder / "result.json", failed)
        return 2
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        sys.stderr.write(
            f"{folder}: the disk is full ({error.strerror})\n"
            "  Make room on it: what was finished is kept.\n"
        )
        return DISK_FULL_STATUS
    return 0


def _run(folder: Path) -> dict[str, object]:
    from trainer import arms, asking, judging, latency
    from trainer.answer_rows import answer_rows
    from trainer.environment import describe, peak_memory_bytes
    from trainer.files import Progress, write_jsonl
    from trainer.run_config import read_run_config
    from trainer.scoring import metrics_for, score

    began = time.monotonic()
    config = read_run_config(folder)
    progress = Progress(folder / "progress.jsonl")
    arm = config.arm.replace("_", " ")
    on = f"{arm} arm on {config.model_name}"
    progress.stage("load", on if config.model_name else arm)
    data = asking.load_data(config, folder)
    if config.judging is not None:
        return judging.judge_arms(config, config.judging, data, folder, progress)
    outcome = arms.run_arm(config, data, folder, progress)
    texts = [a.text for a in outcome.answers]
    names = metrics_for(
        config.task.type, config.task.metric, schema=config.task.schema is not None
    )
    scores = {
        m: score(m, data.heldout, texts, schema=config.task.schema).value for m in names
    }
    write_jsonl(
        folder / "answers.jsonl",
        answer_rows(data.heldout, outcome),
    )
    prompt_tokens, answer_tokens = asking.mean_tokens(outcome.answers)
    answered = outcome.seconds_answering
    if outcome.asked.get("from_cache"):
        answered = 0.0  # kept answers took no time: there is no rate
    return {
        "status": "finished",
        "arm": config.arm,
        "seed": config.seed,
        "model": config.model_name,
        "setup": outcome.setup,
        "setups": outcome.setups,
        "details": outcome.details,
        "metrics": scores,
        "n": len(data.heldout),
        "latency_seconds": latency.summary(outcome.latencies),
        "answers_per_second": len(texts) / answered if answered else None,
        "prompt_tokens_mean": prompt_tokens,
        "answer_tokens_mean": answer_tokens,
        "prompt_tokens_shared": outcome.shared_tokens,
        "prompt": outcome.prompt,
        "train": outcome.train,
        "checks": outcome.checks,
        "off_task": outcome.off_task,
        "weights": outcome.weights,
        **({"endpoint": outcome.asked} if outcome.asked else {}),
        "environment": describe(_compute(config.model_dir)),
        "answering_memory_bytes": outcome.answering_memory_bytes,
        "peak_memory_bytes": max(outcome.earlier_memory_bytes, peak_memory_bytes()),
        "seconds": time.monotonic() - began,
    }


def _compute(model_dir: str) -> dict[str, str]:
    if not model_dir:
        return {"device": "none"}
    from trainer.device import pick

    return pick().described()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
