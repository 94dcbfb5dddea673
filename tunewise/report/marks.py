"""The words that were searched for, marked in the texts that hold them."""

import re

from markupsafe import Markup, escape

from tunewise.report.shown import shown

AROUND = 240  # characters of a text that are shown before its first mark, and after


def marked(text: str, query: str) -> Markup:
    """Return a text, escaped, with the words of a query in ``<mark>``.

    Words match by their beginning and without regard to case, as the search does; a
    long text is cut to what stands around the first of them.

    >>> marked("<b>Triage</b> of mail", "tri")
    Markup('&lt;b&gt;<mark>Tri</mark>age&lt;/b&gt; of mail')
    """
    words = sorted(query.split(), key=len, reverse=True)
    if not words:
        return escape(_cut(text, 0))
    # a beginning only where the word begins with a letter: "-x" has no boundary
    found = "|".join(
        (r"\b" if word[0].isalnum() else "") + re.escape(word) for word in words
    )
    first = re.search(found, text, re.IGNORECASE)
    shown = _cut(text, first.start() if first else 0)
    pieces, end = [], 0
    for match in re.finditer(found, shown, re.IGNORECASE):
        pieces += [
            escape(shown[end : match.start()]),
            Markup("<mark>{}</mark>").format(match.group()),
        ]
        end = match.end()
    return Markup("").join([*pieces, escape(shown[end:])])


def _cut(text: str, at: int) -> str:
    begin, end = max(at - AROUND, 0), at + AROUND
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    return str(shown(f"{before}{text[begin:end]}{after}"))
