"""Files and folders that somebody asked for: written whole or not at all."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tunewise import __version__
from tunewise.domain.errors import EnvironmentProblem

RECORD = "tunewise.json"  # the file that says what an export is of
SOFTWARE = f"tunewise {__version__}"
REPORTED_WITH = "reported_with"  # the key under which a report names its software


def write_text(path: Path, text: str) -> Path:
    """Write a file, over an older one too, by one rename."""
    with _explained(path), tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        made = Path(scratch) / "new"
        made.write_text(text, encoding="utf-8")
        os.replace(made, path)
    return path


def write_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Write files into a folder that is new or empty; return their paths.

    The files may be read one by one: nothing stands in the folder before the last.
    """
    names = []
    with new_folder(folder) as made:
        for name, content in files:
            _refuse_path(name)
            (made / name).write_bytes(content)
            names.append(name)
    return [str(folder / name) for name in names]


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to fill; at the end its files stand in ``folder``, all or none.

    ``folder`` must be new or empty.
    """
    with _explained(folder):
        if folder.is_symlink():
            raise EnvironmentProblem(
                f"{folder}: this is a symbolic link\n"
                f"  Name the folder itself: {folder.resolve()}."
            )
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise EnvironmentProblem(
                f"{folder}: this is not an empty folder\n  Name a new one."
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            yield Path(scratch)
            folder.mkdir(exist_ok=True)
            for made in Path(scratch).iterdir():
                os.replace(made, folder / made.name)


def exported_record(view: Mapping[str, object], *, head: str) -> tuple[str, bytes]:
    """Return the file that says what an export is of; ``verify`` proves it later."""
    record = {**reported(view), "audit_head": head}
    text = json.dumps(record, ensure_ascii=False, indent=1)
    return RECORD, (text + "\n").encode()


def reported(view: Mapping[str, object]) -> dict[str, object]:
    """Return a view as a file that leaves the house holds it: with its software."""
    return {**view, REPORTED_WITH: SOFTWARE}


def _refuse_path(name: str) -> None:
    """Refuse a name that leads out of the folder: records may be somebody else's."""
    if name in ("", ".", "..") or Path(name).name != name:
        raise EnvironmentProblem(
            f"{name!r} is a path, and no name of a file\n"
            "  The record was made or altered by other software: `tunewise verify`."
        )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written ({error.strerror})\n"
            "  Choose a place that exists and is writable."
        ) from None
