"""``tunewise decision accept``, ``reject``, …: what people do with a proposal."""

from typing import Any

import click

from tunewise.cli.app import App, Command, with_app


@click.command("accept", cls=Command)
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


@click.command("condition", cls=Command)
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


@click.command("close-condition", cls=Command)
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


@click.command("reject", cls=Command)
@click.argument("id")
@click.option("--because", required=True, help="The reason.")
@with_app
def reject(app: App, id: str, because: str) -> None:
    """Turn a proposed decision down."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.reject(app.home(), id, because=because)
    app.answer(view, lambda console: text.decision(console, view))


@click.command("withdraw", cls=Command)
@click.argument("id")
@click.option("--because", required=True, help="The reason.")
@with_app
def withdraw(app: App, id: str, because: str) -> None:
    """Take a proposed decision back."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.withdraw(app.home(), id, because=because)
    app.answer(view, lambda console: text.decision(console, view))


@click.command("review", cls=Command)
@click.argument("id")
@click.option("--score", type=float, help="Realised, of the task's own metric.")
@click.option(
    "--cost", type=float, help="What a month cost, in the promise's currency."
)
@click.option("--volume", type=float, help="Requests a day.")
@click.option("--because", required=True, help="What shows these figures.")
@click.option("--review-on", default="", metavar="DATE", help="When to look again.")
@with_app
def review(app: App, id: str, **more: Any) -> None:  # noqa: ANN401
    """Record what an accepted decision came to, beside what it promised."""
    from tunewise.cli import text
    from tunewise.workflow import decisions

    view = decisions.review(app.home(), id, **more)
    app.answer(view, lambda console: text.decision(console, view))


@click.command("sign", cls=Command)
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
