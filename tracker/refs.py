"""How records are named: ids, ``name@n``, and what to say when a name is not known."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from tunewise.domain.errors import NotRecorded, TunewiseError

# A name must read well in a URL, a file name and a sentence.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")  # as it is printed; SQLite's hold 18 digits
_LONGEST = 120  # characters of an unknown reference that an error repeats
_COMPARED = 500  # names that are held beside one: among 10,000 it took a second


@dataclass(frozen=True, slots=True)
class Ref:
    """A name and what stands after the ``@``: a number, an alias, or nothing."""

    name: str
    label: str

    @property
    def number(self) -> int | None:
        """The version number, None where the label is none.

        >>> Ref("mail", "0").number, Ref("mail", "01").number
        (None, None)
        """
        return int(self.label) if _NUMBER.fullmatch(self.label) else None


def parse(ref: str) -> Ref:
    """Split ``name@label``; an ``@`` that ends a reference belongs to the name.

    So ``mail@`` is no record's name, and never stands for the newest of ``mail``.

    >>> parse("support-triage@3").number
    3
    >>> parse("mail@")
    Ref(name='mail@', label='')
    """
    name, _, label = ref.partition("@")
    return Ref(name, label) if label else Ref(ref, "")


def check_name(name: str, *, what: str, error: type[TunewiseError]) -> None:
    """Refuse a name that cannot stand in a URL or before an ``@``."""
    if not _NAME.fullmatch(name):
        raise error(
            f"{name!r} cannot be the {what}\n"
            "  Use letters, digits, '-', '_' and '.', at most 100, "
            "beginning with a letter or digit."
        )


def not_recorded(kind: str, ref: str, known: Iterable[str]) -> NotRecorded:
    """Return the error for an unknown name, with the names that are close to it."""
    names = sorted(set(known))
    shown = ref if len(ref) <= _LONGEST else f"{ref[:_LONGEST]}…"
    close = difflib.get_close_matches(shown, _likely(shown, names), n=3, cutoff=0.5)
    if ref.startswith("@") or ref.endswith("@"):
        hint = "Write NAME@N, or NAME alone: something stands on both sides of an '@'."
    elif close:
        hint = f"Did you mean {', '.join(close)}?"
    elif names:
        hint = f"`tunewise {kind} list` shows what is recorded."
    else:
        hint = f"No {kind} is recorded yet."
    message = f"No {kind} {shown!r} is recorded\n  {hint}"
    return NotRecorded(message, kind=kind, near=tuple(close))


def _likely(ref: str, names: list[str]) -> list[str]:
    """Return the names worth a close look: those that share the most first letters."""
    if len(names) <= _COMPARED:
        return names
    return sorted(names, key=lambda name: -_shared(ref, name))[:_COMPARED]


def _shared(a: str, b: str) -> int:
    """Return how many first letters two names share.

    >>> _shared("e-mail-1", "e-mails")
    6
    """
    return sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))
    )
