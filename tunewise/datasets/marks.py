"""Marks of templates that nobody filled: {{name}}, [CUSTOMER NAME], <order_id>, TBD.

    message --_texts--> its strings, where it is JSON --_prose--> no code --> first mark

The same signs stand in code, mark-up, paths, headings and quotations: what looks like
one of these is left alone, at the price of a mark that stands in it.
"""

import json
import re
from collections.abc import Iterator

from tunewise.domain.dataset import Message

_HINT = re.compile(r"[{\[<%]|TODO|TBD|lorem", re.I)  # a text without it holds no mark
_CLEAR = r"\{\{[^{}\n]{1,60}\}\}|\[(?i:your|insert|company)[ _][^\]\n]{1,40}\]"
# Words in brackets that stand in logs, transcripts, chat templates and titles.
_NO_CAPITALS = (
    "DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|TRACE|FAIL|FAILED|PASS|PASSED|"
    "DONE|SUCCESS|APPLAUSE|LAUGHTER|LAUGHS|MUSIC|SILENCE|PAUSE|INAUDIBLE|CROSSTALK|"
    "INST|SYS|SEP|CLS|MASK|PAD|UNK|BOS|EOS|TRUE|FALSE|NULL|NONE|NOT|SIC|EDIT|UPDATE|"
    "UPDATED|NEW|NSFW|SOLVED|CLOSED|REDACTED|PDF|HTML|XML|JSON|CSV|VIDEO|AUDIO|USA|"
    "API|FAQ|VERSE|CHORUS"
)
# Names of fields in one word, none of them a tag of HTML.
_FIELDS = (
    "name|firstname|lastname|surname|customer|user|username|company|product|order|"
    "email|phone|city|country|date|amount|price"
)
_BOOLEAN = "input|option|video|audio|script|details|button|select|textarea|form|ol"
_MARK = re.compile(
    "|".join(
        (
            _CLEAR,
            rf"(?<![\w\]!\\])\[(?!(?:{_NO_CAPITALS})\b)"
            r"(?:[A-Z]{2,}(?:[ _-][A-Z]{2,})+|[A-Z]{3,}|ID)(?:_\d+)?\](?![\[(:\w])",
            rf"(?<![\w<])<(?!(?i:{_BOOLEAN})[ ])"
            rf"(?i:{_FIELDS}|[a-z]+(?:[ _][a-z]+)+)>",
            r"(?<![\w${}\\^/=])\{[A-Za-z][A-Za-z_]+\d?\}(?![\w{}/])",
            r"(?<![\w/=])\$\{[A-Za-z][A-Za-z_]+\}(?![\w/\\])",
            r"(?<![\w%\\/=])%[A-Z][A-Z_]+%(?![\w%\\/])",
            r"\bTODO\b:? *(?i:fill|add|write|insert|replace|complete)\b",
            r"\bTBD\b",
            r"\b(?i:lorem ipsum)\b",
        )
    )
)
_CLEAR_MARK = re.compile(_CLEAR)
_TEXT_BELOW = re.compile(r"[ \t]*\n\s*\S")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.S)
_CODE_LINE = re.compile(
    r"^(?:.*[;{][ \t]*"  # ends as a statement or a block does
    r"|.*(?:=>|::|[=!]=|\+=|&&|\|\||\w\(\)|\bf[\"']|\\[a-z]+\{).*"
    r"|[ \t]*(?:(?:let|var|const) )?[\w.]+ ?= ?\S.*"
    r"|[ \t]*(?:def|return|import|print|echo|export|cd|sudo|git|curl|#include"
    r"|SELECT|UPDATE|DELETE|[Uu]sage:"
    r"|\$)[ (].*)$",
    re.M,
)


def mark_in(message: Message) -> str:
    """Return the first template mark of a message, "" where there is none.

    Of JSON only the texts are looked at. Code between backquotes holds none; in a
    prompt it may hold {{…}}, since prompts fence what they quote.

    >>> mark_in(Message("assistant", "Dear [CUSTOMER NAME], see [1]."))
    '[CUSTOMER NAME]'
    """
    if not _HINT.search(message.content) or not _MARK.search(message.content):
        return ""
    for text in _texts(message.content):
        if message.role != "assistant" and (clear := _CLEAR_MARK.search(text)):
            return clear.group()
        prose = _CODE_LINE.sub("", _CODE.sub("", text))
        for found in _MARK.finditer(prose):
            if not _is_heading(found, prose) and not _is_closed(found.group(), prose):
                return found.group()
    return ""


def _texts(content: str) -> Iterator[str]:
    """Yield the texts of a message that is JSON, else the message."""
    if not content.lstrip().startswith(("{", "[")):
        yield content
        return
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        yield content
        return
    inside: list[object] = [value]
    while inside:
        value = inside.pop(0)
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            inside.extend(value.values())
        elif isinstance(value, list):
            inside.extend(value)


def _is_closed(mark: str, text: str) -> bool:
    """Return whether a mark is a tag that is closed, as in <b>…</b> or [B]…[/B]."""
    return mark[0] in "<[" and f"{mark[0]}/{mark[1:]}" in text


def _is_heading(mark: re.Match[str], text: str) -> bool:
    """Return whether a mark in brackets has a line of its own above others."""
    begin, end = mark.span()
    first = begin == 0 or text[begin - 1] == "\n"
    return text[begin] == "[" and first and _TEXT_BELOW.match(text, end) is not None
