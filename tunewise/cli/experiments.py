"""``tunewise experiment``: estimate, run, resume, cancel, export, show, list."""

from pathlib import Path
from typing import Any

import click

from tunewise.cli.app import App, Group, with_app


@click.group(cls=Group)
def experiment() -> None:
    """Experiments: the arms on your data, on the same held-out examples."""


@experiment.command("run")
@click.argument("spec", type=click.Path(path_type=Path))
@with_app
def run(app: App, spec: Path) -> None:
    """Run every arm that SPEC (TOML) asks for, and compare them."""
    from tunewise.cli import text
    from tunewise.cli.progress import Teller
    from tunewise.workflow import running

    home = app.home()
    with Teller(app.console(errors=True)) as tell:
        view = running.run(home, spec, tell=tell)
    app.answer(view, lambda console: text.experiment(console, view))
    _say_next(app, view)


@experiment.command("estimate")
@click.argument("spec", type=click.Path(path_type=Path))
@with_app
def estimate(app: App, spec: Path) -> None:
    """Say what SPEC (TOML) would train on, and take: time, memory, money."""
    from tunewise.cli import text
    from tunewise.cli.progress import Teller
    from tunewise.workflow import estimating

    with Teller(app.console(errors=True)) as tell:
        view = estimating.estimate(app.home(), spec, tell=tell)
    app.answer(view, lambda console: text.estimate(console, view))


@experiment.command("resume")
@click.argument("id")
@with_app
def resume(app: App, id: str) -> None:
    """Go on with experiment ID where it was interrupted, cancelled or failed."""
    from tunewise.cli import text
    from tunewise.cli.progress import Teller
    from tunewise.workflow import running

    with Teller(app.console(errors=True)) as tell:
        view = running.resume(app.home(), id, tell=tell)
    app.answer(view, lambda console: text.experiment(console, view))
    _say_next(app, view)


@experiment.command("cancel")
@click.argument("id")
@click.option("--because", default="no reason given", help="Why it shall end.")
@with_app
def cancel(app: App, id: str, because: str) -> None:
    """End experiment ID, wherever it runs; it can be resumed."""
    from tunewise.workflow import stopping

    view = stopping.cancel(app.home(), id, because=because)
    app.answer(
        view,
        lambda console: console.print(
            f"{id} is {view['status']}: {view['because']}", markup=False
        ),
    )


@experiment.command("export")
@click.argument("spec", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "tool",
    type=click.Choice(["trl"]),
    required=True,
    help="The trainer that reads it.",
)
@with_app
def export(app: App, spec: Path, folder: Path, tool: str) -> None:
    """Write the fine-tuning of SPEC for another trainer into FOLDER."""
    from tunewise.cli.progress import Teller
    from tunewise.workflow import trl_export

    with Teller(app.console(errors=True)) as tell:
        view = trl_export.export(app.home(), spec, folder, tell=tell)
    app.answer(
        view,
        lambda console: console.print(
            f"written for {tool}: {', '.join(view['files'])}\n"
            f"{folder / 'README.md'} says how to train, and how to bring it back",
            markup=False,
            soft_wrap=True,
        ),
    )


def _say_next(app: App, view: dict[str, Any]) -> None:
    if not app.json:
        home = app.home()
        facts = home.runs / view["experiment"] / "facts.json"
        words = ("decision", "propose", str(facts), "--title", view["title"])
        click.echo(f"\nNext: {home.command(*words)}")


@experiment.command("show")
@click.argument("id")
@with_app
def show(app: App, id: str) -> None:
    """Show an experiment: arms, scores with intervals, comparisons."""
    from tunewise.cli import text
    from tunewise.workflow import experiments

    view = experiments.show(app.home(), id)
    app.answer(view, lambda console: text.experiment(console, view))


@experiment.command("list")
@with_app
def list_experiments(app: App) -> None:
    """List every experiment."""
    from tunewise.cli import text
    from tunewise.workflow import experiments

    rows = experiments.list_all(app.home())
    app.answer(rows, lambda console: text.experiments(console, rows))
