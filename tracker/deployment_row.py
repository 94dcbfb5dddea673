"""Deployments as they stand: derived from the events of a model version.

    deployed     the version runs under an outside name, from a moment on
    undeployed   it no longer does; the last one said about a deployment counts

A deployment covers the time from ``since`` up to, but not including, ``until``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracker import moments, records
from tracker.change import Change
from tracker.records import RecordEvent
from tracker.schema import MODEL
from tunewise.domain.decision import Actor


@dataclass(frozen=True, slots=True)
class Deployment:
    """One version under one outside name in one environment of a product."""

    id: int  # of the event that recorded it
    version: str  # name@n
    product: str
    environment: str
    outside: str  # the name under which it runs
    since: str  # a date, or a moment
    until: str  # "" while no end is known
    because: str
    by: Actor
    at: str  # when it was recorded
    ended_because: str = ""
    ended_by: Actor | None = None
    replaced_by: str = ""  # the version that took the outside name over

    def runs_at(self, at: str) -> bool:
        """Return whether it covers a moment, or the end of a date."""
        asked = moments.until(at)
        if moments.parse(self.since) > asked:
            return False
        return not self.until or asked < moments.parse(self.until)

    @property
    def empty(self) -> bool:
        """Whether it ended before it began, so that it never ran."""
        return bool(self.until) and later(self.since, self.until) == self.since

    def planned_at(self, at: str) -> bool:
        """Return whether it begins after a moment."""
        return not self.empty and moments.parse(self.since) > moments.parse(at)


def derive(version: str, events: Iterable[RecordEvent]) -> tuple[Deployment, ...]:
    """Return the deployments of a version in the order they were recorded.

    As of a date the end of one may be there without its start, where a clock went
    back in between: it says nothing then.
    """
    found: dict[int, Deployment] = {}
    for event in events:
        body = event.body
        if event.action == "deployed":
            found[event.id] = Deployment(
                id=event.id,
                version=version,
                product=body["product"],
                environment=body["environment"],
                outside=body["outside"],
                since=body["from"],
                until=body["until"],
                because=body["because"],
                by=event.by,
                at=event.at,
            )
        elif event.action == "undeployed" and body["deployment"] in found:
            found[body["deployment"]] = replace(
                found[body["deployment"]],
                until=body["until"],
                ended_because=body["because"],
                ended_by=event.by,
                replaced_by=body["replaced_by"],
            )
    return tuple(found.values())


def end(
    change: Change,
    running: Deployment,
    *,
    until: str,
    because: str,
    replaced_by: str = "",
) -> None:
    """Record the end of a deployment with the version that it is of."""
    body = {
        "deployment": running.id,
        "product": running.product,
        "environment": running.environment,
        "outside": running.outside,
        "until": until,
        "because": because,
        "replaced_by": replaced_by,
    }
    records.add_event(change, MODEL, running.version, action="undeployed", body=body)


def lasts_beyond(deployment: Deployment, at: str) -> bool:
    """Return whether a deployment has no end, or one after a moment."""
    until = deployment.until
    return not until or moments.parse(until) > moments.parse(at)


def later(a: str, b: str) -> str:
    """Return the later of two dates or moments."""
    return a if moments.parse(a) >= moments.parse(b) else b
