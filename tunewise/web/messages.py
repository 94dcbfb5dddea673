"""Messages of the command line, said in the words of a form."""

import re
from collections.abc import Mapping


def in_form_words(message: str, labels: Mapping[str, str]) -> str:
    """Return a message with options replaced by the labels of their fields.

    >>> in_form_words("Say why: --because 'the reason'.", {"because": "Why"})
    "Say why: “Why” 'the reason'."
    """

    def label(found: re.Match[str]) -> str:
        return f"“{labels.get(found[1].replace('-', '_'), found[1])}”"

    return re.sub(r"--([a-z][a-z-]*)", label, message)
