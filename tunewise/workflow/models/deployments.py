"""Where model versions run: deploy, undeploy, list; and what a name stands for.

name@n, name@alias          -> that version
outside name, product       -> the version that runs, now or on a date
name                        -> what runs under it, else the newest in service
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker import deployments as records
from tracker import models, moments, refs
from tracker.deployment_row import Deployment, lasts_beyond
from tracker.store import Store
from tunewise.domain.errors import NotRecorded, StatusError, TunewiseError
from tunewise.workflow.home import Home
from tunewise.workflow.models.views import deployments_view
from tunewise.workflow.statements import one_line, required

View = dict[str, Any]

LONGEST = 200  # characters of a product, an environment or an outside name


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for, and the version it stands for."""

    reference: str
    kind: str  # version, alias, name, outside name, product
    model: str  # name@n
    at: str = ""  # the date or moment asked about, "" for now


def deploy(
    home: Home,
    reference: str,
    *,
    product: str,
    environment: str,
    outside: str,
    because: str,
    since: str = "",
    until: str = "",
) -> View:
    """Record that a version runs; what stood under its outside name there ends.

    ``since`` and ``until`` are dates or moments; from now on where nothing is said.
    """
    because = required("because", because)
    said = {
        "product": _named("product", product),
        "environment": _named("environment", environment),
        "outside": _named("as", outside),
    }
    since = _moment("from", since) or home.now()
    with home.store() as store, store.writing(home.actor, home.now()):
        before = {d.id: d.until for d in records.list_all(store)}
        row = records.deploy(
            store,
            reference,
            **said,
            since=since,
            until=_moment("until", until),
            because=because,
            actor=home.actor,
            at=home.now(),
        )
        after = records.list_all(store)
    made = row.deployments[-1]
    ended = [d for d in after if before.get(d.id, d.until) != d.until]
    return {
        **deployments_view([made], now=home.now())[0],
        "ended": deployments_view(ended, now=home.now()),
    }


def undeploy(
    home: Home,
    reference: str,
    *,
    because: str,
    environment: str = "",
    outside: str = "",
    until: str = "",
) -> View:
    """Record when a version stopped running, now where nothing is said.

    Raises
    ------
    StatusError
        If it does not run, or in several places and none was named.
    """
    because = required("because", because)
    until = _moment("until", until) or home.now()
    with home.store() as store, store.writing(home.actor, home.now()):
        row = models.get(store, reference)
        found = [
            d
            for d in row.deployments
            if environment in ("", d.environment) and outside in ("", d.outside)
        ]
        running = _one(row.id, [d for d in found if lasts_beyond(d, home.now())])
        ended = records.undeploy(
            store,
            row.id,
            running.id,
            until=until,
            because=because,
            actor=home.actor,
            at=home.now(),
        )
    now = next(d for d in ended.deployments if d.id == running.id)
    return deployments_view([now], now=home.now())[0]


def list_all(home: Home, *, at: str = "") -> list[View]:
    """Return every deployment; ``at`` keeps those that ran on a date."""
    with home.store() as store:
        found = records.list_all(store, at=_moment("at", at))
    return deployments_view(found, now=home.now())


def resolve(
    home: Home, reference: str, *, at: str = "", environment: str = ""
) -> Asked:
    """Return the version that a reference stands for.

    Raises
    ------
    NotRecorded
        If it names nothing, or nothing runs under it at that time.
    StatusError
        If several versions run under it.
    """
    at = _moment("at", at)
    with home.store() as store:
        kind, deployments = _matching(records.list_all(store), reference)
        version = _version(store, reference, at)
        if version and (version.kind != "name" or not deployments):
            return version
        running = [
            d
            for d in deployments
            if environment in ("", d.environment) and d.runs_at(at or home.now())
        ]
        if running:
            return Asked(reference, kind, _only(reference, kind, running), at)
        if version:
            return version
        if deployments:
            raise _nothing_runs(reference, kind, deployments, at)
        raise _unknown(store, reference)


def _version(store: Store, reference: str, at: str) -> Asked | None:
    asked = refs.parse(reference)
    try:
        # a number is a number at any time; an alias and the newest depend on it
        as_of = "" if asked.number is not None else at
        row = models.get(store, reference, as_of=as_of)
    except NotRecorded:
        return None
    if asked.number is not None:
        kind = "version"
    else:
        kind = "alias" if asked.label not in ("", "latest") else "name"
    return Asked(reference, kind, row.id, at)


def _matching(
    found: Sequence[Deployment], reference: str
) -> tuple[str, list[Deployment]]:
    """Return the deployments of an outside name, else of a product."""
    word = reference.casefold()
    outside = [d for d in found if d.outside.casefold() == word]
    if outside:
        return "outside name", outside
    return "product", [d for d in found if d.product.casefold() == word]


def _only(reference: str, kind: str, running: Sequence[Deployment]) -> str:
    versions = sorted({d.version for d in running})
    if len(versions) == 1:
        return versions[0]
    raise StatusError(
        f"several versions run under the {kind} {reference!r}:\n"
        f"{_places(running)}\n"
        "  Name one of the versions, or the --environment."
    )


def _nothing_runs(
    reference: str, kind: str, known: Sequence[Deployment], at: str
) -> NotRecorded:
    when = f"on {at}" if at else "now"
    return NotRecorded(
        f"nothing runs under the {kind} {reference!r} {when}; on record are:\n"
        f"{_places(known)}\n"
        "  Name one of the versions, or a date with --at."
    )


def _unknown(store: Store, reference: str) -> NotRecorded:
    rows, found = models.list_all(store), records.list_all(store)
    known = {f"{r.name}@{label}" for r in rows for label in (r.number, *r.aliases)}
    known |= {d.outside for d in found} | {d.product for d in found}
    return refs.not_recorded("model", reference, known)


def _one(version: str, open_ends: Sequence[Deployment]) -> Deployment:
    if not open_ends:
        raise StatusError(
            f"model {version} does not run there\n"
            "  'tunewise model deployments' lists what runs where."
        )
    if len(open_ends) > 1:
        raise StatusError(
            f"model {version} runs in several places:\n{_places(open_ends)}\n"
            "  Name one with --as and --environment."
        )
    return open_ends[0]


def _places(found: Sequence[Deployment]) -> str:
    return "\n".join(
        f"  {d.version}: {d.outside} in {d.environment} ({d.product}), from {d.since}"
        + (f" until {d.until}" if d.until else "")
        for d in found
    )


def _named(what: str, said: str) -> str:
    """Return a name of the outside world, on one line; refuse what is none."""
    name = one_line(what, said)
    if len(name) > LONGEST or not name.isprintable():
        raise StatusError(
            f"{what}: {name[:40]!r} cannot be a name\n"
            f"  Use at most {LONGEST} characters that can be printed."
        )
    return name


def _moment(what: str, said: str) -> str:
    """Return a date or moment as it was said, "" where nothing was."""
    if said:
        try:
            moments.parse(said)
        except TunewiseError as error:
            raise StatusError(f"{what}: {error}") from None
    return said
