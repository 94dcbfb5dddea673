"""What stands beside the scores: speed, tokens, memory, and notes on the answers."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from tunewise.cli.text.parts import View, say
from tunewise.report.answering import notes, timed
from tunewise.report.numbers import count, decimal, duration, size
from tunewise.report.words import arm_title

_COLUMNS = (
    "arm",
    "first token",
    "p50",
    "p95",
    "answers/s",
    "tokens in",
    "out",
    "memory",
)


def speed(console: Console, arms: Mapping[str, View]) -> None:
    """Print seconds, throughput, tokens and memory of the arms that finished."""
    finished = {name: arm for name, arm in arms.items() if "metrics" in arm}
    if not finished:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _COLUMNS:
        table.add_column(
            name, no_wrap=True, justify="left" if name == "arm" else "right"
        )
    for name, arm in finished.items():
        latency = arm["latency_seconds"] or {}
        table.add_row(
            name.replace("_", " "),
            duration((latency.get("first_token") or {}).get("p50")),
            duration(latency.get("p50")),
            duration(latency.get("p95")),
            decimal(arm["answers_per_second"], 1),
            count(arm["prompt_tokens_mean"]),
            count(arm.get("answer_tokens_mean")),
            size(arm.get("answering_memory_bytes")),
        )
    console.print()
    console.print(table)
    if note := timed(list(finished.values())):
        say(console, note, style="dim")


def answering(console: Console, arms: Mapping[str, View]) -> None:
    """Print a line for each thing that the answers of an arm show."""
    for name, arm in arms.items():
        for note in notes(arm):
            say(console, f"{arm_title(name)}: {note}", hang=2)
