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
from collections.abc import Iterator, Sequence
from pathlib import Path

from tracker import audit
from tracker.problems import Problem
from tracker.store import Store
from tunewise.domain.errors import NotRecorded, TunewiseError
from tunewise.workflow.home import Home
from tunewise.workflow.output import SOFTWARE
from tunewise.workflow.reports import text as report_text
from tunewise.workflow.reports.diff import Compared, View, entries
from tunewise.workflow.reports.record import compare, page_of
from tunewise.workflow.reports.text import OF_ANY_SHAPE, Checked
from tunewise.workflow.reports.then import homes_then

_LARGEST = 64_000_000  # bytes; a report of the demo has 200,000
_MOST = 20  # differences that are named one by one
# as JSON and Markdown print it
_HEAD = re.compile(r"audit[_ -]head\W+(sha256:[0-9a-f]{64})", re.IGNORECASE)
_RECORD = re.compile(
    r'<script type="application/json" id="record-json">(.*?)</script>', re.DOTALL
)
_PAGE = re.compile(r"<!doctype html", re.IGNORECASE)


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
    page = _PAGE.match(text.lstrip())
    if record is None and (page or text.lstrip().startswith("{")):
        return Checked((Problem("report", name, "its record cannot be read"),))
    named = str(record.get("audit_head", "")) if record else next(iter(heads))
    head = audit.entry_of(store, named)
    if head is None:
        return Checked((Problem("report", name, "its record carries no head"),))
    with homes_then(home, store, head, record) as homes:
        if record is None:
            return report_text.check_markdown(home, homes, text, name)
        compared = _compared(homes, record)
    shown = _page(home, text, record, name) if page else Checked()
    problems = (*_differences(compared, name), *shown.problems)
    return Checked(problems, (*shown.notes, *_not_said(compared)))


def _compared(homes: Sequence[Home], record: View) -> Compared:
    """Compare a record that anybody may have edited, as may the database."""
    try:
        return compare(homes, record)
    except OF_ANY_SHAPE as error:
        what = f"its record is not of the form of one ({type(error).__name__}: {error})"
        return Compared(differences=[what])


def _differences(compared: Compared, name: str) -> Iterator[Problem]:
    """Yield the first differences, and how many more there are."""
    told = compared.differences
    for said in told[:_MOST]:
        yield Problem("report", name, said)
    if (more := len(told) - _MOST) > 0:
        yield Problem("report", name, f"and {more} more differences")


def _not_said(compared: Compared) -> Iterator[str]:
    """Yield which keys were not held against the records, by name, and why."""
    writer = compared.writer.software or "other software"
    if compared.writer.is_another:
        yield f"it says that {writer} wrote it; this is {SOFTWARE}"
    if compared.unchecked:
        yield (
            f"these keys of {writer} are unknown here, so they were not compared: "
            f"{', '.join(compared.unchecked)}"
        )
    if compared.worded:
        yield (
            f"{SOFTWARE} says these in other words than {writer} did: "
            f"{', '.join(compared.worded)}"
        )
    if compared.gone:
        yield (
            "its examples were not compared: the texts were deleted here since, or "
            "cannot be read"
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


def _page(home: Home, text: str, record: View, name: str) -> Checked:
    """Hold what a page shows against its own record."""
    made = page_of(record)
    if made is None:
        what = "its record is not one that Tunewise makes a page of"
        return Checked((Problem("report", name, what),))
    return report_text.check_text(home, text, name, lambda env: [made(record, env)])
