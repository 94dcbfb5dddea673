"""An estimate as text: what is trained, on what machine, and what it takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tunewise.cli.text.parts import View, say
from tunewise.report.numbers import duration, money, size
from tunewise.workflow.experiments import machine_load

SPAN = 400  # characters of a span that is not trained; more lose their middle


def estimate(console: Console, view: View) -> None:
    """Print the trained spans, the machine, and time, memory and cost of each arm."""
    console.print(
        f"[bold]Estimate of {escape(view['title'])}[/]  {view['dataset']} on "
        f"{view['base_model']}; nothing was run but a probe of {view['seconds']:.0f} s"
    )
    if view["training"]:
        _trained(console, view)
    _machine(console, view)
    console.print()
    console.print(_arms(view))
    _bounds(console, view)


def compared(console: Console, rows: Sequence[View]) -> None:
    """Print what was predicted of each run beside what it took."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("run", "time predicted", "actual", "memory predicted", "actual"):
        shown.add_column(name)
    for row in rows:
        seconds, memory = row["seconds"], row["memory_bytes"]
        shown.add_row(
            row["run"],
            _time(seconds),
            duration(seconds["actual"]),
            _memory(memory),
            size(memory["actual"]),
        )
    console.print(shown)
    if any(row.get("busy") for row in rows):
        say(
            console,
            "The machine was busy when this was predicted: the times may be far too "
            "long, and later estimates learn nothing from them.",
        )


def _trained(console: Console, view: View) -> None:
    console.print("\n[bold]What is trained[/] (▸ and ◂ stand around it)")
    for number, spans in enumerate(view["shown"], start=1):
        console.print(Padding(_example(number, spans), (0, 0, 1, 2)))
    for arm, counted in view["training"].items():
        say(console, f"{arm}: {_counted(counted)}", indent=2)


def _example(number: int, spans: Sequence[Mapping[str, Any]]) -> Text:
    shown = Text(f"{number}. ")
    for span in spans:
        if span["trained"]:
            shown.append(f"▸{span['text']}◂", style="bold green")
        else:
            shown.append(_shortened(span["text"]), style="dim")
    return shown


def _shortened(text: str) -> str:
    if len(text) <= SPAN:
        return text
    ends = SPAN // 4
    return f"{text[:ends]} […{len(text) - 2 * ends:,} characters…] {text[-ends:]}"


def _counted(counted: View) -> str:
    examples = counted["examples"]
    ends = counted["end_of_turn_trained"]
    share = counted["trained_tokens"] / counted["tokens_without_packing"]
    parts = [
        f"{examples:,} examples, {counted['epochs']} epochs, "
        f"{counted['steps']:,} steps",
        f"{counted['trained_tokens'] / examples:.0f} of "
        f"{counted['tokens_without_packing'] / examples:.0f} tokens of an example are "
        f"trained ({share:.0%}), the end of turn in "
        f"{'all' if ends == examples else ends}",
        f"packed, an epoch passes {counted['tokens']:,} tokens instead of "
        f"{counted['tokens_without_packing']:,}",
    ]
    if counted["dropped"]:
        parts.append(f"{counted['dropped']} examples are dropped as too long")
    if counted["truncated"]:
        parts.append(f"{counted['truncated']} examples are truncated")
    return "; ".join(parts)


def _machine(console: Console, view: View) -> None:
    machine, because = view["machine"], view["because"]
    console.print(
        f"\n[bold]Machine[/]  {machine['cores']} cores, {machine['device']}, "
        f"{size(view['available_bytes'])} free"
    )
    for what in ("training", "answering"):
        precision = machine[f"precision_{what}"]
        console.print(f"  {what} in {precision}: {because[what]}", markup=False)
    console.print(f"  attention: {machine['attention']}")
    if busy := machine_load.in_words(view["load"]):
        say(console, busy, indent=2)
    if view["largest_pass_tokens"]:
        console.print(
            f"  a pass has at most {view['pack_tokens']:,} tokens; "
            f"{view['largest_pass_tokens']:,} would fit. Gradients are summed over "
            "passes, so any batch_size fits.",
            markup=False,
        )


def _arms(view: View) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("arm", "runs", "time", "memory", "cost"):
        table.add_column(name, no_wrap=True)
    for arm, each in view["arms"].items():
        table.add_row(
            arm.replace("_", " "),
            str(each["runs"]),
            _time(each["all"]["seconds"]),
            _memory(each["each"]["memory_bytes"]),
            money({**each["all"]["cost"], "per": ""}),
        )
    total = view["total"]
    table.add_row(
        "together", "", _time(total["seconds"]), "", money({**total["cost"], "per": ""})
    )
    return table


def _bounds(console: Console, view: View) -> None:
    learned = {
        kind: each["seconds"]["runs"] for kind, each in view["corrected_by"].items()
    }
    former = ", ".join(f"{n} of {kind}" for kind, n in learned.items() if n)
    console.print(
        f"  Corrected by former runs with this base here: {former}."
        if former
        else "  No run with this base has ended here yet: the bounds are wide.",
        markup=False,
    )
    if view["not_estimated"]:
        arms = ", ".join(view["not_estimated"])
        console.print(f"  Not estimated: {arms} (an endpoint, or another base model).")
    console.print(
        f"  {view['total']['cost']['rests_on'][0]}", markup=False, style="dim"
    )


def _time(seconds: View) -> str:
    ends = f"{duration(seconds['low'])} to {duration(seconds['high'])}"
    return f"{duration(seconds['value'])} ({ends})"


def _memory(memory: View) -> str:
    ends = f"{size(memory['low'])} to {size(memory['high'])}"
    return f"{size(memory['value'])} ({ends})"
