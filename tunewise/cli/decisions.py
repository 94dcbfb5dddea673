"""``tunewise decision``: propose, accept, reject, sign, supersede, report, replay."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tunewise.cli.app import NO, App, Group, leave, with_app

if TYPE_CHECKING:
    from tunewise.workflow.home import Home

F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=Group)
def decision() -> None:
    """Decision records: what the rules say and what a person decides."""


def _made_earlier(command: F) -> F:
    """Give a command the options of a decision that is recorded later than made."""
    for option in (
        click.option("--source", default="", help="What shows it: a file, minutes."),
        click.option(
            "--decided-at", default="", metavar="DATE", help="When it was decided."
        ),
        click.option(
            "--retrospective",
            is_flag=True,
            help="It was decided earlier than it is recorded.",
        ),
    ):
        command = option(command)
    return command


def _rests_on(command: F) -> F:
    """Give a command the options of what its facts rest on."""
    for option in (
        click.option(
            "--accept-because",
            default="",
            metavar="TEXT",
            help="Keep facts that contradict the record they name, and say why.",
        ),
        click.option(
            "--dataset",
            default="",
            metavar="NAME@N",
            help="Take the facts about the data from this dataset version's report.",
        ),
    ):
        command = option(command)
    return command


def _facts(home: "Home", source: str, dataset: str) -> dict[str, Any]:
    """Return the facts of a file, and those that a dataset version establishes."""
    from tunewise.workflow.dataset_facts import with_dataset
    from tunewise.workflow.facts import read_facts

    raw = read_facts(source, home.rules())
    return with_dataset(home, raw, dataset, rules=home.rules()) if dataset else raw


@decision.command("propose")
@click.argument("facts")
@click.option("--title", required=True, help="What is decided, in a few words.")
@click.option("--review-on", default="", metavar="DATE", help="When to look again.")
@_made_earlier
@_rests_on
@with_app
def propose(
    app: App,
    facts: str,
    title: str,
    dataset: str,
    **more: Any,  # noqa: ANN401
) -> None:
    """Record a decision as proposed, with the verdict on FACTS.

    Files that FACTS name as document:… are kept with the record. A score or a number
    of examples must be what the run or dataset version it names holds.
    """
    from tunewise.cli import text
    from tunewise.workflow import decisions
    from tunewise.workflow.facts import folder_of

    home = app.home()
    raw = _facts(home, facts, dataset)
    view = decisions.propose(home, raw, title=title, documents=folder_of(facts), **more)
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("accept")
@click.argument("id")
@click.option("--choice", default="", help="The option, where it is not the verdict.")
@click.option("--because", default="", help="Why, where the choice differs.")
@click.option("--condition", multiple=True, help="What must hold; may be repeated.")
@click.option("--review-on", default="", metavar="DATE", help="When to look again.")
@click.option(
    "--decided-at",
    default="",
    metavar="DATE",
    help="When it was decided, where it was proposed with --retrospective.",
)
@with_app
def accept(app: App, id: str, condition: tuple[str, ...], **more: str) -> None:
    """Accept a proposed decision; a measured choice becomes a model version.

    Say who sees to a --condition with 'decision condition'. A decision that this one
    supersedes stays in force until now.
    """
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.accept(app.home(), id, conditions=condition, **more)
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("condition")
@click.argument("id")
@click.argument("n", type=int)
@click.option("--owner", default="", metavar="NAME", help="Who sees to it.")
@click.option("--due", default="", metavar="DATE", help="By when.")
@with_app
def condition(app: App, id: str, n: int, owner: str, due: str) -> None:
    """Say who sees to condition N of an accepted decision, and by when."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.assign_condition(app.home(), id, n, owner=owner, due=due)
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("close-condition")
@click.argument("id")
@click.argument("n", type=int)
@click.option(
    "--evidence",
    required=True,
    metavar="REF",
    help="What shows it: document:FILE, run:ID, dataset:NAME@N, person:NAME, …",
)
@click.option("--because", required=True, help="In what way it was met.")
@with_app
def close_condition(app: App, id: str, n: int, evidence: str, because: str) -> None:
    """Record that condition N was met, with the evidence that shows it."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.close_condition(
        app.home(), id, n, evidence=evidence, because=because
    )
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("reject")
@click.argument("id")
@click.option("--because", required=True, help="The reason.")
@with_app
def reject(app: App, id: str, because: str) -> None:
    """Turn a proposed decision down."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.reject(app.home(), id, because=because)
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("withdraw")
@click.argument("id")
@click.option("--because", required=True, help="The reason.")
@with_app
def withdraw(app: App, id: str, because: str) -> None:
    """Take a proposed decision back."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.withdraw(app.home(), id, because=because)
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("sign")
@click.argument("id")
@click.option("--role", required=True, help="In which role.")
@click.option("--comment", default="", help="What the signature shall say.")
@click.option("--dissent", is_flag=True, help="Disagree; needs a --comment.")
@click.option(
    "--seen",
    default="",
    metavar="DIGEST",
    help="The state that was read, as 'show' prints it; refused if it has changed.",
)
@with_app
def sign(app: App, id: str, **more: Any) -> None:  # noqa: ANN401
    """Sign a decision in a role: agree with it, or dissent."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.sign(app.home(), id, **more)
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("supersede")
@click.argument("id")
@click.argument("facts")
@click.option("--review-on", default="", metavar="DATE", help="When to look again.")
@_made_earlier
@_rests_on
@with_app
def supersede(
    app: App,
    id: str,
    facts: str,
    dataset: str,
    **more: Any,  # noqa: ANN401
) -> None:
    """Propose a successor with new FACTS.

    An accepted decision stays in force until its successor is accepted; one that
    never was accepted is a draft, and gives way at once.
    """
    from tunewise.cli import text
    from tunewise.workflow import decisions
    from tunewise.workflow.facts import folder_of

    home = app.home()
    raw = _facts(home, facts, dataset)
    view = decisions.supersede(home, id, raw, documents=folder_of(facts), **more)
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("show")
@click.argument("id")
@with_app
def show(app: App, id: str) -> None:
    """Show a decision: facts, verdict, choice, people."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.show(app.home(), id)
    app.answer(view, lambda console: text.decision(console, view))


@decision.command("list")
@click.option("--csv", "as_csv", is_flag=True, help="Print as CSV.")
@with_app
def list_decisions(app: App, as_csv: bool) -> None:
    """List every decision."""
    from tunewise.cli import text
    from tunewise.workflow import decisions, integrity

    if as_csv and app.json:
        raise click.UsageError("--csv or --json, not both")
    rows = decisions.list_all(app.home())
    if as_csv:
        head = integrity.head(app.home())
        text.csv([{**row, "audit_head": head} for row in rows])
        return
    app.answer(rows, lambda console: text.decisions(console, rows))


@decision.command("report")
@click.argument("id")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write, over an older one too.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "md", "json"]),
    default="html",
    show_default=True,
    help="One page, text for a repository, or the record.",
)
@with_app
def report(app: App, id: str, output: Path, form: str) -> None:
    """Write a decision as one file that needs no network and no software."""
    from tunewise.workflow import reports

    written = reports.write_decision(app.home(), id, output, form=form)
    app.answer({"file": str(written)}, lambda _: click.echo(f"wrote {written}"))


@decision.command("check")
@with_app
def check(app: App) -> None:
    """Say which accepted decisions must be looked at again."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.check(app.home())
    app.answer(view, lambda console: text.problems(console, view))
    if not view["ok"]:
        leave(NO)


@decision.command("replay")
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
    from tunewise.workflow import replay as workflow

    if folder is not None and as_recorded:
        raise click.UsageError("--rules or --as-recorded, not both")
    if as_recorded:
        view = workflow.replay_as_recorded(app.home(), ids)
    else:
        view = workflow.replay(app.home(), ids, folder=folder)
    app.answer(view, lambda console: text.replay(console, view))
    if as_recorded and not all(d["identical"] for d in view["decisions"]):
        leave(NO)
