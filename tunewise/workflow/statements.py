"""What a person says for the record, checked before it is recorded."""

from tunewise.domain.errors import StatusError
from tunewise.engine.source_text import iso_date


def required(what: str, said: str) -> str:
    """Return what was said, without the blanks around it; refuse nothing at all.

    >>> required("because", " the owner left ")
    'the owner left'
    """
    if not said.strip():
        raise StatusError(
            f"{what}: nothing is said\n"
            f"  It stays on record and is read years later: --{what} 'in a few words'."
        )
    return said.strip()


def day(what: str, said: str) -> str:
    """Return a date, or "" where none was named."""
    if said and not iso_date(said):
        raise StatusError(f"{what}: '{said}' is not a date\n  Write it as 2027-01-31.")
    return said
