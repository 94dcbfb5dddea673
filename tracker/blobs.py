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
    algorithm, _, name = digest.partition(":")
    hexadecimal = len(name) == 64 and not set(name) - set("0123456789abcdef")
    if algorithm != "sha256" or not hexadecimal:
        raise NotRecorded(
            f"{digest!r} is not a digest\n  Write it as sha256: and 64 hex digits."
        )
    return folder / algorithm / name[:2] / name[2:]


def has(folder: Path, digest: str) -> bool:
    """Return whether the blob is there (not whether it is whole: see verify)."""
    return path(folder, digest).is_file()


def open_blob(folder: Path, digest: str) -> BinaryIO:
    """Open a blob for reading."""
    try:
        return path(folder, digest).open("rb")
    except FileNotFoundError as error:
        raise NotRecorded(
            f"{folder}: there is no blob {digest}\n"
            "  It was deleted, or the folder is not complete: restore a backup."
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
    place = path(folder, digest)
    if not place.is_file():
        return False
    with place.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" == digest


def digests(folder: Path) -> list[str]:
    """Return the digest of every blob in the folder."""
    files = sorted((folder / "sha256").glob("??/*"))
    return [f"sha256:{file.parent.name}{file.name}" for file in files]


def remove(folder: Path, digest: str) -> bool:
    """Delete a blob's bytes; return whether there were any. The caller logs it."""
    place = path(folder, digest)
    there = place.is_file()
    with _explained(folder):
        place.unlink(missing_ok=True)
    return there


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
                _place(temporary, path(folder, digest))
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
