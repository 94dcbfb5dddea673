"""Moments as text: ISO 8601 in UTC, given by the caller; there is no clock in here."""

from datetime import UTC, date, datetime, time

from tunewise.domain.errors import TunewiseError


def parse(at: str) -> datetime:
    """Return the moment that a text names; without an offset it is UTC.

    >>> parse("2026-11-22T10:00:00Z").isoformat()
    '2026-11-22T10:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise TunewiseError(
            f"{at!r} is not a moment\n"
            "  Write it as 2026-11-22T10:00:00Z, or as a date: 2026-11-22."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def until(at: str) -> datetime:
    """Return the last moment that ``at`` includes: a date means the whole day (UTC)."""
    try:
        day = date.fromisoformat(at)
    except ValueError:
        return parse(at)
    return datetime.combine(day, time.max, tzinfo=UTC)
