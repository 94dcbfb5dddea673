"""What an experiment is doing, on standard error: steps, bars, one-sentence results."""

import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from rich.console import Console

    from tunewise.workflow.telling import Event


class Teller:
    """Shows events: a bar on a terminal, plain lines elsewhere."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("  {task.description:<46}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar: TaskID | None = None
        self._step = 0
        self._began = time.monotonic()

    def __enter__(self) -> "Teller":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, event: "Event") -> None:
        """Show one event."""
        if event.kind == "step":
            self._step += 1
            self._clear()
            elapsed = time.monotonic() - self._began
            self._console.print(
                f"[bold]{self._step:2}. {escape(event.text)}[/]  ({elapsed:.0f} s)"
            )
        elif event.kind == "result":
            self._clear()
            self._console.print(f"    {event.text}", markup=False)
        elif event.total:
            self._advance(event)

    def _advance(self, event: "Event") -> None:
        if self._bar is None:
            self._bar = self._progress.add_task(event.text, total=event.total)
        self._progress.update(
            self._bar,
            description=_described(event),
            completed=event.done,
            total=event.total,
        )

    def _clear(self) -> None:
        if self._bar is not None:
            self._progress.remove_task(self._bar)
            self._bar = None


def _described(event: "Event") -> str:
    """Return what a bar says before it: the stage and, in training, how it goes."""
    parts = [event.text]
    if event.loss is not None:
        parts.append(f"loss {event.loss:.3f}")
    if event.tokens_per_second is not None:
        parts.append(f"{event.tokens_per_second:.0f} tokens/s")
    if event.remaining_seconds is not None:
        minutes, seconds = divmod(round(event.remaining_seconds), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return "  ".join(parts)
