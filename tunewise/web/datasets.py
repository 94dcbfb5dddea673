"""Datasets: names, versions, and what changed between two of them."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tunewise.domain.errors import DatasetError
from tunewise.web.site import (
    answer,
    as_json,
    home,
    twinned,
    version_page,
    wants_json,
)
from tunewise.workflow.datasets import records as datasets

blueprint = Blueprint("datasets", __name__)

MOST = 50  # changes of a kind on a page; its twin has all


@twinned(blueprint, "/datasets")
def index() -> Response:
    """List every dataset."""
    return answer("datasets", datasets.list_all(home()))


@twinned(blueprint, "/datasets/<name>")
def versions(name: str) -> Response:
    """List the versions of one dataset."""
    if place := version_page("datasets", name):
        return place
    return answer("dataset", datasets.versions(home(), name), name=name)


@twinned(blueprint, "/datasets/<name>/<int:number>")
def show(name: str, number: int) -> Response:
    """Show one version: splits, digests, quality."""
    return answer("dataset_version", datasets.show(home(), f"{name}@{number}"))


@blueprint.get("/datasets/<name>/diff")
def choose(name: str) -> ResponseReturnValue:
    """Lead from the form that picks two versions to what changed between them."""
    numbers = [request.args.get(key, type=int) for key in ("before", "after")]
    if None in numbers:
        raise DatasetError(
            "two versions are compared by their numbers\n"
            f"  Choose them on the page of {name}."
        )
    before, after = numbers
    place = url_for("datasets.diff", name=name, before=before, after=after)
    return redirect(place, code=303)


@twinned(blueprint, "/datasets/<name>/<int:before>/diff/<int:after>")
def diff(name: str, before: int, after: int) -> Response:
    """Show what changed from one version to another."""
    a, b = f"{name}@{before}", f"{name}@{after}"
    if wants_json():
        return as_json(datasets.diff_versions(home(), a, b))
    return answer("diff", datasets.diff_page(home(), a, b, most=MOST), a=a, b=b)
