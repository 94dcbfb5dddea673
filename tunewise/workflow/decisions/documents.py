"""Documents that are named as evidence: what can be looked at, and what was.

a file        its bytes are kept, or it is said why not; one that is missing is refused
a URL         not checked
a title       not checked: anything that does not look like a path
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from tunewise.domain.errors import FactError

LARGEST = 64_000_000  # bytes of a document: what shows a fact, not the data themselves

_URL = re.compile(r"[a-z][a-z0-9+.-]*://|mailto:|doi:|urn:", re.IGNORECASE)
_ROOTED = re.compile(r"[/\\~]|\.{1,2}[/\\]|[a-z]:[/\\]", re.IGNORECASE)
_ENDING = re.compile(r"\.[a-z][a-z0-9]{1,4}", re.IGNORECASE)
# of files: in a text with blanks, "see wiki.org" has no such ending
_KNOWN_ENDING = re.compile(
    r"\.(csv|docx?|eml|html?|ipynb|jpe?g|jsonl?|log|md|msg|od[pst]|pdf|png|pptx?|rtf"
    r"|tex|toml|tsv|txt|xlsx?|xml|ya?ml|zip)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at of a document, in words; its file where that is kept."""

    checked: str
    file: Path | None = None


class MissingDocument(FactError):
    """A document that looks like a path, where there is no file."""


def look_up(reference: str, *, folder: Path | None, within: bool = False) -> Looked:
    """Look for a document by its path, URL or title.

    Parameters
    ----------
    folder : Path or None
        Where paths begin; None where no file may be read.
    within : bool
        Read only what lies in the folder or below: a sheet may come from somebody
        else.

    Raises
    ------
    MissingDocument
        If it looks like a path and no such file exists.
    FactError
        If the file cannot be read.
    """
    if folder is None:
        return Looked("not checked: files are read on the command line only")
    if _URL.match(reference):
        return Looked("not checked: a URL")
    try:
        path = (folder / reference).resolve()
        exists, inside = path.exists(), path.is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # too long, links in a circle, NUL
        exists, inside, path = False, False, folder
    if not exists and looks_like_path(reference):
        raise MissingDocument(
            f"there is no file '{reference[:80]}' in {folder.resolve()}"
        )
    if not exists:
        return Looked("not checked: no file has this name")
    if within and not inside:
        return Looked("it exists, not read: outside the folder of the fact file")
    return _file(path)


def looks_like_path(reference: str) -> bool:
    """Tell whether a text is meant as a file's path, and not as a title.

    >>> [looks_like_path(text) for text in ("evals/one.pdf", "Our eval.pdf", "../x")]
    [True, True, True]
    >>> [looks_like_path(text) for text in ("The eval of 2026", "Apache-2.0 licence")]
    [False, False]
    """
    ending = Path(reference).suffix
    if _ROOTED.match(reference):
        return True
    if re.search(r"\s", reference):
        return bool(_KNOWN_ENDING.fullmatch(ending))
    separated = "/" in reference or "\\" in reference
    return separated or bool(_ENDING.fullmatch(ending))


def _file(path: Path) -> Looked:
    if not path.is_file():
        return Looked("the folder exists, not read")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if size <= LARGEST:
                return Looked("the file exists, kept here", path)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FactError(
            f"{path}: the document cannot be read ({error.strerror})\n"
            "  Make it readable, or name it by its title or address."
        ) from None
    return Looked(
        f"the file exists with sha256:{digest}, not kept: {size / 1e6:.1f} MB are more "
        f"than {LARGEST / 1e6:.0f}"
    )
