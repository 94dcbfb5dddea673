"""What somebody sees who waits for an experiment, on a terminal and in a log."""

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from tunewise.cli.progress import Teller
from tunewise.workflow.experiments.telling import Event

TRAINED = Event(
    "progress",
    "train",
    done=12,
    total=4000,
    loss=0.31234,
    tokens_per_second=1234.4,
    remaining_seconds=3783,
)


def console(*, width: int, terminal: bool) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    made = Console(
        file=file,
        width=width,
        force_terminal=terminal,
        color_system=None,
        soft_wrap=not terminal,
    )
    return made, file


@pytest.mark.parametrize("width", [80, 120])
def test_a_bar_with_all_that_training_tells_fits_on_one_line(width: int) -> None:
    made, file = console(width=width, terminal=True)

    with Teller(made) as tell:
        tell(TRAINED)
        tell._progress.refresh()

    shown = [line for line in file.getvalue().split("\r") if "train" in line][-1]
    line = shown.replace("\x1b[2K", "").rstrip()
    assert "train  loss 0.312  1234 tokens/s  1:03:03 left" in line
    assert "12/4000" in line
    assert "…" not in line
    assert len(line.splitlines()[0]) <= width


def test_a_stage_of_unknown_length_is_shown_while_it_lasts() -> None:
    made, file = console(width=80, terminal=True)

    with Teller(made) as tell:
        tell(Event("progress", "load finetune arm on tiny"))
        tell._progress.refresh()

    assert "load finetune arm on tiny" in file.getvalue()


def test_a_result_longer_than_the_line_goes_on_below_itself() -> None:
    made, file = console(width=40, terminal=True)

    with Teller(made) as tell:
        tell(Event("result", "a word " * 9))

    lines = [line for line in file.getvalue().splitlines() if "word" in line]
    assert len(lines) == 2
    assert lines[1].removeprefix("\x1b[2K").startswith("    word a word")


@pytest.fixture
def seconds() -> Iterator[float]:
    """A clock that is looked at every ten seconds."""
    return iter(range(0, 10_000, 10))


def test_a_log_has_a_line_of_progress_every_half_minute_and_no_more(
    seconds: Iterator[float],
) -> None:
    made, file = console(width=200, terminal=False)

    with Teller(made, clock=lambda: next(seconds)) as tell:
        for done in range(1, 13):
            tell(Event("progress", "train", done=done, total=12, loss=0.5))

    # begun at 0, looked at from 10 on; each print takes one look more
    assert file.getvalue().splitlines() == [
        "    train  loss 0.500  3/12",
        "    train  loss 0.500  6/12",
        "    train  loss 0.500  9/12",
        "    train  loss 0.500  12/12",
    ]
    assert "\x1b" not in file.getvalue()
