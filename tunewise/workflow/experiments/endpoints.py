"""Endpoints of a specification: what must hold before anything is sent to one.

spec -> who answers which arm -> package and key are there
     -> the data may go there -> what was sent where, in the report

A dataset version that nobody classified counts as internal: only who says so makes
data public. An endpoint that says nothing may receive internal data, and no
confidential ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from tracker import datasets as dataset_records
from tracker.datasets import DatasetRow
from tracker.runs import RunRow
from tunewise import settings
from tunewise.datasets import canonical
from tunewise.domain.dataset import Classification, Dataset
from tunewise.domain.errors import EnvironmentProblem, SpecError
from tunewise.domain.experiment import (
    ARMS,
    DIAGNOSTICS,
    JUDGE,
    Cost,
    EndpointSpec,
    ExperimentSpec,
)
from tunewise.workflow.experiments.telling import Event, Tell
from tunewise.workflow.home import Home

View = dict[str, Any]
UNCLASSIFIED = Classification.INTERNAL
ANSWERS = "answers"  # beside the experiments' folders: what endpoints answered
SPENT = "spent.json"  # in an experiment's folder: what was asked of them


def used(spec: ExperimentSpec) -> dict[str, EndpointSpec]:
    """Return the endpoint of each arm, diagnostic and judge that is asked on one."""
    asked = (*(spec.arms or ARMS), *DIAGNOSTICS, JUDGE)
    named = {who: spec.endpoint_of(who) for who in asked}
    return {who: endpoint for who, endpoint in named.items() if endpoint}


def require_ready(spec: ExperimentSpec) -> None:
    """Refuse an endpoint that cannot be asked from here, before anything is recorded.

    Raises
    ------
    EnvironmentProblem
        If a package or the key is missing.
    """
    asked = used(spec)
    if asked and find_spec("openai") is None:
        raise EnvironmentProblem(
            "endpoint: the package openai is not installed\n"
            "  Install it: pip install 'tunewise[endpoint]'"
        )
    if "rag" in asked and "rag" in spec.arms and find_spec("bm25s") is None:
        raise EnvironmentProblem(
            "arm rag: the package bm25s, which finds passages, is not installed\n"
            "  Install it: pip install 'tunewise[endpoint]'"
        )
    for who, endpoint in asked.items():
        if endpoint.key_env and not settings.is_set(endpoint.key_env):
            raise EnvironmentProblem(
                f"{who}: the environment variable {endpoint.key_env}, which holds the "
                f"key of {endpoint.base_url}, is not set\n"
                f"  Set it where Tunewise runs: export {endpoint.key_env}=…"
            )


def require_allowed(spec: ExperimentSpec, classification: str, dataset: str) -> None:
    """Refuse to send data to an endpoint that may not receive them.

    Parameters
    ----------
    classification : of the dataset version, "" where nobody said
    dataset : how it is called, for the message

    Raises
    ------
    SpecError
        If an arm's endpoint, or the judge's, may only receive wider circles.
    """
    order = list(Classification)
    counted = counted_as(classification)
    for who, endpoint in used(spec).items():
        if order.index(counted) <= order.index(Classification(endpoint.data_up_to)):
            continue
        raise SpecError(
            f"{who}: {dataset} is {said(classification)}, and {endpoint.base_url} may "
            f"receive data up to {endpoint.data_up_to}; nothing was sent\n"
            "  Name an endpoint that may receive them, or say so of this one: "
            f'data_up_to = "{counted}".'
        )


def counted_as(classification: str) -> Classification:
    """Return the circle that a dataset version counts as.

    >>> counted_as("").value, counted_as("public").value
    ('internal', 'public')
    """
    return Classification(classification) if classification else UNCLASSIFIED


def said(classification: str) -> str:
    """Return a classification in words.

    >>> said("")
    'not classified, so it counts as internal'
    """
    return classification or f"not classified, so it counts as {UNCLASSIFIED}"


def classification_of(home: Home, content: Dataset, stated: str) -> str:
    """Return how confidential content is, by what is said and what is on record.

    The same content may be registered under several names: the most confidential
    class that any of them has counts. So does that of a version that shares a split
    or the documents, where it is more confidential.

    Parameters
    ----------
    stated : what the specification says of its files
    """
    if not home.has_records():
        return stated
    digests = canonical.digests(content)
    parts = {found.digest for found in digests.splits.values()}
    parts |= {digests.documents.digest} if digests.documents else set()
    own, shared = [stated], []
    with home.store() as store:
        for row in dataset_records.list_all(store):
            said_of = str(row.provenance.get("classification", ""))
            if row.digest == digests.dataset:
                own.append(said_of)
            elif said_of and parts & _parts(row):
                shared.append(said_of)
    order = ["", *Classification]
    known = max(own, key=order.index)
    least = order.index(counted_as(known))
    return max([known, *(s for s in shared if order.index(s) > least)], key=order.index)


def tell_where(spec: ExperimentSpec, classification: str, tell: Tell) -> None:
    """Say where data will be sent, before any of it is."""
    for who, endpoint in used(spec).items():
        where = f"{endpoint.base_url} ({endpoint.model})"
        may = f"it may receive data up to {endpoint.data_up_to}"
        text = f"{who}: sent to {where}; {may}, these are {said(classification)}"
        tell(Event("result", text))


def sent_to(runs: Iterable[RunRow], classification: str) -> View | None:
    """Return where the runs of an arm sent data, None where none left the machine.

    What a run that failed has asked is not known by run, and is in no number here.
    """
    hosted = [run for run in runs if run.body.get("endpoint")]
    if not hosted:
        return None
    endpoint: Mapping[str, Any] = hosted[0].body["endpoint"]
    asked = [(run.result or {}).get("endpoint") or {} for run in hosted]
    costs = [each["cost"] for each in asked if each.get("cost") is not None]
    return {
        "base_url": endpoint["base_url"],
        "model": endpoint["model"],
        "data_up_to": endpoint.get("data_up_to", ""),
        "classification": said(classification),
        "requests": sum(each.get("requests", 0) for each in asked),
        "from_cache": sum(each.get("from_cache", 0) for each in asked),
        "without_text": sum(each.get("without_text", 0) for each in asked),
        "cost": sum(costs) if costs else None,
        "currency": endpoint.get("currency", ""),
        "warnings": [text for each in asked for text in each.get("warnings", ())],
    }


def warnings_of(views: Mapping[str, View]) -> list[str]:
    """Return what was odd about the answers of endpoints, by arm."""
    return [
        f"{who}: {text}"
        for who, view in views.items()
        for text in (view.get("sent_to") or {}).get("warnings", ())
    ]


def request_cost(endpoint: EndpointSpec, result: Mapping[str, Any]) -> View | None:
    """Return the cost of 1,000 requests at the prices that the specification states.

    None where it states none, or the endpoint told no tokens.
    """
    tokens_in = result["prompt_tokens_mean"] or 0
    tokens_out = result["answer_tokens_mean"] or 0
    each = tokens_in * endpoint.price_in + tokens_out * endpoint.price_out
    if not tokens_in or not each:
        return None
    value = each * 1000 / 1_000_000  # prices are of a million tokens
    return asdict(Cost(value, value, value, endpoint.currency, "1000 requests"))


def _parts(row: DatasetRow) -> set[str]:
    """Return the digests of a version's splits and documents."""
    found = [*row.body["splits"].values(), row.body.get("documents")]
    return {part["digest"] for part in found if part}
