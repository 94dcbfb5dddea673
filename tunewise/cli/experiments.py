"""``tunewise experiment``: estimate, run, resume, import, show, predictions, ….

Each command reads its arguments, asks one workflow, and prints what that returned.
"""

from pathlib import Path
from typing import Any

import click

from tunewise.cli.app import App, Group, with_app
from tunewise.cli.reporting import report_options


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
    from tunewise.workflow.experiments import running

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
    from tunewise.workflow.experiments import estimating

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
    from tunewise.workflow.experiments import running

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
    from tunewise.workflow.experiments import stopping

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
    from tunewise.workflow.experiments import trl_export

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


@experiment.command("import")
@click.argument("spec", type=click.Path(path_type=Path))
@click.argument("arm")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--prompt",
    "prompts",
    multiple=True,
    metavar="NAME",
    help="The prompt or provider whose answers are meant, of a promptfoo file.",
)
@click.option("--model", default="", metavar="NAME", help="What answered.")
@click.option(
    "--experiment",
    "into",
    default="",
    metavar="ID",
    help="The experiment they go into; default: the newest of SPEC that they fit.",
)
@click.option("--new", is_flag=True, help="Begin an experiment with them.")
@with_app
def import_answers(
    app: App,
    spec: Path,
    arm: str,
    file: Path,
    prompts: tuple[str, ...],
    model: str,
    into: str,
    new: bool,
) -> None:
    """Score answers that were produced elsewhere as ARM of SPEC (TOML).

    FILE is CSV or JSON Lines with id and answer, or what promptfoo wrote
    (eval -o results.json). They are scored on the held-out split of SPEC, in the same
    paired tests as the arms that were run here, and shown as imported. A held-out
    example without an answer counts as wrong.
    """
    from tunewise.cli import text
    from tunewise.cli.progress import Teller
    from tunewise.workflow.answers import importing

    with Teller(app.console(errors=True)) as tell:
        view = importing.import_answers(
            app.home(),
            spec,
            arm,
            file,
            prompts=prompts,
            model=model,
            experiment=into,
            new=new,
            tell=tell,
        )
    app.answer(view, lambda console: text.experiment(console, view))
    _say_next(app, view)


@experiment.command("predictions")
@with_app
def predictions(app: App) -> None:
    """Say how often the rules alone foresaw what was measured here."""
    from tunewise.cli import text
    from tunewise.workflow.experiments import predictions as workflow

    view = workflow.of_home(app.home())
    app.answer(view, lambda console: text.predictions(console, view))


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
    from tunewise.workflow.experiments import records as experiments

    view = experiments.show(app.home(), id)
    app.answer(view, lambda console: text.experiment(console, view))


@experiment.command("report")
@click.argument("id")
@report_options("html", "json")
@with_app
def report(app: App, id: str, output: Path, form: str, with_examples: bool) -> None:
    """Write an experiment as one file that needs no network and no software."""
    from tunewise.workflow.reports import files as reports

    written = reports.write_experiment(
        app.home(), id, output, form=form, with_examples=with_examples
    )
    app.answer({"file": str(written)}, lambda _: click.echo(f"wrote {written}"))


@experiment.command("list")
@with_app
def list_experiments(app: App) -> None:
    """List every experiment."""
    from tunewise.cli import text
    from tunewise.workflow.experiments import records as experiments

    rows = experiments.list_all(app.home())
    app.answer(rows, lambda console: text.experiments(console, rows))
