"""``tunewise schema``: the formats as JSON Schema, for editors and other programs."""

import json

import click

from tunewise.cli.app import App, Command, with_app
from tunewise.domain.formats import FORMATS


@click.command(cls=Command)
@click.argument("kind", type=click.Choice(FORMATS))
@with_app
def schema(app: App, kind: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a format.

    facts, criterion, experiment and model are files that people write; decision is
    what 'decision show --json' prints; report, experiment-report and lineage are what
    'decision report', 'experiment report' and 'why' write as JSON, and hold as HTML.
    """
    from tunewise.workflow import schemas

    found = schemas.schema(app.home(), kind)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
