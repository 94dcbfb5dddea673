"""Texts as the checks compare them: normal form, words, and the prompt of an example.

The normal form is for comparing only; what is stored and hashed is the exact text
(``canonical``).
"""

import re
import unicodedata

from tunewise.domain.dataset import Example

_WORD = re.compile(r"\w+")


def normal(text: str) -> str:
    """Return NFKC, case-folded, each run of white space one blank.

    >>> normal("  Ｃafé\\n LATTE ")
    'café latte'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> list[str]:
    """Return the words of a text, case-folded."""
    return _WORD.findall(text.casefold())


def prompt_key(example: Example) -> str:
    """Return what tells prompts apart: roles and normal texts of all its messages."""
    return "\x1e".join(f"{m.role}\x1f{normal(m.content)}" for m in example.prompt)


def asked(example: Example) -> str:
    """Return what this example asks: all but the system message, else the reference.

    The system message is mostly the same for every example, and would make all of
    them look alike.
    """
    parts = [m.content for m in example.prompt if m.role != "system"]
    return normal("\n".join(parts)) or normal(example.reference)


def accepted(example: Example) -> frozenset[str]:
    """Return every answer that is right, in normal form, without marks around it."""
    texts = (example.reference, *example.answers)
    return frozenset(normal(t).strip(" .,;:!?\"'") for t in texts)
