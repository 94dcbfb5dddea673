"""Content and its digests: equal content has equal digests, on every machine.

    example   -> canonical bytes -> sha256
    split     -> sha256 over the *sorted* hashes of its examples
    dataset   -> sha256 over the digests of its splits and documents
    order     -> the hashes themselves, in file order (``hash_list``)

The text counts exactly as it is: no Unicode normal form, no trimming. Where an
example stood in its file does not count, so a file in another order, with CRLF or
with other JSON spacing is recognised as the same content; an example that stands
there twice is not the same as one that stands there once.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tunewise.domain.dataset import Dataset, Document, Example, Split, SplitDigest

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_FORM = "tunewise canonical form 1"  # a later form must not share digests with it


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of one dataset's content."""

    dataset: str
    splits: Mapping[Split, SplitDigest]  # those that have examples
    documents: SplitDigest | None
    hash_list: bytes  # "train sha256:…" a line: each example's hash, in file order


def record(example: Example) -> dict[str, object]:
    """Return the example as the chat format writes it; empty metadata is left out.

    So is what is false: a key that came later moves no digest of older data.
    """
    metadata: dict[str, object] = {
        "id": example.id,
        "group": example.group,
        "timestamp": example.timestamp,
        "gold_doc_ids": list(example.gold_doc_ids),
        "answers": list(example.answers),
        "unanswerable": example.unanswerable,
    }
    kept = {key: value for key, value in metadata.items() if value}
    messages = [{"role": m.role, "content": m.content} for m in example.messages]
    return {"messages": messages, **({"metadata": kept} if kept else {})}


def document_record(document: Document) -> dict[str, object]:
    """Return the document as the document format writes it."""
    return {"id": document.id, "title": document.title, "text": document.text}


def canonical(value: Mapping[str, object]) -> bytes:
    """Return a record's canonical bytes: sorted keys, no spaces, UTF-8.

    >>> canonical({"b": "é", "a": 1}).decode()
    '{"a":1,"b":"é"}'
    """
    return _ENCODER.encode(value).encode("utf-8")


def example_hash(example: Example) -> str:
    """Return the hash of an example's content, its line left out."""
    return digest(canonical(record(example)))


def document_hash(document: Document) -> str:
    """Return the hash of a document's content."""
    return digest(canonical(document_record(document)))


def split_digest(examples: Iterable[Example]) -> SplitDigest:
    """Return the digest of a split, whatever order its examples stand in."""
    return _digest_of([example_hash(e) for e in examples])


def digests(dataset: Dataset) -> Digests:
    """Return every digest of a dataset."""
    hashes = {
        s: [example_hash(e) for e in dataset.split(s)]
        for s in Split
        if dataset.split(s)
    }
    splits = {split: _digest_of(found) for split, found in hashes.items()}
    of_documents = [document_hash(d) for d in dataset.documents]
    documents = _digest_of(of_documents) if of_documents else None
    parts = [f"{split} {splits[split].digest}" for split in Split if split in splits]
    if documents:
        parts.append(f"documents {documents.digest}")
    whole = digest("\n".join([_FORM, *parts]).encode())
    named = {
        **{str(s): found for s, found in hashes.items()},
        "documents": of_documents,
    }
    listed = "".join(f"{name} {h}\n" for name, found in named.items() for h in found)
    return Digests(whole, splits, documents, listed.encode())


def to_jsonl(examples: Iterable[Example]) -> bytes:
    """Return examples as canonical chat JSON Lines, in the order given."""
    return b"".join(canonical(record(e)) + b"\n" for e in examples)


def documents_to_jsonl(documents: Iterable[Document]) -> bytes:
    """Return documents as canonical JSON Lines, in the order given."""
    return b"".join(canonical(document_record(d)) + b"\n" for d in documents)


def _digest_of(hashes: list[str]) -> SplitDigest:
    return SplitDigest(len(hashes), digest("\n".join(sorted(hashes)).encode()))


def digest(content: bytes) -> str:
    """Return the sha256 of some bytes, as blobs are named by it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
