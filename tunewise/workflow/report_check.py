"""Does a report say what was recorded? Its head, its record, and its text.

    file -> head ........ a part of today's chain?
         -> record ...... JSON, embedded in the HTML: key by key against the record as
                          it stood at that head (its row, its body, its events so far)
         -> text ........ what the page shows, against what its own record gives

The head is enough to prove when a report was made; the other two prove that nobody
edited the file.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker import audit
from tracker.problems import Problem
from tracker.store import Store
from tunewise.domain.errors import NotRecorded, TunewiseError
from tunewise.domain.model import AuditEvent
from tunewise.report import documents
from tunewise.report.environment import RENDERING_FAULT, environment
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.report_diff import Compared, entries
from tunewise.workflow.report_record import compare

View = dict[str, Any]

_LARGEST = 64_000_000  # bytes; a report of the demo has 200,000
_MOST = 20  # differences that are named one by one
# as JSON and Markdown print it
_HEAD = re.compile(r"audit[_ -]head\W+(sha256:[0-9a-f]{64})", re.IGNORECASE)
_RECORD = re.compile(
    r'<script type="application/json" id="record-json">(.*?)</script>', re.DOTALL
)
_ID = re.compile(r'^id: "?([^"\n]+)"?$', re.MULTILINE)  # in Markdown's front matter
_MAKER = re.compile(r'<meta name="maker" content="([^"]*)">')

# what reading JSON meets whose values may be anything
_OF_ANY_SHAPE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a report: what does not hold, and what could not be said."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


def check(home: Home, store: Store, path: Path) -> Checked:
    """Hold a report against the records.

    Raises
    ------
    TunewiseError
        If the file is none that Tunewise wrote.
    """
    text = _read(path)
    record = _record_of(text)
    heads = dict.fromkeys(_HEAD.findall(text))
    if not heads:
        raise TunewiseError(
            f"{path}: this is no report of Tunewise: it carries no audit head\n"
            "  Name a report (HTML, Markdown, JSON) or the tunewise.json of an export."
        )
    name = path.name
    lost = [h for h in heads if not audit.is_ancestor(store, h)]
    if lost:
        return Checked(tuple(_strange(store, name, h, record) for h in lost))
    if record is None and (_MAKER.search(text) or text.lstrip().startswith("{")):
        return Checked((Problem("report", name, "its record cannot be read"),))
    if record is None:
        return Checked((), _of_markdown(home, text, next(iter(heads))))
    head = audit.entry_of(store, str(record.get("audit_head", "")))
    if head is None:
        return Checked((Problem("report", name, "its record carries no head"),))
    compared = _compared(store, record, head)
    told = compared.differences
    found = [Problem("report", name, said) for said in told[:_MOST]]
    if (more := len(told) - _MOST) > 0:
        found.append(Problem("report", name, f"and {more} more differences"))
    shown, note = _shown(home, text, record)
    found += [Problem("report", name, shown)] if shown else []
    return Checked(tuple(found), (*([note] if note else []), *_not_said(compared)))


def _compared(store: Store, record: View, head: AuditEvent) -> Compared:
    """Compare a record that anybody may have edited, as may the database."""
    try:
        return compare(store, record, head)
    except _OF_ANY_SHAPE as error:
        what = f"its record is not of the form of one ({type(error).__name__}: {error})"
        return Compared(differences=[what])


def _not_said(compared: Compared) -> Iterator[str]:
    """Yield which keys were not held against the records, by name."""
    if compared.unchecked:
        yield (
            "the records cannot give these as of its head, so they were not compared: "
            f"{', '.join(compared.unchecked)}"
        )
    if compared.left_out:
        yield f"it does not say, as today's would: {', '.join(compared.left_out)}"


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            raise NotRecorded(
                f"{path}: cannot be read (no such file)\n  Name a report's file."
            )
        if path.stat().st_size > _LARGEST:
            raise TunewiseError(
                f"{path}: this is no report of Tunewise: it has "
                f"{path.stat().st_size / 1e6:.0f} MB\n  Name a report's file."
            )
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise NotRecorded(
            f"{path}: cannot be read ({error.strerror})\n  Name a report's file."
        ) from None
    except UnicodeDecodeError:
        raise TunewiseError(
            f"{path}: this is no report of Tunewise: it is not UTF-8 text\n"
            "  Name a report (HTML, Markdown, JSON) as it was written."
        ) from None


def _record_of(text: str) -> View | None:
    """Return the record that a report holds as JSON."""
    embedded = _RECORD.search(text)
    source = embedded[1] if embedded else text
    try:
        said = json.loads(source)
        json.dumps(said, ensure_ascii=False).encode()  # an escape may be half a sign
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _strange(store: Store, name: str, head: str, record: View | None) -> Problem:
    """Say what is known of a head that is not in the chain."""
    message = f"the head {head} is not in this home's chain"
    shared = [e for e in entries(record or {}, "audit") if _stands(store, e)]
    if not shared:
        return Problem(
            "report", name, f"{message}: another home's, or all is rewritten"
        )
    last = shared[-1]["seq"]
    return Problem(
        "report",
        name,
        f"{message}, though entry {last} that it lists is: after entry {last} the log "
        "was cut off or rewritten, or the head was edited in the report",
    )


def _stands(store: Store, entry: object) -> bool:
    said = entry if isinstance(entry, dict) else {}
    found = audit.entry_at(store, said.get("seq"))
    return found is not None and found.hash == said.get("hash")


def _shown(home: Home, text: str, record: View) -> tuple[str, str]:
    """Return what the page shows otherwise than its own record, or why none can say."""
    maker = _MAKER.search(text)
    if maker is None:
        return "", ""  # JSON has no text of its own
    for env in (environment(), environment([home.path / "house" / "templates"])):
        if env.globals["maker"] != maker[1]:
            continue
        try:
            meant = documents.decision_html(record, env).splitlines()
        except (*_OF_ANY_SHAPE, RENDERING_FAULT):
            return "its record is not of a form that a page can be made of", ""
        return _first_difference(text.splitlines(), meant), ""
    return "", (
        "its record was checked; its text was made by other templates or software than "
        "today's, so what it shows was not compared"
    )


def _of_markdown(home: Home, text: str, head: str) -> tuple[str, ...]:
    """Return what could not be said: Markdown can only be written once more."""
    named = _ID.search(text)
    if named is None:
        return ("it holds no record as JSON: only its head was checked",)
    try:
        view = {**decisions.full(home, named[1]), "audit_head": head}
    except TunewiseError:
        return (f"only its head was checked: {named[1]} cannot be shown",)
    for env in (environment(), environment([home.path / "house" / "templates"])):
        if documents.decision_markdown(view, env) == text:
            return ()
    return (
        "its head holds, but it is not what would be written today: the record has "
        "gone on since, or its text was edited (HTML and JSON can tell)",
    )


def _first_difference(shown: list[str], meant: list[str]) -> str:
    for number, (a, b) in enumerate(zip(shown, meant, strict=False), start=1):
        if a != b:
            said = a.strip()[:80]
            return f"line {number} of its text is not what its record gives: {said!r}"
    if len(shown) != len(meant):
        return "its text is longer or shorter than what its record gives"
    return ""
