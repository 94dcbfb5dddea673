"""``tunewise history``, ``search``, ``verify``, ``backup``, ``doctor``, ``serve``."""

from pathlib import Path
from typing import Any

import click

from tunewise.cli.app import NO, App, Command, leave, with_app


@click.command(cls=Command)
@click.option("--at", default="", metavar="DATE", help="Up to this date.")
@with_app
def history(app: App, at: str) -> None:
    """Say what was recorded, by whom and when.

    With --at: what held on that date, and what was on record then. The two differ
    where a decision was recorded later than it was made.
    """
    from tunewise.cli import text
    from tunewise.workflow import history as workflow

    home = app.home()
    view: dict[str, Any] = {"events": workflow.history(home, at or None)}
    if at:
        view["state"] = workflow.state(home, at)
        view["on_record"] = workflow.on_record(home, at)
    app.answer(view, lambda console: text.history(console, view))


@click.command(cls=Command)
@click.argument("words")
@with_app
def search(app: App, words: str) -> None:
    """Find records by the words in their titles, names and reasons."""
    from tunewise.cli import text
    from tunewise.workflow import history as workflow

    rows = workflow.search(app.home(), words)
    app.answer(rows, lambda console: text.hits(console, rows))


@click.command(cls=Command)
@click.argument("report", required=False, type=click.Path(path_type=Path))
@with_app
def verify(app: App, report: Path | None) -> None:
    """Check that nothing was changed since; with REPORT, that it belongs here."""
    from tunewise.cli import text
    from tunewise.workflow import history as workflow

    view = workflow.verify(app.home(), report)
    app.answer(view, lambda console: text.verified(console, view))
    if not view["ok"]:
        leave(NO)


@click.command(cls=Command)
@click.argument("folder", type=click.Path(path_type=Path))
@with_app
def backup(app: App, folder: Path) -> None:
    """Copy the records into a new FOLDER while others go on writing.

    Exit status 3 where files that records rest on are gone.
    """
    from tunewise.workflow import history as workflow

    view = workflow.backup(app.home(), folder)
    app.answer(view, lambda _: click.echo(f"{view['folder']}  {view['head']}"))
    if view["missing"]:
        click.echo(
            f"the backup lacks files that were gone before: {len(view['missing'])}\n"
            "  'tunewise verify' names what rested on them.",
            err=True,
        )
        leave(NO)


@click.command(cls=Command)
@click.argument("folder", type=click.Path(path_type=Path))
@with_app
def restore(app: App, folder: Path) -> None:
    """Check a backup and copy it into a home without records."""
    from tunewise.workflow import history as workflow

    view = workflow.restore(app.home(), folder)
    app.answer(view, lambda _: click.echo(f"{view['home']}  {view['head']}"))


@click.command(cls=Command)
@with_app
def doctor(app: App) -> None:
    """Say what is installed, what is missing and where the records are."""
    from tunewise.cli import text
    from tunewise.workflow.doctor import examine

    view = examine(app.home())
    app.answer(view, lambda console: text.doctor(console, view))


@click.command(cls=Command)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The name under which it is reached; there is no login.",
)
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where it listens.",
)
@with_app
def serve(app: App, host: str, port: int) -> None:
    """Serve the web application."""
    from tunewise.cli.serving import serve_forever

    serve_forever(app.home(), host, port, app.console(errors=True))
