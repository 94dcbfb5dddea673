"""Bytes by their digest: ``blobs/sha256/ab/cdef…``, written once, read-only.

A blob is written beside its place, flushed, and renamed into it, so a name never
stands for half a file. The same bytes are kept once.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tunewise.domain.errors import EnvironmentProblem, NotRecorded

_CHUNK = 1 << 20  # bytes read at a time
_READ_ONLY = 0o444


def put_bytes(folder: Path, data: bytes) -> str:
    """Store bytes and return their digest, ``sha256:…``."""
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    # Most are there: a decision keeps every rule file, and writing them waits for
    # the disk each time.
    if is_whole(folder, digest):
        return digest
    return _put(folder, [data])


def put_file(folder: Path, source: Path) -> str:
    """Store a copy of a file's content and return its digest."""
    with source.open("rb") as file:
        return _put(folder, iter(lambda: file.read(_CHUNK), b""))


def path(folder: Path, digest: str) -> Path:
    """Return where a blob is, or would be.

    >>> path(Path("blobs"), "sha256:" + "ab" * 32).parts[:3]
    ('blobs', 'sha256', 'ab')
    """
    if not is_digest(digest):
        raise NotRecorded(
            f"{digest!r} is not a digest\n  Write it as sha256: and 64 hex digits."
        )
    algorithm, _, name = digest.partition(":")
    return folder / algorithm / name[:2] / name[2:]


def is_digest(text: str) -> bool:
    """Return whether a text can name a blob: nothing else ever becomes a path."""
    algorithm, _, name = text.partition(":")
    hexadecimal = len(name) == 64 and not set(name) - set("0123456789abcdef")
    return algorithm == "sha256" and hexadecimal


def has(folder: Path, digest: str) -> bool:
    """Return whether the blob is there (not whether it is whole: see verify)."""
    return _inside(folder, digest).is_file()


def open_blob(folder: Path, digest: str) -> BinaryIO:
    """Open a blob for reading."""
    place = _inside(folder, digest)
    try:
        return place.open("rb")
    except FileNotFoundError as error:
        raise NotRecorded(
            f"{place}: this blob is missing\n"
            "  It was deleted, or the folder is not complete: restore a backup; "
            "`tunewise verify` says what rests on it."
        ) from error
    except OSError as error:
        raise EnvironmentProblem(
            f"{place}: this blob cannot be read ({error.strerror})\n"
            "  Make it readable, or restore a backup."
        ) from error


def read(folder: Path, digest: str) -> bytes:
    """Return a blob's bytes; refuse them if they are damaged."""
    with open_blob(folder, digest) as file:
        data = file.read()
    if f"sha256:{hashlib.sha256(data).hexdigest()}" != digest:
        raise EnvironmentProblem(
            f"{path(folder, digest)}: the content is not what was stored\n"
            "  Restore the file from a backup; `tunewise verify` lists all damage."
        )
    return data


def is_whole(folder: Path, digest: str) -> bool:
    """Return whether the blob is there and its bytes still have this digest."""
    return digest_of(folder, digest) == digest


def digest_of(folder: Path, digest: str) -> str:
    """Return the digest of the bytes that stand where a blob belongs, "" for none."""
    place = _inside(folder, digest)
    if not place.is_file():
        return ""
    sha = hashlib.sha256()
    with open_blob(folder, digest) as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            sha.update(chunk)
    return f"sha256:{sha.hexdigest()}"


def digests(folder: Path) -> list[str]:
    """Return the digest of every blob in the folder."""
    files = sorted((folder / "sha256").glob("??/*"))
    named = (f"sha256:{file.parent.name}{file.name}" for file in files)
    return [digest for digest in named if is_digest(digest)]


def remove(folder: Path, digest: str) -> bool:
    """Delete a blob's bytes; return whether there were any. The caller logs it."""
    place = _inside(folder, digest)
    there = place.is_file()
    with _explained(folder):
        place.unlink(missing_ok=True)
    return there


def _inside(folder: Path, digest: str) -> Path:
    """Return a blob's path; refuse one that a link leads out of the folder."""
    place = path(folder, digest)
    for step in (folder, place.parent.parent, place.parent, place):
        if step.is_symlink():
            raise EnvironmentProblem(
                f"{step}: this is a link, and blobs stay inside their home\n"
                "  Put the files themselves there; for another disk, move the whole "
                "home and name it with --home."
            )
    return place


def _put(folder: Path, chunks: Iterator[bytes] | list[bytes]) -> str:
    with _explained(folder):
        incoming = folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=incoming)
        temporary = Path(name)
        try:
            sha = hashlib.sha256()
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks:
                    sha.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            digest = f"sha256:{sha.hexdigest()}"
            # a damaged one is replaced: these bytes are good
            if not is_whole(folder, digest):
                _place(temporary, _inside(folder, digest))
        finally:
            temporary.unlink(missing_ok=True)
    return digest


def _place(temporary: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary.chmod(_READ_ONLY)
    temporary.replace(place)
    if os.name == "posix":  # elsewhere a folder cannot be opened
        descriptor = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        free_mb = 0
        if folder.is_dir():
            free_mb = shutil.disk_usage(folder).free // 1_000_000
        raise EnvironmentProblem(
            f"{folder}: cannot be written ({error.strerror}; {free_mb} MB free)\n"
            "  Free some space or make the folder writable, and try again."
        ) from error
