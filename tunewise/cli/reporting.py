"""The options of every command that writes a report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_Function = Callable[..., Any]


def report_options(
    *forms: str, required: bool = True
) -> Callable[[_Function], _Function]:
    """Give a command the file that it writes, in which form, and with which texts."""
    said = {
        "html": "one page",
        "md": "text for a repository",
        "json": "the record",
    }
    options = (
        click.option(
            "-o",
            "--output",
            required=required,
            type=click.Path(path_type=Path),
            help="The file to write, over an older one too.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(forms),
            default="html",
            show_default=True,
            help=f"{', '.join(said[form] for form in forms)}.".capitalize(),
        ),
        click.option(
            "--with-examples",
            is_flag=True,
            help="With texts of the data: held-out examples, answers, quotations.",
        ),
    )

    def given(function: _Function) -> _Function:
        for option in reversed(options):
            function = option(function)
        return function

    return given
