"""``tunewise history``, ``search``, ``doctor``, ``serve``."""

import click

from tunewise.cli.app import App, Command, with_app


@click.command(cls=Command)
@click.option("--at", default="", metavar="DATE", help="Up to this date.")
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="How many events, the newest.",
)
@click.option(
    "--offset", default=0, type=click.IntRange(0), help="Pass over as many newer ones."
)
@with_app
def history(app: App, at: str, limit: int, offset: int) -> None:
    """Say what was recorded, by whom and when.

    With --at: what held on that date, and what was on record then. The two differ
    where a decision was recorded later than it was made.
    """
    from tunewise.cli import text
    from tunewise.workflow import history as workflow

    view = workflow.page(app.home(), at, limit=limit, offset=offset)
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

    serve_forever(app.home(), host, port)
