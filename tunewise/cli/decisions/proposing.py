"""``tunewise decision propose`` and ``supersede``: facts become a record."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tunewise.cli.app import App, Command, with_app

if TYPE_CHECKING:
    from tunewise.workflow.home import Home

F = TypeVar("F", bound=Callable[..., Any])


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
    from tunewise.workflow.datasets.facts import with_dataset
    from tunewise.workflow.facts import read_facts

    raw = read_facts(source, home.rules())
    return with_dataset(home, raw, dataset, rules=home.rules()) if dataset else raw


@click.command("propose", cls=Command)
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


@click.command("supersede", cls=Command)
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
