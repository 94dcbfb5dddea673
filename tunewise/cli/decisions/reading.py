"""``tunewise decision show``, ``list``, …: what is on record, and whether it holds."""

from pathlib import Path

import click

from tunewise.cli.app import NO, App, Command, leave, with_app
from tunewise.cli.reporting import report_options
from tunewise.domain.record import RESTED_ON


@click.command("show", cls=Command)
@click.argument("id")
@with_app
def show(app: App, id: str) -> None:
    """Show a decision: facts, verdict, choice, people."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.show(app.home(), id)
    app.answer(view, lambda console: text.decision(console, view))


@click.command("list", cls=Command)
@click.option("--csv", "as_csv", is_flag=True, help="Print as CSV.")
@with_app
def list_decisions(app: App, as_csv: bool) -> None:
    """List every decision."""
    from tunewise.cli import text
    from tunewise.workflow import decisions
    from tunewise.workflow.integrity import checking as integrity

    if as_csv and app.json:
        raise click.UsageError("--csv or --json, not both")
    rows = decisions.list_all(app.home())
    if as_csv:
        head = integrity.head(app.home())
        text.csv([{**row, "audit_head": head} for row in rows])
        return
    app.answer(rows, lambda console: text.decisions(console, rows))


@click.command("report", cls=Command)
@click.argument("id")
@report_options("html", "md", "json")
@with_app
def report(app: App, id: str, output: Path, form: str, with_examples: bool) -> None:
    """Write a decision as one file that needs no network and no software."""
    from tunewise.workflow.reports import files as reports

    written = reports.write_decision(
        app.home(), id, output, form=form, with_examples=with_examples
    )
    app.answer({"file": str(written)}, lambda _: click.echo(f"wrote {written}"))


@click.command("check", cls=Command)
@with_app
def check(app: App) -> None:
    """Say which accepted decisions must be looked at again."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.check(app.home())
    app.answer(view, lambda console: text.problems(console, view))
    if not view["ok"]:
        leave(NO)


@click.command("replay", cls=Command)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--rules",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A whole rule set to ask, instead of the current one.",
)
@click.option(
    "--as-recorded",
    is_flag=True,
    help="Ask the rule set of each record: the verdict must be identical.",
)
@with_app
def replay(
    app: App, ids: tuple[str, ...], folder: Path | None, as_recorded: bool
) -> None:
    """Ask old decisions again: which would change, and because of what.

    Without an ID, all are asked. Nothing is recorded.
    """
    from tunewise.cli import text
    from tunewise.workflow.rules import replay as workflow

    if folder is not None and as_recorded:
        raise click.UsageError("--rules or --as-recorded, not both")
    if as_recorded:
        view = workflow.replay_as_recorded(app.home(), ids)
    else:
        view = workflow.replay(app.home(), ids, folder=folder)
    app.answer(view, lambda console: text.replay(console, view))
    if as_recorded and not all(d["identical"] for d in view["decisions"]):
        leave(NO)


@click.command("rests-on", cls=Command)
@click.argument("kind", type=click.Choice(RESTED_ON), metavar="KIND")
@click.argument("id")
@with_app
def rests_on(app: App, kind: str, id: str) -> None:
    """Say which decisions rest on a record, and which would alter without it.

    KIND is criterion, base, model, dataset, experiment, run, document or price.
    Nothing is recorded.
    """
    from tunewise.cli import text
    from tunewise.workflow.decisions.resting import resting_on

    view = resting_on(app.home(), kind, id)
    app.answer(view, lambda console: text.resting(console, view))
