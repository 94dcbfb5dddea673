"""Datasets: names, versions, and what changed between two of them."""

from flask import Blueprint, Response

from tunewise.web.site import answer, home, twinned
from tunewise.workflow.datasets import records as datasets

blueprint = Blueprint("datasets", __name__)


@twinned(blueprint, "/datasets")
def index() -> Response:
    """List every dataset."""
    return answer("datasets", datasets.list_all(home()))


@twinned(blueprint, "/datasets/<name>")
def versions(name: str) -> Response:
    """List the versions of one dataset."""
    return answer("dataset", datasets.versions(home(), name), name=name)


@twinned(blueprint, "/datasets/<name>/<int:number>")
def show(name: str, number: int) -> Response:
    """Show one version: splits, digests, quality."""
    return answer("dataset_version", datasets.show(home(), f"{name}@{number}"))


@twinned(blueprint, "/datasets/<name>/<int:before>/diff/<int:after>")
def diff(name: str, before: int, after: int) -> Response:
    """Show what changed from one version to another."""
    a, b = f"{name}@{before}", f"{name}@{after}"
    return answer("diff", datasets.diff_versions(home(), a, b), a=a, b=b)
