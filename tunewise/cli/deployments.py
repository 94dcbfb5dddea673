"""``tunewise model deploy``, ``undeploy`` and ``deployments``."""

import click

from tunewise.cli.app import App, Command, with_app


@click.command(cls=Command)
@click.argument("version")
@click.option("--product", required=True, help="The product that uses it.")
@click.option("--environment", required=True, help="Such as staging or production.")
@click.option("--as", "outside", required=True, help="The name under which it runs.")
@click.option(
    "--from", "since", default="", metavar="DATE", help="Since when; default now."
)
@click.option("--until", default="", metavar="DATE", help="When it ends, if known.")
@click.option("--because", required=True, help="Why it runs there.")
@with_app
def deploy(
    app: App,
    version: str,
    product: str,
    environment: str,
    outside: str,
    since: str,
    until: str,
    because: str,
) -> None:
    """Record that VERSION runs under an outside name.

    What stood under that name in that environment ends at the same moment.
    """
    from tunewise.cli import text
    from tunewise.workflow.models import deployments

    view = deployments.deploy(
        app.home(),
        version,
        product=product,
        environment=environment,
        outside=outside,
        since=since,
        until=until,
        because=because,
    )
    app.answer(view, lambda console: text.deployed(console, view))


@click.command(cls=Command)
@click.argument("version")
@click.option("--as", "outside", default="", help="Which, where it runs as several.")
@click.option("--environment", default="", help="Which, where it runs in several.")
@click.option("--until", default="", metavar="DATE", help="Since when; default now.")
@click.option("--because", required=True, help="Why it stops.")
@with_app
def undeploy(
    app: App, version: str, outside: str, environment: str, until: str, because: str
) -> None:
    """Record that VERSION no longer runs."""
    from tunewise.cli import text
    from tunewise.workflow.models import deployments

    view = deployments.undeploy(
        app.home(),
        version,
        environment=environment,
        outside=outside,
        until=until,
        because=because,
    )
    app.answer(view, lambda console: text.deployed(console, view))


@click.command("deployments", cls=Command)
@click.option("--at", default="", metavar="DATE", help="Only what ran on this date.")
@with_app
def list_deployments(app: App, at: str) -> None:
    """List what runs, and ran, under which name."""
    from tunewise.cli import text
    from tunewise.workflow.models import deployments

    rows = deployments.list_all(app.home(), at=at)
    app.answer(rows, lambda console: text.deployments(console, rows))
