"""``tunewise model``, ``tunewise why`` and ``tunewise drift``."""

import functools
from pathlib import Path

import click

from tunewise.cli import deployments
from tunewise.cli.app import NO, App, Command, Group, leave, with_app
from tunewise.cli.reporting import report_options


@click.group(cls=Group)
def model() -> None:
    """Base models and model versions."""


@model.command("fetch")
@click.argument("reference")
@with_app
def fetch(app: App, reference: str) -> None:
    """Fetch a base model once: an id of the table, a folder or a hub id."""
    from dataclasses import asdict

    from tunewise.workflow.models import bases as base_models

    home = app.home()
    found = base_models.fetch(
        home,
        reference,
        home.rules().base_models,
        say=functools.partial(click.echo, err=True),
    )
    app.answer(
        asdict(found),
        lambda _: click.echo(f"{found.id}\n  {found.folder}\n  {found.digest}"),
    )


@model.command("register")
@click.argument("name")
@click.option("--experiment", default="", help="The experiment that made it.")
@click.option("--arm", default="", help="Which of its arms.")
@click.option("--decision", default="", help="The decision that it follows.")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="A file (TOML, JSON) that says what is known of a model made elsewhere.",
)
@with_app
def register(
    app: App, name: str, experiment: str, arm: str, decision: str, source: Path | None
) -> None:
    """Record the next version of NAME: an arm of an experiment, or --from a file.

    'tunewise schema model' prints what such a file can say.
    """
    from tunewise.cli import text
    from tunewise.workflow.models import imported
    from tunewise.workflow.models import versions as models

    home = app.home()
    if source and (experiment or arm or decision):
        raise click.UsageError("--from stands alone: the file names the decision")
    if source:
        view = imported.register(home, name, source)
    elif experiment and arm:
        view = models.register(home, experiment, arm, decision=decision, name=name)
    else:
        raise click.UsageError("name --experiment and --arm, or a file with --from")
    app.answer(view, lambda console: text.model_version(console, view))


@model.command("list")
@with_app
def list_models(app: App) -> None:
    """List base models on this machine and model versions."""
    from dataclasses import asdict

    from tunewise.cli import text
    from tunewise.workflow.models import bases as base_models
    from tunewise.workflow.models import versions as models

    home = app.home()
    view = {
        "base_models": [asdict(m) for m in base_models.list_fetched(home.models)],
        "model_versions": models.list_all(home) if home.has_records() else [],
    }
    app.answer(view, lambda console: text.models(console, view))


@model.command("show")
@click.argument("version")
@with_app
def show(app: App, version: str) -> None:
    """Show one VERSION (name@n or name@alias)."""
    from tunewise.cli import text
    from tunewise.workflow.lineage import document as lineage

    view = lineage.shown(app.home(), version)
    app.answer(view, lambda console: text.model_version(console, view))


@model.command("alias")
@click.argument("version")
@click.argument("alias")
@click.option("--remove", is_flag=True, help="Take it away instead.")
@click.option("--because", required=True, help="Why it moves.")
@with_app
def alias(app: App, version: str, alias: str, remove: bool, because: str) -> None:
    """Move ALIAS to VERSION, or take it away."""
    from tunewise.cli import text
    from tunewise.workflow.models import versions as models

    change = models.unalias if remove else models.alias
    view = change(app.home(), version, alias, because=because)
    app.answer(view, lambda console: text.model_version(console, view))


@model.command("describe")
@click.argument("version")
@click.option("--purpose", help="What it is for.")
@click.option("--out-of-scope", help="What it is not for.")
@click.option("--limits", help="Where it cannot be trusted.")
@click.option("--oversight", help="Who oversees it, and how.")
@click.option("--monitoring", help="How it is watched.")
@click.option("--rollback", help="What to do when it fails.")
@click.option("--because", required=True, help="Why this is said now.")
@with_app
def describe(app: App, version: str, because: str, **said: str | None) -> None:
    """Say of VERSION what its record lacks; nothing that stands there is changed."""
    from tunewise.cli import text
    from tunewise.workflow.lineage import document as lineage
    from tunewise.workflow.models import versions as models

    home = app.home()
    fields = {key: value for key, value in said.items() if value is not None}
    made = models.describe(home, version, fields, because=because)
    view = lineage.shown(home, made["model"])
    app.answer(view, lambda console: text.model_version(console, view))


@model.command("retire")
@click.argument("version")
@click.option("--because", required=True, help="Why it leaves service.")
@with_app
def retire(app: App, version: str, because: str) -> None:
    """Take VERSION out of service."""
    from tunewise.cli import text
    from tunewise.workflow.models import versions as models

    view = models.retire(app.home(), version, because=because)
    app.answer(view, lambda console: text.model_version(console, view))


