"""Document files: one ``{"id", "title", "text"}`` a line, and what is wrong with them.

An answer names documents by id (``gold_doc_ids``), so an id must be there and be
the only one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tunewise.datasets.findings import FindingLog, counted, file_of, finding, name_of
from tunewise.datasets.jsonl import Entry, Source, parse_entries
from tunewise.datasets.texts import normal
from tunewise.domain.dataset import Dataset, Document, QualityFinding, Severity, Split

_FORMAT = 'A line is {"id": …, "title": …, "text": …}; the title may be left out.'


@dataclass(frozen=True, slots=True)
class ParsedDocuments:
    """The documents of one file, in file order, and what is wrong with it."""

    documents: tuple[Document, ...]
    findings: tuple[QualityFinding, ...]


def parse_documents(data: Source, *, file: str) -> ParsedDocuments:
    """Return the documents of a file and the faults of its lines.

    >>> parse_documents('{"id": "a"}', file="d.jsonl").findings[0].code
    'document_missing_key'
    """
    log = FindingLog(file)
    first: dict[str, int] = {}
    texts: dict[str, str] = {}
    documents = []
    for entry in parse_entries(data, log):
        document = _document(entry, log)
        if document is None:
            continue
        if document.id in first:
            what = f"the id {document.id!r} stands in line {first[document.id]} already"
            do = "Give every document its own id."
            log.block("duplicate_id", entry.line, what, do, cause="id")
            continue
        first[document.id] = entry.line
        same = texts.setdefault(normal(document.text), document.id)
        if same != document.id:
            what = f"the text is that of document {same!r}"
            do = "Retrieval will find either: keep one."
            log.warn("duplicate_document", entry.line, what, do, cause="text")
        documents.append(document)
    return ParsedDocuments(tuple(documents), log.findings())


def check_gold_ids(
    dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    """Find gold document ids that no document has."""
    known = {d.id for d in dataset.documents}
    for split in Split:
        named = [e for e in dataset.split(split) if e.gold_doc_ids]
        if not named:
            continue
        if not known:
            message = (
                f"{counted(len(named), 'example')} of {name_of(split)} with gold "
                "documents, but no documents. Give them with --documents to try "
                "retrieval."
            )
            file = file_of(files, split)
            yield finding(
                "no_documents", Severity.NOTE, file=file, lines=(), message=message
            )
            continue
        lost = {e.line: sorted(set(e.gold_doc_ids) - known) for e in named}
        lost = {line: ids for line, ids in lost.items() if ids}
        if lost:
            ids = sorted({i for missing in lost.values() for i in missing})
            message = (
                f"no document has the id {', '.join(map(repr, ids[:3]))}"
                f"{f' (and {len(ids) - 3} more)' if len(ids) > 3 else ''}, which "
                f"{name_of(split)} names. Add the documents or mend gold_doc_ids."
            )
            yield finding(
                "gold_doc_unknown",
                Severity.WARN,
                file=file_of(files, split),
                lines=lost,
                message=message,
            )


def _document(entry: Entry, log: FindingLog) -> Document | None:
    record = entry.value
    if not isinstance(record, dict):
        log.block("data_type", entry.line, "the line is no object", _FORMAT)
        return None
    missing = [k for k in ("id", "text") if k not in record]
    if missing:
        what = f"the document has no {' and no '.join(missing)}"
        log.block("document_missing_key", entry.line, what, _document_format(record))
        return None
    identity, title, text = record["id"], record.get("title") or "", record["text"]
    if isinstance(identity, bool) or not isinstance(identity, str | int):
        log.block("data_type", entry.line, "the id is no text", _FORMAT)
        return None
    if not isinstance(title, str) or not isinstance(text, str):
        wrong = "text" if isinstance(title, str) else "title"
        log.block("data_type", entry.line, f"the {wrong} is no text", _FORMAT)
        return None
    if not text.strip():
        do = "Leave the document out, or fill it."
        what = f"document {identity!r} is empty"
        log.warn("empty_document", entry.line, what, do, cause="empty")
    for key in sorted(record.keys() - {"id", "title", "text"}):
        what = f"the key {key!r} is not known and is left out"
        log.note("unknown_key", entry.line, what, _FORMAT)
    return Document(str(identity), title, text)


def _document_format(record: dict[str, object]) -> str:
    if "messages" in record:
        return "These are examples: give the file with --train or --heldout."
    return _FORMAT
