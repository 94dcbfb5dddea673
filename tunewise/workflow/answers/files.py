"""Files of answers that were produced elsewhere: CSV, JSON Lines, promptfoo's results.

    id, answer                       every record has them
    latency_seconds, latency_ms      how long it took, as the file says
    prompt_tokens, answer_tokens     counted by whoever answered
    passages                         ids of the documents that were shown

Nothing else is read: a file cannot say itself what is right. Which record belongs to
which example is for ``matching``.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tunewise.datasets.jsonl import numbered_records
from tunewise.domain.errors import DatasetError
from tunewise.workflow.answers import promptfoo
from tunewise.workflow.answers.given import (
    AnswerFile,
    GivenAnswer,
    count_of,
    id_of,
    number_of,
    text_of,
)

LARGEST = 256_000_000  # bytes
_ALIASES = {"latency": "latency_seconds", "tokens": "answer_tokens"}
_NEEDED = ("id", "answer")
_READ = (
    *_NEEDED,
    *("latency_seconds", "latency_ms", "prompt_tokens", "answer_tokens", "passages"),
)
_DELIMITERS = (",", ";", "\t")
_FORMS = (
    "  Name a CSV with the columns id and answer, JSON Lines with these keys, or what "
    "'promptfoo eval -o results.json' wrote."
)


def read(path: Path, *, prompts: Sequence[str] = ()) -> AnswerFile:
    """Read a file of answers.

    Parameters
    ----------
    prompts : names that pick one prompt and provider out of a promptfoo file

    Raises
    ------
    DatasetError
        If the file cannot be read, or a record of it is not what is asked for; the
        message names the line.
    """
    content = _bytes(path)
    text = _text(path, content)
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    if text.lstrip()[:1] not in ("{", "["):
        _refuse_prompts(path, prompts)
        return _csv(path.name, digest, text)
    document = _document(text)
    if promptfoo.is_one(document):
        rows = promptfoo.rows_of(document, path.name)
        return promptfoo.answer_file(rows, path.name, digest, prompts)
    tool, entries = _entries(path.name, content, document)
    if entries and promptfoo.is_row(entries[0][1]):
        return promptfoo.answer_file(entries, path.name, digest, prompts)
    _refuse_prompts(path, prompts)
    return _records(path.name, digest, tool, entries)


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise DatasetError(
                f"{path}: {size / 1e6:.0f} MB are more than {LARGEST / 1e6:.0f}\n"
                "  Leave out what is no answer: docs/evidence.md names what is read."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file\n{_FORMS}") from None
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror})") from None


def _text(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DatasetError(
            f"{path.name}:{line}: byte {error.start + 1} of the file is not UTF-8\n"
            "  Save the file as UTF-8."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DatasetError(
            f"{path.name}:{line}: the file holds NUL\n  Save it as UTF-8 text."
        )
    if not text.strip():
        raise DatasetError(f"{path.name}: the file is empty\n{_FORMS}")
    return text


def _document(text: str) -> object:
    """Return the one JSON value that the text is, None where it is several or none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _refuse_prompts(path: Path, prompts: Sequence[str]) -> None:
    if prompts:
        raise DatasetError(
            f"{path.name}: --prompt {prompts[0]!r}: the file has the answers to one "
            "prompt\n  Leave it out: it picks one out of a promptfoo file."
        )


def _entries(
    name: str, content: bytes, document: object
) -> tuple[str, list[tuple[int, object]]]:
    """Return the form of a JSON file, and its values with the place of each."""
    if isinstance(document, list):
        return "json", list(enumerate(document, start=1))
    return "jsonl", [*numbered_records(content, file=name)]


