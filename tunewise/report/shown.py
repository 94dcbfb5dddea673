"""Text that people wrote, as it can stand between words of ours.

    value of a template --shown--> the same, contained
    value of a form's field --verbatim--> exactly what was typed

A right-to-left mark or letter turns what stands behind it, as far as its paragraph
goes: a date, a number, a name of somebody else. Text that holds one is put between
the marks of an isolate (FSI, PDI), and so is each of its lines, because a line break
ends an isolate. Marks of its own that would close ours, or stay open, are balanced
(Unicode Standard Annex 9: PDI closes all that was opened within). What is not a
character of a page, as NUL, is shown as its picture.
"""

import re

from markupsafe import Markup, escape

_LRI, _RLI, _FSI, _PDI = "\u2066", "\u2067", "\u2068", "\u2069"
_OPENS, _CLOSES = _LRI + _RLI + _FSI, _PDI
# the blocks of letters that are written from right to left, and the marks
_TURNS = (
    "\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefe"
    "\U00010800-\U00010fff\U0001e800-\U0001efff"
)
_NO_CHARACTER = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_TURNING = re.compile(f"[{_TURNS}]")
_ODD = re.compile(f"[{_TURNS}{_NO_CHARACTER}]")
_UNSHOWN = re.compile(f"[{_NO_CHARACTER}]")
_ROOM = 4_000  # characters: a page of text
_LINES = re.compile(r"([\n\r\u2029]+)")  # what ends a paragraph of the algorithm


def shown(value: object) -> object:
    """Return a value of a template; text of people contained, all else as it is.

    >>> shown("plain"), shown(3)
    ('plain', 3)
    >>> shown("a\\u202eb")
    '\\u2068a\\u202eb\\u2069'
    >>> shown("\\u2069\\u2067a\\x00")
    '\\u2068\\u2067a␀\\u2069\\u2069'
    """
    if type(value) is not str or not _ODD.search(value):
        return value  # Markup was made by us, of values that were shown before
    text = _UNSHOWN.sub(_picture, value)
    if not _TURNING.search(text):
        return text
    return "".join(
        _isolated(line) if _TURNING.search(line) else line
        for line in _LINES.split(text)
    )


def contained(value: object) -> str:
    """Return a value as text within a sentence of ours, which goes on behind it.

    >>> contained("a"), contained(None), contained("\u202e")
    ('a', 'None', '\u2068\u202e\u2069')
    """
    return str(shown(value))


def clipped(text: object) -> object:
    """Return a text of the data as a page of many has room for it.

    A record may be as large as an upload; fifty of them would be no page.

    >>> clipped("a" * 5_000).partition(" ")[2]
    '… (1,000 characters more, in the JSON of this page)'
    """
    if not isinstance(text, str) or len(text) <= _ROOM:
        return text
    more = len(text) - _ROOM
    tail = f"… ({more:,} characters more, in the JSON of this page)"
    return f"{contained(text[:_ROOM])} {tail}"


def verbatim(value: object) -> Markup:
    """Return what was typed for a field that sends it again: nothing added to it."""
    return escape(value)


def _picture(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def _isolated(line: str) -> str:
    kept, depth = [], 0
    for char in line:
        if char in _CLOSES:
            if not depth:
                continue  # it would close what it did not open
            depth -= 1
        depth += char in _OPENS
        kept.append(char)
    return f"{_FSI}{''.join(kept)}{_PDI * (depth + 1)}"
