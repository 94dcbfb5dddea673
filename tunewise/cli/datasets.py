"""``tunewise dataset``: check, register, describe, list, show, diff, export, delete."""

from collections.abc import Callable
from pathlib import Path

import click

from tunewise.cli.app import NO, App, Group, leave, with_app

_FILE = click.Path(path_type=Path)
_PROVENANCE = {
    "owner": "Who answers for the examples.",
    "origin": "Where they come from.",
    "licence": "Under which licence.",
    "basis": "On what they may be used: consent, contract, law.",
}
_CLASSES = click.Choice(["public", "internal", "confidential", "secret"])


def _files(command: Callable[..., None]) -> Callable[..., None]:
    for role in ("documents", "heldout", "validation", "train"):
        command = click.option(f"--{role}", type=_FILE, help=f"The {role} file.")(
            command
        )
    return command


def _judged_by(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--base-model",
        default="",
        metavar="REF",
        help="Count tokens as this base model does; else they are estimated.",
    )(command)
    return click.option(
        "--schema", default="", metavar="FILE", help="JSON Schema of the references."
    )(command)


def _provenance(command: Callable[..., None]) -> Callable[..., None]:
    for name, text in reversed(_PROVENANCE.items()):
        command = click.option(f"--{name}", default="", help=text)(command)
    return click.option(
        "--classification",
        type=_CLASSES,
        callback=lambda context, option, said: said or "",
        help="Who may see them.",
    )(command)


@click.group(cls=Group)
def dataset() -> None:
    """Dataset versions: content by digest, checked, comparable."""


@dataset.command("check")
@_files
@_judged_by
@click.argument("files", nargs=-1, type=_FILE)
@with_app
def check(
    app: App,
    train: Path | None,
    validation: Path | None,
    heldout: Path | None,
    documents: Path | None,
    files: tuple[Path, ...],
    schema: str,
    base_model: str,
) -> None:
    """Check files of chat JSONL; exit status 3 where something blocks."""
    from tunewise.cli import text
    from tunewise.workflow.datasets import checks as dataset_checks

    paths = dataset_checks.by_role(
        files, train=train, validation=validation, heldout=heldout, documents=documents
    )
    view = dataset_checks.check(
        app.home(),
        paths,
        schema=dataset_checks.read_schema(schema),
        base_model=base_model,
    )
    app.answer(view, lambda console: text.dataset_check(console, view))
    if any(f["severity"] == "block" for f in view["findings"]):
        leave(NO)


@dataset.command("register")
@click.argument("name")
@_files
@_judged_by
@_provenance
@click.argument("files", nargs=-1, type=_FILE)
@click.option("--accept-because", help="Register despite what blocks, and say why.")
@with_app
def register(
    app: App,
    name: str,
    train: Path | None,
    validation: Path | None,
    heldout: Path | None,
    documents: Path | None,
    files: tuple[Path, ...],
    schema: str,
    base_model: str,
    accept_because: str | None,
    **provenance: str,
) -> None:
    """Record the content of files as the next version of NAME."""
    from tunewise.cli import text
    from tunewise.domain.dataset import Provenance
    from tunewise.workflow.datasets import checks as dataset_checks
    from tunewise.workflow.datasets import records as datasets

    paths = dataset_checks.by_role(
        files, train=train, validation=validation, heldout=heldout, documents=documents
    )
    view = datasets.register(
        app.home(),
        name,
        paths,
        schema=dataset_checks.read_schema(schema),
        base_model=base_model,
        accept_because=accept_because,
        provenance=Provenance(**provenance),
    )
    app.answer(view, lambda console: text.dataset_version(console, view))


@dataset.command("describe")
@click.argument("version")
@_provenance
@click.option("--because", required=True, help="The reason, which stays on record.")
@with_app
def describe(app: App, version: str, because: str, **provenance: str) -> None:
    """Say whose VERSION is, or correct it; what was said before stays on record."""
    from tunewise.cli import text
    from tunewise.domain.dataset import Provenance
    from tunewise.workflow.datasets import records as datasets

    said = Provenance(**provenance)
    view = datasets.describe(app.home(), version, said, because=because)
    app.answer(view, lambda console: text.dataset_version(console, view))


@dataset.command("list")
@with_app
def list_datasets(app: App) -> None:
    """List every dataset."""
    from tunewise.cli import text
    from tunewise.workflow.datasets import records as datasets

    rows = datasets.list_all(app.home())
    app.answer(rows, lambda console: text.datasets(console, rows))


@dataset.command("show")
@click.argument("version")
@with_app
def show(app: App, version: str) -> None:
    """Show one VERSION (name@n): splits, digests, findings, runs."""
    from tunewise.cli import text
    from tunewise.workflow.datasets import records as datasets

    view = datasets.show(app.home(), version)
    app.answer(view, lambda console: text.dataset_version(console, view))


@dataset.command("diff")
@click.argument("a")
@click.argument("b")
@click.option("--key", default="", help="The field that names a record (files only).")
@with_app
def diff(app: App, a: str, b: str, key: str) -> None:
    """Compare two versions, or two files, example by example."""
    from tunewise.cli import text
    from tunewise.workflow.datasets import records as datasets

    view = datasets.diff(app.home(), a, b, key=key)
    app.answer(view, lambda console: text.dataset_diff(console, view))


@dataset.command("export")
@click.argument("version")
@click.argument("folder", type=_FILE)
@with_app
def export(app: App, version: str, folder: Path) -> None:
    """Write a version's files into FOLDER."""
    from tunewise.workflow.datasets import records as datasets

    written = datasets.export(app.home(), version, folder)
    app.answer({"files": written}, lambda _: click.echo("\n".join(written)))


@dataset.command("delete")
@click.argument("version")
@click.option("--because", required=True, help="The reason, which stays on record.")
@with_app
def delete(app: App, version: str, because: str) -> None:
    """Delete a version's content; a tombstone with the reason stays."""
    from tunewise.cli import text
    from tunewise.workflow.datasets import records as datasets

    view = datasets.delete(app.home(), version, because=because)
    app.answer(view, lambda console: text.dataset_version(console, view))
