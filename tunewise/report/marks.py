"""The words that were searched for, marked in the texts that hold them."""

import re
import unicodedata

from markupsafe import Markup, escape

from tunewise.report.shown import shown

AROUND = 240  # characters of a text that are shown before its first mark, and after


def marked(text: str, query: str) -> Markup:
    """Return a text, escaped, with the words of a query in ``<mark>``.

    Words match by their beginning, without regard to case and accents, as the search
    does; a long text is cut to what stands around the first of them.

    >>> marked("<b>Triage</b> of mail", "tri")
    Markup('&lt;b&gt;<mark>Tri</mark>age&lt;/b&gt; of mail')
    >>> marked("a long résumé", "RESU")
    Markup('a long <mark>résu</mark>mé')
    >>> marked("snake_case, showcase", "case")
    Markup('snake_<mark>case</mark>, showcase')
    """
    words = sorted(_folded(query)[0].split(), key=len, reverse=True)
    if not words:
        return escape(_cut(text, 0))
    # a beginning only where the word begins with a letter: "-x" has no boundary
    begins = r"(?<![^\W_])"  # the search takes an underscore as the end of a word
    found = "|".join(
        (begins if word[0].isalnum() else "") + re.escape(word) for word in words
    )
    folded, places = _folded(text)
    first = re.search(found, folded)
    part = _cut(text, places[first.start()] if first else 0)
    folded, places = _folded(part)
    pieces, end = [], 0
    for match in re.finditer(found, folded):
        start, after = places[match.start()], places[match.end()]
        pieces += [
            escape(part[end:start]),
            Markup("<mark>{}</mark>").format(part[start:after]),
        ]
        end = after
    return Markup("").join([*pieces, escape(part[end:])])


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text without case and accents, and where each character stood.

    One more place than characters: the end of the text.
    """
    kept, places = [], []
    for place, char in enumerate(text):
        for each in unicodedata.normalize("NFD", char).lower():
            if not unicodedata.combining(each):
                kept.append(each)
                places.append(place)
    return "".join(kept), [*places, len(text)]


def _cut(text: str, at: int) -> str:
    begin, end = max(at - AROUND, 0), at + AROUND
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    return str(shown(f"{before}{text[begin:end]}{after}"))
