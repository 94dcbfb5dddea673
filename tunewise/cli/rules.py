"""``tunewise rules``: look at the rule set, check it, score it."""

from pathlib import Path

import click

from tunewise.cli.app import NO, App, Group, leave, with_app


@click.group(cls=Group)
def rules() -> None:
    """The rule set: validity, gaps, conflicts, worked cases, published cases."""


@rules.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@with_app
def check(app: App, folder: Path | None) -> None:
    """Check a rule set: every worked case as expected, no dead end, no conflict."""
    from tunewise.cli import text
    from tunewise.workflow.rules import records as workflow

    view = workflow.check(app.home(), folder)
    app.answer(view, lambda console: text.rules_check(console, view))
    if not view["ok"]:
        leave(NO)


@rules.command("coverage")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@with_app
def coverage(app: App, folder: Path | None) -> None:
    """Say which tests of the criteria the worked cases exercise, both ways."""
    from tunewise.cli import text
    from tunewise.workflow.rules import records as workflow

    view = workflow.coverage(app.home(), folder)
    app.answer(view, lambda console: text.rules_coverage(console, view))


@rules.command("list")
@with_app
def list_criteria(app: App) -> None:
    """List every criterion."""
    from tunewise.cli import text
    from tunewise.workflow.rules import records as workflow

    rows = workflow.list_all(app.home())
    app.answer(rows, lambda console: text.criteria(console, rows))


@rules.command("show")
@click.argument("id")
@with_app
def show(app: App, id: str) -> None:
    """Show one criterion: condition, consequences, sources, worked cases."""
    from tunewise.cli import text
    from tunewise.workflow.rules import records as workflow

    view = workflow.show(app.home(), id)
    app.answer(view, lambda console: text.criterion(console, view))


@rules.command("score")
@click.argument("cases", type=click.Path(path_type=Path))
@click.option("--without", multiple=True, metavar="FACT", help="Hide this fact.")
@with_app
def score(app: App, cases: Path, without: tuple[str, ...]) -> None:
    """Run published CASES (one JSON object a line) and say how many are right."""
    from tunewise.cli import text
    from tunewise.workflow.rules import records as workflow

    view = workflow.score(app.home(), cases, without=without)
    app.answer(view, lambda console: text.rules_score(console, view))
