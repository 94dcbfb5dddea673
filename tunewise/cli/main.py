"""``tunewise``: every command, and what happens to its errors.

Command modules import the workflows inside their functions, so that ``--help``
answers at once and nothing heavy is loaded before it is needed.
"""

import sys

import click

from tunewise import __version__
from tunewise.cli import (
    advise,
    datasets,
    decisions,
    demo,
    experiments,
    integrity,
    models,
    records,
    rules,
    runs,
    schema,
)
from tunewise.cli.app import Group
from tunewise.domain.errors import TunewiseError


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tunewise")
def tunewise() -> None:
    """Decide between prompting, RAG, fine-tuning or both, and prove why later."""


for command in (
    advise.advise,
    advise.facts,
    rules.rules,
    schema.schema,
    decisions.decision,
    datasets.dataset,
    models.model,
    models.why,
    models.drift,
    experiments.experiment,
    runs.run,
    records.history,
    records.search,
    integrity.verify,
    integrity.anchor,
    integrity.anchors,
    integrity.backup,
    integrity.restore,
    records.doctor,
    records.serve,
    demo.demo,
):
    tunewise.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; the only place where an exit status is decided."""
    try:
        status = tunewise.main(arguments, standalone_mode=False)
    except TunewiseError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
