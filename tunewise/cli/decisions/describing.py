"""``tunewise decision describe`` and ``risk``: what is said beside the facts."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tunewise.cli.app import App, Command, with_app
from tunewise.domain.description import FIELDS

F = TypeVar("F", bound=Callable[..., Any])


def _fields(command: F) -> F:
    """Give a command an option for each field of a description."""
    for field in tuple(FIELDS.values())[::-1]:
        several = field.kind == "names"
        option = click.option(
            f"--{field.name.replace('_', '-')}",
            field.name,
            metavar="TEXT" if field.kind == "text" else "NAME",
            multiple=several,
            help="Who is told; may be repeated." if several else field.asks,
        )
        command = option(command)
    return command


@click.command("describe", cls=Command)
@click.argument("id")
@click.option(
    "--from",
    "source",
    default="",
    metavar="FILE",
    help="TOML or JSON with these fields (--cost-of-error is cost_of_error there).",
)
@_fields
@with_app
def describe(
    app: App,
    id: str,
    source: str,
    **said: Any,  # noqa: ANN401
) -> None:
    """Say what a decision is for, who owns it and what to go back to.

    What is left out stays, "" takes it back; an option goes before the file.
    """
    from tunewise.cli import text
    from tunewise.workflow import decisions

    fields = decisions.read_description(source) if source else {}
    fields |= {k: v for k, v in said.items() if v is not None and v != ()}
    view = decisions.describe(app.home(), id, fields)
    app.answer(view, lambda console: text.decision(console, view))


@click.command("risk", cls=Command)
@click.argument("id")
@click.argument("risk")
@click.option("--control", metavar="TEXT", help="What controls it; '' takes it back.")
@click.option("--owner", metavar="NAME", help="Who sees to it; '' takes it back.")
@with_app
def risk(app: App, id: str, risk: str, control: str | None, owner: str | None) -> None:
    """Say what controls a RISK of a decision's option, and who sees to it."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.assign_risk(app.home(), id, risk, control=control, owner=owner)
    app.answer(view, lambda console: text.decision(console, view))
