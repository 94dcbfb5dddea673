"""What a training would see, asked of the base's tokenizer before all is recorded.

plan -> a child process with the tokenizer -> examples left, dropped, truncated; steps
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tunewise.domain.completeness import TUNED
from tunewise.domain.errors import SpecError
from tunewise.workflow import processes
from tunewise.workflow.one_run import Task, config_of
from tunewise.workflow.output import write_text
from tunewise.workflow.planned import write_data
from tunewise.workflow.planning import Plan
from tunewise.workflow.telling import Event, Tell


def measured(plan: Plan, *, tell: Tell) -> Plan:
    """Return the plan with what each arm that trains would see, and tell it.

    Raises
    ------
    SpecError
        If an example is too long and that is refused, if the base model cannot read
        the longest prompt, or if nothing is left to train on.
    """
    arms = [arm for arm in plan.spec.arms if arm in TUNED]
    if not arms:
        return plan
    tell(Event("step", "Measure the training examples"))
    seen = _seen(plan, arms)
    for arm, counts in seen.items():
        tell(Event("result", f"{arm}: {_said(plan, counts)}"))
    return replace(plan, training=seen)


def _seen(plan: Plan, arms: list[str]) -> dict[str, dict[str, int]]:
    with tempfile.TemporaryDirectory() as name:
        there = Path(name) / "runs"
        moved = replace(plan, folder=there)
        write_data(moved)
        for arm in arms:
            (there / arm).mkdir()
            asked = config_of(Task(moved, arm, plan.spec.seeds[0]))
            write_text(there / arm / "run.json", json.dumps(asked))
        out = there / "seen.json"
        runs = [str(there / arm) for arm in arms]
        ended = processes.call(["trainer.lengths", str(out), *runs])
        if ended.status == 2:
            raise SpecError(ended.errors)
        if ended.status:
            raise SpecError(
                f"the training examples cannot be measured: {ended.reason}\n"
                "  Check that the base model's tokenizer loads with transformers."
            )
        found: dict[str, dict[str, int]] = json.loads(out.read_text(encoding="utf-8"))
        return found


def _said(plan: Plan, counts: Mapping[str, int]) -> str:
    spec = plan.spec.finetune
    dropped, truncated, left = (
        counts[key] for key in ("dropped", "truncated", "examples")
    )
    said = f"{left} training examples"
    if dropped:
        said = f"{left} of {left + dropped} training examples"
        said += f", {dropped} dropped (max_length is {spec.max_length} tokens)"
    if truncated:
        said += f", {truncated} truncated to {spec.max_length} tokens"
    return (
        f"{said}; the longest has {counts['longest_tokens']} tokens; "
        f"{_number(counts['steps'], 'step')} in {_number(spec.epochs, 'epoch')}, "
        f"{min(spec.batch_size, left)} at a time."
    )


def _number(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
