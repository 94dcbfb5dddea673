"""Where model versions run, under which outside name, from when until when.

One outside name in one environment stands for one version at a time: recording the
next one ends the one before, in the record of both.
"""

from collections.abc import Iterator

from tracker import deployment_row, models, moments, records
from tracker.change import Change
from tracker.deployment_row import Deployment, end, lasts_beyond, later
from tracker.models import ModelRow
from tracker.schema import MODEL
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import StatusError


def deploy(
    store: Store,
    ref: str,
    *,
    product: str,
    environment: str,
    outside: str,
    since: str,
    because: str,
    actor: Actor,
    at: str,
    until: str = "",
) -> ModelRow:
    """Record that a version runs under an outside name, and end what ran there.

    Parameters
    ----------
    since, until : a date (its first moment, UTC) or a moment; it no longer runs at
        ``until``, and "" means that no end is known

    Raises
    ------
    StatusError
        If the version is retired, the time is empty, the version runs there already,
        or the outside name stands for a version that begins later within it.
    """
    with store.writing(actor, at) as change:
        found = models.get(store, ref)
        if found.retired:
            raise StatusError(
                f"model {found.id} is retired and cannot be deployed\n"
                f"  The reason given: {found.retired}. Deploy another version."
            )
        if until and moments.parse(until) <= moments.parse(since):
            raise StatusError(
                f"until: {until} is not after {since}, the day it starts\n"
                "  A deployment runs from its first day up to the day it ends."
            )
        _require_new(found, product, (environment, outside), since)
        _make_room(store, change, found.id, (environment, outside), since, until)
        body = {
            "product": product,
            "environment": environment,
            "outside": outside,
            "from": since,
            "until": until,
            "because": because,
        }
        records.add_event(change, MODEL, found.id, action="deployed", body=body)
        return models.get(store, found.id)


def undeploy(
    store: Store,
    ref: str,
    deployment: int,
    *,
    until: str,
    because: str,
    actor: Actor,
    at: str,
) -> ModelRow:
    """Record when a version's deployment ended; a planned end is corrected so too.

    Raises
    ------
    StatusError
        If it is over already, or if that is before it started or after the next
        version starts under its outside name.
    """
    with store.writing(actor, at) as change:
        running = _running(store, ref, deployment, at)
        if later(running.since, until) != until:
            raise StatusError(
                f"until: {until} is before {running.since}, when {running.version} "
                f"started as {running.outside!r}\n  Name a day on or after it."
            )
        place = (running.environment, running.outside)
        for other in _at_place(store, place):
            begins = moments.parse(other.since)
            if other.id != running.id and (
                moments.parse(running.since) <= begins < moments.parse(until)
            ):
                raise StatusError(
                    f"until: {other.outside!r} in {other.environment} stands for "
                    f"{other.version} from {other.since} on\n"
                    f"  Name that day or an earlier one, or undeploy {other.version} "
                    "first."
                )
        end(change, running, until=until, because=because)
        return models.get(store, running.version)


def list_all(store: Store, *, at: str = "") -> list[Deployment]:
    """Return every deployment by its start; ``at`` keeps those that ran then."""
    deployed = f"SELECT record FROM {MODEL.events} WHERE action = 'deployed'"
    versions = records.read(store, MODEL, f"id IN ({deployed})")
    found = [
        deployment
        for raw in versions
        for deployment in deployment_row.derive(raw.row["id"], raw.events)
    ]
    kept = [d for d in found if not at or d.runs_at(at)]
    return sorted(kept, key=lambda d: (moments.parse(d.since), d.id))


def _running(store: Store, ref: str, id: int, at: str) -> Deployment:
    """Return a deployment of a version as it stands now; refuse one that is over."""
    row = models.get(store, ref)
    found = next((d for d in row.deployments if d.id == id), None)
    if found is None or not lasts_beyond(found, at):
        over = f"ended on {found.until}" if found else "is not on record"
        raise StatusError(
            f"model {row.id}: its deployment {id} {over}\n"
            "  'tunewise model deployments' lists what runs where."
        )
    return found


def _at_place(store: Store, place: tuple[str, str]) -> Iterator[Deployment]:
    """Yield what ran or shall run under an outside name in an environment."""
    for found in list_all(store):
        if (found.environment, found.outside) == place and not found.empty:
            yield found


def _require_new(
    found: ModelRow, product: str, place: tuple[str, str], since: str
) -> None:
    """Refuse a version that runs, or shall run, there at that time already."""
    for other in found.deployments:
        there = (other.environment, other.outside) == place and not other.empty
        begun = moments.parse(other.since) <= moments.parse(since)
        if there and begun and other.product == product and lasts_beyond(other, since):
            raise StatusError(
                f"{found.id} is {other.outside!r} in {other.environment} already, "
                f"from {other.since} on\n"
                f"  The reason given: {other.because}. Nothing was recorded; "
                "'tunewise model undeploy' says when it ends."
            )


def _make_room(
    store: Store,
    change: Change,
    version: str,
    place: tuple[str, str],
    since: str,
    until: str,
) -> None:
    """End what runs at a place when the next version starts there."""
    start = moments.parse(since)
    for other in _at_place(store, place):
        if other.until and moments.parse(other.until) <= start:
            continue
        begins = moments.parse(other.since)
        if begins > start:
            if until and moments.parse(until) <= begins:
                continue
            raise StatusError(
                f"{other.outside!r} in {other.environment} stands for {other.version} "
                f"from {other.since} on\n"
                f"  End the earlier one with --until {other.since}, or undeploy "
                f"{other.version} first."
            )
        because = f"replaced by {version}"
        end(change, other, until=since, because=because, replaced_by=version)
