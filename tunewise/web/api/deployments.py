"""Deployments: which version runs, and ran, under which outside name."""

from tunewise.web.api.models import AT, ref_of
from tunewise.web.api.paging import page
from tunewise.web.api.route import Asked, Data, Route
from tunewise.web.api.shapes import BECAUSE, PAGING, day, line, paged, shown
from tunewise.workflow.models import deployments


def deploy(asked: Asked) -> Data:
    """Record that a version runs."""
    body = asked.body
    return deployments.deploy(
        asked.home,
        ref_of(asked),
        product=body["product"],
        environment=body["environment"],
        outside=body["as"],
        since=body.get("from", ""),
        until=body.get("until", ""),
        because=body["because"],
    )


def undeploy(asked: Asked) -> Data:
    """Record that a version no longer runs."""
    body = asked.body
    return deployments.undeploy(
        asked.home,
        ref_of(asked),
        environment=body.get("environment", ""),
        outside=body.get("as", ""),
        until=body.get("until", ""),
        because=body["because"],
    )


def running(asked: Asked) -> Data:
    """List what runs, and ran."""
    rows = deployments.list_all(asked.home, at=asked.query.get("at", ""))
    numbered = [{"n": str(n), **row} for n, row in enumerate(rows, start=1)]
    return page(numbered, asked.query, key="n")


ROUTES = (
    Route(
        "POST",
        f"{AT}/deploy",
        "deployModel",
        "Record that a version runs; what stood under its name there ends.",
        deploy,
        "model deploy",
        body={
            "product": line("The product that uses it."),
            "environment": line("Such as staging or production."),
            "as": line("The name under which it runs."),
            "from": day("Since when; now if left out."),
            "until": day("When it ends, if known."),
            "because": BECAUSE,
        },
        needs=("product", "environment", "as", "because"),
        returns=shown("model", "environment", "product", "ended"),
    ),
    Route(
        "POST",
        f"{AT}/undeploy",
        "undeployModel",
        "Record that a version no longer runs.",
        undeploy,
        "model undeploy",
        body={
            "environment": line("Which, where it runs in several."),
            "as": line("Which, where it runs as several."),
            "until": day("Since when; now if left out."),
            "because": BECAUSE,
        },
        needs=("because",),
        returns=shown("model", "environment", "product"),
    ),
    Route(
        "GET",
        "/deployments",
        "listDeployments",
        "What runs, and ran, under which name.",
        running,
        "model deployments",
        query={**PAGING, "at": day("Only what ran on this date.")},
        returns=paged("n"),
    ),
)
