"""Uploaded examples as the chat JSON Lines that a registration reads.

JSON Lines pass as they are: whatever is wrong with them the check says. CSV has a head
with prompt and answer, and perhaps system, id and group.
"""

import csv
import io
import json

from tunewise.domain.errors import DatasetError

_LONGEST = (
    256_000_000  # characters of a cell, as answers.files has it; no upload has more
)
_NEEDED = ("prompt", "answer")
_METADATA = ("id", "group")
_ALIASES = {
    **dict.fromkeys(("question", "input", "user", "text", "message"), "prompt"),
    **dict.fromkeys(("reference", "output", "completion", "label"), "answer"),
}


def as_chat(content: bytes, *, name: str) -> bytes:
    """Return JSON Lines as they are, and CSV as chat JSON Lines.

    Raises
    ------
    DatasetError
        If the bytes are not UTF-8, or a CSV whose head or row cannot be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DatasetError(
            f"{name}:{line}: this is not UTF-8\n  Save the file as UTF-8."
        ) from None
    if not text.strip():
        raise DatasetError(f"{name}: it is empty\n  Give at least one example.")
    if text.lstrip()[:1] in ("{", "["):
        return text.encode()
    return _chat_of_csv(text, name).encode()


def _chat_of_csv(text: str, name: str) -> str:
    csv.field_size_limit(_LONGEST)  # of the whole process: the same for every reader
    delimiter = next((d for d in ",;\t" if d in text.partition("\n")[0]), ",")
    # strict: a quotation mark that is never closed would swallow the rows behind it
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        head = [_column(cell) for cell in next(reader)]
        _check_head(head, name)
        lines = [
            _chat(_row(head, cells, f"{name}:{reader.line_num}"))
            for cells in reader
            if any(cells)
        ]
    except csv.Error as error:
        raise DatasetError(
            f"{name}:{reader.line_num}: this is no CSV ({error})\n"
            "  Save it as CSV with the head prompt,answer."
        ) from None
    if not lines:
        raise DatasetError(
            f"{name}: there is no row below its head\n  Give at least one example."
        )
    return "".join(f"{line}\n" for line in lines)


def _column(cell: str) -> str:
    plain = cell.strip().lower()
    return _ALIASES.get(plain, plain)


def _check_head(head: list[str], name: str) -> None:
    for column in _NEEDED:
        if head.count(column) != 1:
            what = "stands twice" if column in head else "is missing"
            raise DatasetError(
                f"{name}:1: the column {column!r} {what}\n"
                "  A CSV has prompt and answer, and perhaps system, id and group; "
                "else give chat JSON Lines."
            )


def _row(head: list[str], cells: list[str], where: str) -> dict[str, str]:
    if len(cells) != len(head):
        raise DatasetError(
            f"{where}: {len(cells)} cells, the head has {len(head)}\n"
            "  Put cells with a comma, a quotation mark or a line break in quotes."
        )
    return dict(zip(head, cells, strict=True))


def _chat(row: dict[str, str]) -> str:
    said = (("system", row.get("system", "")), ("user", row["prompt"]))
    messages = [{"role": role, "content": text} for role, text in said if text]
    messages.append({"role": "assistant", "content": row["answer"]})
    metadata = {key: row[key] for key in _METADATA if row.get(key)}
    record = {"messages": messages, **({"metadata": metadata} if metadata else {})}
    return json.dumps(record, ensure_ascii=False)