@model.command("export")
@click.argument("version")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--merged", is_flag=True, help="Base and adapter as one model.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "bfloat16"]),
    help="Precision of the merged weights; float32 if left out.",
)
@click.option(
    "--base",
    type=click.Path(path_type=Path),
    help="The folder of the base model, where it is not known here.",
)
@with_app
def export(
    app: App,
    version: str,
    folder: Path,
    merged: bool,
    dtype: str | None,
    base: Path | None,
) -> None:
    """Write VERSION into FOLDER, for peft or (--merged) for transformers.

    With tokenizer, chat template, set-up and model card.
    """
    from tunewise.workflow.models import exporting

    if dtype and not merged:
        raise click.UsageError("--dtype goes with --merged: an adapter stays as it is")
    home = app.home()
    if merged:
        made = exporting.merge(
            home, version, folder, precision=dtype or "float32", base=base
        )
    else:
        made = exporting.export(home, version, folder, base=base)
    if made.lacks:
        click.echo(made.lacks, err=True)
    app.answer(
        {"files": list(made.files), "lacks": made.lacks},
        lambda _: click.echo("\n".join(made.files)),
    )


for command in (deployments.deploy, deployments.undeploy, deployments.list_deployments):
    model.add_command(command)


@click.command(cls=Command)
@click.argument("reference")
@click.option("--at", default="", metavar="DATE", help="What it stood for on a date.")
@click.option("--environment", default="", help="Which, where versions differ.")
@report_options("html", "json", required=False)
@with_app
def why(
    app: App,
    reference: str,
    at: str,
    environment: str,
    output: Path | None,
    form: str,
    with_examples: bool,
) -> None:
    """Say why a model exists, and whether it is what runs.

    REFERENCE is a version (name@n, name@alias), or what runs: the outside name or
    the product of a deployment. With -o the answer is written as a report, one file
    that needs no network and no software.
    """
    from tunewise.cli import text
    from tunewise.workflow.lineage import document as lineage
    from tunewise.workflow.reports import files as reports

    if output is None:
        if with_examples:
            raise click.UsageError("--with-examples goes with -o FILE")
        view = lineage.why(app.home(), reference, at=at, environment=environment)
        app.answer(view, lambda console: text.lineage(console, view))
        return
    found = reports.lineage_report(
        app.home(),
        reference,
        at=at,
        environment=environment,
        with_examples=with_examples,
    )
    written = reports.write_lineage(found, output, form=form)
    app.answer({"file": str(written)}, lambda _: click.echo(f"wrote {written}"))


@click.group(cls=Group)
def drift() -> None:
    """Later data against what a decision rested on."""


@drift.command("check")
@click.argument("model")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--documents", type=click.Path(path_type=Path), help="Those of today.")
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    help="Answers of the model in use: CSV or JSON Lines with id and answer, or what "
    "promptfoo wrote.",
)
@click.option(
    "--prompt",
    "prompts",
    multiple=True,
    metavar="NAME",
    help="The prompt or provider whose answers are meant, of a promptfoo file.",
)
@click.option("--no-answering", is_flag=True, help="The version shall not answer.")
@click.option(
    "--at-most",
    type=click.IntRange(min=30),
    default=500,
    show_default=True,
    help="How many examples it answers here.",
)
@with_app
def drift_check(
    app: App,
    model: str,
    data: Path,
    documents: Path | None,
    answers: Path | None,
    prompts: tuple[str, ...],
    no_answering: bool,
    at_most: int,
) -> None:
    """Hold later DATA against what MODEL was trained on; exit status 3 on drift.

    A line of DATA is a chat as for training, or one without an answer: it ends with
    the user's message, or is {"prompt": "…"}.
    """
    from tunewise.cli import text
    from tunewise.cli.progress import Teller
    from tunewise.workflow.drift import checking as workflow
    from tunewise.workflow.drift.answers import Answering

    if prompts and not answers:
        raise click.UsageError("--prompt picks answers out of a file: name --answers.")
    given = Answering(answers, prompts, here=not no_answering, at_most=at_most)
    with Teller(app.console(errors=True)) as tell:
        view = workflow.check(
            app.home(),
            model,
            data,
            documents,
            answering=given,
            tell=tell,
        )
    app.answer(view, lambda console: text.drift(console, view))
    if view["drifted"]:
        leave(NO)


@drift.command("forget")
@click.argument("model")
@click.argument("number", type=int)
@click.option("--because", required=True, help="Why they must go; it stays on record.")
@with_app
def drift_forget(app: App, model: str, number: int, because: str) -> None:
    """Take away the words and labels of drift check NUMBER; its counts stay."""
    from tunewise.workflow.drift import records as drift_records

    view = drift_records.forget(app.home(), model, number, because=because)
    app.answer(
        view,
        lambda _: click.echo(
            f"{view['model']}: words and labels of drift check {number} are gone; "
            "counts stay in the log."
        ),
    )