def _records(
    name: str, digest: str, tool: str, entries: Sequence[tuple[int, object]]
) -> AnswerFile:
    file = AnswerFile(name, digest, tool, ())
    answers: list[GivenAnswer] = []
    unread: dict[str, None] = {}
    for place, value in entries:
        where = file.at(place)
        if not isinstance(value, dict):
            raise DatasetError(f"{where}: this is no JSON object\n{_FORMS}")
        named = {str(key): said for key, said in value.items()}
        record = {_ALIASES.get(key, key): said for key, said in named.items()}
        unread |= dict.fromkeys(key for key in record if key not in _READ)
        answers.append(_answer(record, place, where))
    if not answers:
        raise DatasetError(f"{name}: the file holds no answer\n{_FORMS}")
    return AnswerFile(name, digest, tool, tuple(answers), unread=tuple(unread))


def _csv(name: str, digest: str, text: str) -> AnswerFile:
    csv.field_size_limit(LARGEST)
    lines = io.StringIO(text, newline="")
    # strict: a quotation mark that is never closed would swallow the answers behind it
    reader = csv.reader(lines, delimiter=_delimiter(text), strict=True)
    rows = _rows(name, reader)
    _, head = next(rows)
    columns = [_ALIASES.get(c, c) for c in (cell.strip().lower() for cell in head)]
    _check_head(name, columns)
    answers = []
    for line, cells in rows:
        if len(cells) != len(columns):
            raise DatasetError(
                f"{name}:{line}: {len(cells)} cells, the head has {len(columns)}\n"
                "  Put cells with a comma, a quotation mark or a line break in quotes."
            )
        pairs: dict[str, object] = dict(zip(columns, cells, strict=True))
        filled = {c: said for c, said in pairs.items() if said or c in _NEEDED}
        answers.append(_answer(filled, line, f"{name}:{line}"))
    if not answers:
        raise DatasetError(f"{name}: the file holds no answer\n{_FORMS}")
    unread = tuple(column for column in columns if column not in _READ)
    return AnswerFile(name, digest, "csv", tuple(answers), unread=unread)


def _check_head(name: str, columns: Sequence[str]) -> None:
    for column in _READ:
        found = columns.count(column)
        if found > 1 or (not found and column in _NEEDED):
            what = "stands twice" if found else "is missing"
            raise DatasetError(f"{name}:1: the column {column!r} {what}\n{_FORMS}")


def _delimiter(text: str) -> str:
    """Return what separates the cells: what makes id and answer of the first line."""
    head = text.partition("\n")[0].lower()
    for delimiter in _DELIMITERS:
        cells = [cell.strip().strip('"') for cell in head.split(delimiter)]
        if set(_NEEDED) <= set(cells):
            return delimiter
    return _DELIMITERS[0]


def _rows(name: str, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows, each with the line that it begins in; empty ones are no rows."""
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DatasetError(f"{name}:{line}: this is no CSV ({error})") from None
        if any(cells):
            yield line, cells
        line = reader.line_num + 1  # type: ignore[attr-defined]


def _answer(record: Mapping[str, object], place: int, where: str) -> GivenAnswer:
    for key in _NEEDED:
        if key not in record:
            raise DatasetError(f"{where}: {key!r} is missing\n{_FORMS}")
    seconds = number_of(record.get("latency_seconds"), "latency_seconds", where)
    if seconds is None:
        thousandths = number_of(record.get("latency_ms"), "latency_ms", where)
        seconds = None if thousandths is None else thousandths / 1000
    return GivenAnswer(
        id=id_of(record["id"], where),
        text=text_of(record["answer"], where),
        place=place,
        seconds=seconds,
        prompt_tokens=count_of(record.get("prompt_tokens"), "prompt_tokens", where),
        answer_tokens=count_of(record.get("answer_tokens"), "answer_tokens", where),
        passages=_passages(record.get("passages"), where),
    )


def _passages(value: object, where: str) -> tuple[str, ...]:
    """Return document ids: a list, or in a cell a JSON list or ids between ``;``."""
    if isinstance(value, str):
        listed = _document(value) if value.lstrip().startswith("[") else None
        value = listed if isinstance(listed, list) else value.split(";")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise DatasetError(f"{where}: passages: {str(value)[:40]!r} is no list of ids")
    ids = (one for one in value if not isinstance(one, str) or one.strip())
    return tuple(id_of(one, f"{where}: passages") for one in ids)
