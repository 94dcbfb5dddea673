"""``tunewise verify``, ``anchor``, ``anchors``, ``backup``, ``restore``."""

from pathlib import Path

import click

from tunewise.cli.app import NO, App, Command, Group, leave, with_app

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("report", required=False, type=_PATH)
@click.option(
    "--against",
    multiple=True,
    type=_PATH,
    metavar="PLACE",
    help="A git repository or a file whose anchors must agree; may be repeated.",
)
@click.option(
    "--ca", type=_PATH, metavar="PEM", help="Certificates of the time-stamp authority."
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="First make the search index and the index of metrics anew; it is logged.",
)
@with_app
def verify(
    app: App,
    report: Path | None,
    against: tuple[Path, ...],
    ca: Path | None,
    rebuild: bool,
) -> None:
    """Check that nothing was changed since; with REPORT, that it says what is recorded.

    REPORT is a report (HTML, Markdown, JSON), the tunewise.json of an export, or the
    folder of a backup. Every anchor that can be reached is held against the log.
    """
    from tunewise.cli import text
    from tunewise.workflow.integrity import anchoring
    from tunewise.workflow.integrity import checking as integrity

    rebuilt = integrity.rebuild(app.home()) if rebuild else {}
    view = integrity.verify(
        app.home(),
        report,
        against=against,
        certificates=anchoring.read_certificates(ca),
    )
    view |= {"rebuilt": rebuilt} if rebuilt else {}
    app.answer(view, lambda console: text.verified(console, view))
    if not view["ok"]:
        leave(NO)


@click.command(cls=Command)
@click.option("--git", "repository", type=_PATH, metavar="DIR", help="As a tag there.")
@click.option("--tag", default="", metavar="NAME", help="The tag's name.")
@click.option("--file", "path", type=_PATH, metavar="FILE", help="As a line of it.")
@click.option("--tsa", default="", metavar="URL", help="As an RFC 3161 time stamp.")
@click.option(
    "--ca", type=_PATH, metavar="PEM", help="Certificates of the time-stamp authority."
)
@with_app
def anchor(
    app: App,
    repository: Path | None,
    tag: str,
    path: Path | None,
    tsa: str,
    ca: Path | None,
) -> None:
    """Put the head of the log outside, where who owns this home cannot change it."""
    from tunewise.cli import text
    from tunewise.workflow.integrity import anchoring

    if not (repository or path or tsa):
        raise click.UsageError("name a place: --git DIR, --file FILE or --tsa URL")
    if (tag and not repository) or (ca and not tsa):
        raise click.UsageError("--tag goes with --git, and --ca with --tsa")
    home, made = app.home(), []
    if repository:
        made.append(anchoring.to_git(home, repository, tag=tag))
    if path:
        made.append(anchoring.to_file(home, path))
    if tsa:
        made.append(anchoring.to_authority(home, tsa, ca=ca))
    app.answer(made, lambda console: text.anchors(console, made))


@click.group(cls=Group)
def anchors() -> None:
    """Where the head of the log was put outside."""


@anchors.command("list")
@with_app
def list_anchors(app: App) -> None:
    """List every anchor, oldest first; verify holds them against the log."""
    from tunewise.cli import text
    from tunewise.workflow.integrity import anchoring

    rows = anchoring.list_all(app.home())
    app.answer(rows, lambda console: text.anchors(console, rows))


@click.command(cls=Command)
@click.argument("folder", type=_PATH)
@with_app
def backup(app: App, folder: Path) -> None:
    """Copy the records into a new FOLDER while others go on writing.

    Exit status 3 where files that records rest on are gone or altered.
    """
    from tunewise.workflow.integrity import checking as integrity

    view = integrity.save(app.home(), folder)
    app.answer(view, lambda _: click.echo(f"{view['folder']}  {view['head']}"))
    if view["missing"]:
        click.echo(
            "the backup lacks files that were gone or altered before: "
            f"{len(view['missing'])}\n"
            "  'tunewise verify' names what rested on them.",
            err=True,
        )
        leave(NO)


@click.command(cls=Command)
@click.argument("folder", type=_PATH)
@with_app
def restore(app: App, folder: Path) -> None:
    """Check a backup and copy it into a home without records."""
    from tunewise.workflow.integrity import checking as integrity

    view = integrity.restore(app.home(), folder)
    app.answer(view, lambda _: click.echo(f"{view['home']}  {view['head']}"))
