"""What a person says for the record, checked before it is recorded."""

import datetime as dt
import re

from tracker import moments
from tunewise.domain.errors import StatusError, TunewiseError
from tunewise.engine.source_text import iso_date

# C0 and C1 without tab and newline: a terminal that prints the text obeys them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def has_control(text: str) -> bool:
    """Return whether a terminal that prints a text would obey something in it."""
    return bool(_CONTROL.search(text))


def plain(what: str, said: str) -> str:
    """Return what was said, perhaps nothing, without the blanks around it.

    The line ends of a form or a file of Windows become newlines; any other control
    character is refused.

    >>> plain("comment", " yes,\\r\\nagreed ")
    'yes,\\nagreed'
    """
    text = said.replace("\r\n", "\n").strip()
    if has_control(text):
        raise StatusError(
            f"{what}: {text[:40]!r} holds a control character\n"
            "  A terminal would obey it: leave it out."
        )
    return text


def required(what: str, said: str) -> str:
    """Return what was said, without the blanks around it; refuse nothing at all.

    >>> required("because", " the owner left ")
    'the owner left'
    """
    text = plain(what, said)
    if not text:
        raise StatusError(
            f"{what}: nothing is said\n"
            f"  It stays on record and is read years later: --{what} 'in a few words'."
        )
    return text


def one_line(what: str, said: str) -> str:
    """Return what was said on one line: in a list it must not look like two.

    >>> one_line("title", "Support\\n  desk")
    'Support desk'
    """
    return " ".join(required(what, said).split())


def reached(what: str, at: str, now: str) -> str:
    """Return a date or moment that has come; refuse one that lies ahead.

    >>> reached("at", "2026-11-22", "2026-11-22T09:00:00+00:00")
    '2026-11-22'
    """
    try:
        ahead = bool(at) and moments.parse(at) > moments.parse(now)
    except TunewiseError as error:
        raise StatusError(f"{what}: {error}") from None
    if ahead:
        raise StatusError(
            f"{what}: {at} lies ahead (it is {now[:10]} now, UTC)\n"
            "  Nothing is known of it yet: name a day up to today."
        )
    return at


def day(what: str, said: str) -> str:
    """Return a date, or "" where none was named."""
    if said and not iso_date(said):
        raise StatusError(f"{what}: '{said}' is not a date\n  Write it as 2027-01-31.")
    return said


def still_ahead(what: str, said: str, today: dt.date) -> None:
    """Refuse a day that is over: nobody will look again on it."""
    if said and said < today.isoformat():
        raise StatusError(
            f"{what}: {said} is in the past, today is {today}\n"
            "  Name a day that is still to come, or leave it out."
        )
