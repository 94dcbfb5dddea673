"""``tunewise run``: the runs of all experiments, and one of them."""

import click

from tunewise.cli.app import App, Group, with_app


@click.group(cls=Group)
def run() -> None:
    """Runs: every arm that was ever run, failed or not."""


@run.command("list")
@click.option(
    "--where",
    multiple=True,
    metavar="CONDITION",
    help="As in 'accuracy > 0.8' or 'heldout = desk@2'; may be repeated.",
)
@click.option(
    "--sort",
    default="-at",
    show_default=True,
    metavar="FIELD",
    help="at, or a metric; with a minus the highest first.",
)
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="How many.",
)
@click.option(
    "--offset", default=0, type=click.IntRange(0), help="Skip as many before."
)
@with_app
def list_runs(
    app: App, where: tuple[str, ...], sort: str, limit: int, offset: int
) -> None:
    """List runs, filtered and ordered: the best by accuracy with --sort -accuracy."""
    from tunewise.cli import text
    from tunewise.workflow.experiments import runs

    view = runs.page(app.home(), where=where, sort=sort, limit=limit, offset=offset)
    app.answer(view, lambda console: text.runs(console, view, sort=sort))


@run.command("show")
@click.argument("id")
@with_app
def show(app: App, id: str) -> None:
    """Show one run: what was asked, its environment, what came out."""
    from tunewise.cli import text
    from tunewise.workflow.experiments import records as experiments

    view = experiments.show_run(app.home(), id)
    app.answer(view, lambda console: text.run(console, view))
