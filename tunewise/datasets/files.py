"""The one place of this package that reads files.

paths by role  --load-->  Dataset + findings + file names by role
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tunewise.datasets.chat import parse
from tunewise.datasets.documents import parse_documents
from tunewise.domain.dataset import Dataset, Document, Example, QualityFinding, Split
from tunewise.domain.errors import DatasetError

DOCUMENTS = "documents"
ROLES = (*(str(s) for s in Split), DOCUMENTS)
_NAMES = (
    (DOCUMENTS, re.compile(r"doc|passage|corpus|knowledge")),
    (Split.VALIDATION, re.compile(r"valid|(^|[^a-z])(val|dev)([^a-z]|$)")),
    (Split.HELDOUT, re.compile(r"held.?out|test|eval")),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the files of one dataset hold, and what their format lacks."""

    dataset: Dataset
    findings: tuple[QualityFinding, ...]
    files: Mapping[str, str]  # role -> file name, as the findings print it


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading.

    Raises
    ------
    DatasetError
        If the file is missing, is a folder or cannot be read.
    """
    if path.is_char_device() or path.is_block_device():
        raise DatasetError(f"{path}: this is a device\n  Name a JSON Lines file.")
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise DatasetError(
            f"{path}: there is no such file\n  Check the name and the current folder."
        ) from None
    except IsADirectoryError:
        raise DatasetError(
            f"{path}: this is a folder\n  Name the JSON Lines file inside it."
        ) from None
    except OSError as error:
        raise DatasetError(
            f"{path}: the file cannot be read ({error.strerror})\n"
            "  Check its permissions."
        ) from error


def role_of(name: str) -> str:
    """Guess a file's role from its name; train where nothing speaks for another.

    >>> [role_of(n) for n in ("test.jsonl", "dev.jsonl", "my_docs.jsonl", "a.jsonl")]
    ['heldout', 'validation', 'documents', 'train']
    """
    stem = Path(name).stem.lower()
    return next((str(role) for role, mark in _NAMES if mark.search(stem)), "train")


def load(
    paths: Mapping[str, Path], *, called: Mapping[str, str] | None = None
) -> Loaded:
    """Read and parse the files of a dataset, given by role.

    Findings name a file as it is ``called`` by role, else by its path.

    Raises
    ------
    DatasetError
        If a role is not one of ROLES or a file cannot be read.
    """
    splits: dict[Split, tuple[Example, ...]] = {}
    findings: list[QualityFinding] = []
    documents: tuple[Document, ...] = ()
    names = {role: str(path) for role, path in paths.items()} | dict(called or {})
    for role, path in paths.items():
        if role not in ROLES:
            raise DatasetError(
                f"{role}: no such part of a dataset\n"
                f"  A dataset has the parts {', '.join(ROLES)}."
            )
        if role == DOCUMENTS:
            with opened(path) as file:
                parsed_documents = parse_documents(file, file=names[role])
            documents = parsed_documents.documents
            findings.extend(parsed_documents.findings)
        else:
            with opened(path) as file:
                parsed = parse(file, file=names[role])
            splits[Split(role)] = parsed.examples
            findings.extend(parsed.findings)
    return Loaded(Dataset(splits, documents), tuple(findings), names)
