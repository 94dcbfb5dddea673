"""User text made harmless for Markdown and for YAML front matter.

Markdown passes HTML through, so what is escaped here are both: the characters
that Markdown reads and the ones that HTML reads. The results are Markup because
the environment escapes everything else for HTML.
"""

import json
import re

from markupsafe import Markup

from tunewise.report.shown import shown

_SPECIAL = re.compile(r"([\\`*_\[\]|~])")
# HTML's characters, breaks of lines, and what is no letter but turns those behind it
_IN_YAML = re.compile(
    "[<>&\u2028\u2029\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_LEADING = re.compile(r"^(#|>|\+|=|-|\d+(?=[.)](?:\s|$)))")


def inline(value: object) -> Markup:
    """Return text for one line of Markdown, with nothing in it taken as markup.

    >>> print(inline("<b>*x*</b> | y"))
    &lt;b&gt;\\*x\\*&lt;/b&gt; \\| y
    """
    text = _one_line(value)
    text = _SPECIAL.sub(r"\\\1", text)
    text = _LEADING.sub(_defuse, text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(text)  # escaped just above


def _one_line(value: object) -> str:
    return str(shown(" ".join(str("" if value is None else value).split())))


def _defuse(start: re.Match[str]) -> str:
    mark = start.group()
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def code(value: object) -> Markup:
    """Return a code span; backticks and line breaks cannot close it."""
    text = _one_line(value) or "-"
    text = text.replace("`", "'").replace("|", "¦")
    text = text.replace("<", "‹").replace(">", "›")
    return Markup(f"`{text}`")  # no HTML left in it


def yaml(value: object) -> Markup:
    """Return a YAML value on one line: JSON, with HTML's characters as escapes."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(_IN_YAML.sub(lambda found: f"\\u{ord(found.group()):04x}", text))
