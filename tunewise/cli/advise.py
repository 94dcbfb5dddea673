"""``tunewise advise`` and ``tunewise facts``."""

from pathlib import Path

import click

from tunewise.cli.app import App, Command, Group, with_app


@click.command(cls=Command)
@click.argument("facts")
@click.option("--ask", is_flag=True, help="Ask for what matters and is unknown.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the facts here.")
@click.option(
    "--rules", "rules_folder", type=click.Path(path_type=Path), help="Other rules."
)
@click.option(
    "--dataset",
    default="",
    metavar="NAME@N",
    help="Take the facts about the data from this dataset version's report.",
)
@click.option("--full", is_flag=True, help="Also print what did not match, and why.")
@with_app
def advise(
    app: App,
    facts: str,
    ask: bool,
    save: Path | None,
    rules_folder: Path | None,
    dataset: str,
    full: bool,
) -> None:
    """Say what the rules recommend for FACTS (TOML, JSON or -); records nothing."""
    import json

    from tunewise.cli import text
    from tunewise.workflow.advice import answer_open_questions, give_advice
    from tunewise.workflow.facts import read_facts
    from tunewise.workflow.output import write_text

    home = app.home()
    raw = read_facts(facts, home.rules(rules_folder))
    if dataset:
        from tunewise.workflow.datasets.facts import with_dataset

        raw = with_dataset(home, raw, dataset, rules=home.rules(rules_folder))
    if ask:
        interview = answer_open_questions(
            home, raw, ask=_ask, rules_folder=rules_folder
        )
        raw = dict(interview.facts)
        click.echo(f"\n{interview.ended}\n", err=True)
    view = give_advice(home, raw, rules_folder=rules_folder)
    if save:
        written = json.dumps(raw, ensure_ascii=False, indent=1, default=str)
        write_text(save, written + "\n")
    app.answer(view, lambda console: text.verdict(console, view, full=full))


@click.group(cls=Group)
def facts() -> None:
    """Fact files: a new one, and the questions that are still open."""


@facts.command("new")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here.")
@with_app
def facts_new(app: App, output: Path | None) -> None:
    """Print a commented fact file to start from."""
    from tunewise.domain.errors import FactError
    from tunewise.workflow.facts import new_fact_file
    from tunewise.workflow.output import write_text

    content = new_fact_file(app.home().rules())
    if output is None:
        view = {"file": None, "content": content}
        app.answer(view, lambda _: click.echo(content, nl=False))
        return
    if output.exists():
        raise FactError(f"{output}: the file is there already\n  Name a new one.")
    write_text(output, content)
    view = {"file": str(output), "content": content}
    app.answer(view, lambda _: click.echo(f"wrote {output}"))


@facts.command("questions")
@click.argument("file")
@with_app
def facts_questions(app: App, file: str) -> None:
    """List the facts that FILE leaves unknown, by who usually knows them."""
    from tunewise.cli import text
    from tunewise.workflow.facts import open_questions, read_facts

    rules = app.home().rules()
    rows = open_questions(read_facts(file, rules), rules)
    app.answer(rows, lambda console: text.questions(console, rows))


def _ask(question: str, help_text: str) -> str:
    click.echo(f"\n{question}", err=True)
    for line in help_text.splitlines():
        click.echo(f"  {line}", err=True)
    try:
        answer = click.prompt(
            "  answer (empty: unknown; Ctrl-D: enough)",
            default="",
            show_default=False,
            err=True,
        )
    except click.Abort:
        click.echo(err=True)
        raise EOFError from None
    return str(answer)
