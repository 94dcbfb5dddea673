"""``tunewise demo``: the whole story on the support desk, in a home of its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tunewise.cli.app import App, Command, with_app

if TYPE_CHECKING:
    from rich.console import Console


@click.command(cls=Command)
@click.option("--no-serve", is_flag=True, help="End instead of serving the result.")
@click.option("--fresh", is_flag=True, help="Run it again in a new home.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where it listens.",
)
@with_app
def demo(app: App, no_serve: bool, fresh: bool, port: int) -> None:
    """Measure every option on the shipped support desk, decide, and show it."""
    from dataclasses import replace

    from tunewise.cli.progress import Teller
    from tunewise.cli.serving import serve_forever
    from tunewise.domain.decision import Actor
    from tunewise.workflow import demo as workflow

    home = app.home()
    if app.home_option is None:
        home = replace(home, path=home.path.with_name(f"{home.path.name}-demo"))
    home = replace(home, actor=Actor("demo"))
    errors = app.console(errors=True)
    if fresh:
        workflow.remove(home)
    view = workflow.finished(home)
    if view is None:
        with Teller(errors) as tell:
            view = workflow.run(home, tell=tell)
    done = view
    app.answer(done, lambda console: _closing(console, done))
    if not no_serve:
        serve_forever(home, "127.0.0.1", port)


def _closing(console: "Console", view: dict[str, Any]) -> None:
    from tunewise.cli import text

    text.experiment(console, view["experiment"])
    console.print()
    text.decision(console, view["decision"])
    console.print(f"\nReport: {Path(view['report'])}", markup=False)
    for line in view["notes"]:
        console.print(f"  {line}", markup=False)
    for asked, command in (
        ("Why this model?", view["commands"]["why"]),
        ("The opposite verdict, same tool:", view["commands"]["next"]),
    ):
        console.print(f"\n{asked}  {command}", markup=False)
