"""What an experiment is doing, on standard error: steps, bars, one-sentence results.

On a terminal a bar moves below what was printed; elsewhere a line is printed now and
then, so that a log shows that something is going on.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from tunewise.workflow.experiments.telling import Event

_WIDE = 100  # columns from which on a long bar fits beside what training tells
_EVERY_SECONDS = 30.0  # at most one line of progress where there is no terminal
_STAGES = {"heldout": "held-out", "latency": "time"}


class Teller:
    """Shows events: a bar on a terminal, plain lines elsewhere."""

    def __init__(
        self, console: "Console", *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._clock = console, clock
        self._progress = Progress(
            TextColumn("    {task.description:<46}", markup=False),
            BarColumn(bar_width=20 if console.width >= _WIDE else 8),
            TextColumn("{task.fields[count]:>9}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar: TaskID | None = None
        self._stage = ""
        self._step = 0
        self._began = self._printed = clock()

    def __enter__(self) -> "Teller":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()
        self._progress.stop()

    def __call__(self, event: "Event") -> None:
        """Show one event."""
        if event.kind == "step":
            self._step += 1
            self._clear()
            elapsed = duration(self._clock() - self._began)
            text = f"[bold]{escape(event.text)}[/]  ({elapsed})"
            self._print(Text.from_markup(text), f"{self._step:2}. ")
        elif event.kind == "result":
            self._clear()
            self._print(Text(event.text))
        elif self._console.is_terminal:
            self._advance(event)
        elif event.total and self._clock() - self._printed >= _EVERY_SECONDS:
            count = f"{event.done}/{event.total}"
            self._print(Text(f"{_described(event)}  {count}"))

    def _print(self, text: Text, before: str = "    ") -> None:
        """Print a text behind four signs, and what does not fit below itself."""
        self._printed = self._clock()
        if not self._console.is_terminal:
            self._console.print(Text(before) + text)
            return
        lines = text.wrap(self._console, self._console.width - len(before))
        for n, line in enumerate(lines):
            self._console.print(Text("    " if n else before) + line)

    def _advance(self, event: "Event") -> None:
        if event.text != self._stage:
            self._clear()
        described, total = _described(event), event.total or None
        count = f"{event.done}/{event.total}" if event.total else ""
        if self._bar is None:  # a stage of unknown length only moves
            self._stage = event.text
            self._bar = self._progress.add_task(described, total=total, count=count)
        self._progress.update(
            self._bar,
            description=described,
            completed=event.done,
            total=total,
            count=count,
        )

    def _clear(self) -> None:
        if self._bar is not None:
            self._progress.remove_task(self._bar)
            self._bar = None


def duration(seconds: float) -> str:
    """Return a time as people read it.

    >>> duration(7), duration(67), duration(3783)
    ('7 s', '1:07', '1:03:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _described(event: "Event") -> str:
    """Return what a bar says before it: the stage and, in training, how it goes."""
    stage, _, more = event.text.partition(" ")
    parts = [f"{_STAGES.get(stage, stage)} {more}".rstrip()]
    if event.loss is not None:
        parts.append(f"loss {event.loss:.3f}")
    if event.tokens_per_second is not None:
        parts.append(f"{event.tokens_per_second:.0f} tokens/s")
    if event.remaining_seconds is not None:
        parts.append(f"{duration(event.remaining_seconds)} left")
    return "  ".join(parts)
