"""Where a head is kept outside: an annotated tag of a git repository, a file's line.

Reading is bounded and runs nothing: a folder or file that a record names may be
anybody's.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tunewise.domain.errors import EnvironmentProblem

_PREFIX = "tunewise-"  # of our tags
_SECONDS = 30  # git's time
_LONGEST = 16_000_000  # bytes of a file of anchors, some 60,000 lines


@dataclass(frozen=True, slots=True)
class Line:
    """One text that is kept outside, and its name there."""

    name: str
    text: str


def write_tag(folder: Path, name: str, message: str, *, tagger: str) -> None:
    """Make an annotated tag on the current commit of a repository; nothing is pushed.

    Without a name and address in git's own configuration the tagger is ``tagger``.
    """
    _require_repository(folder)
    known = _git(folder, ["var", "GIT_COMMITTER_IDENT"]).returncode == 0
    who = (
        []
        if known
        else ["-c", f"user.name={tagger}", "-c", "user.email=tunewise@localhost"]
    )
    done = _git(folder, [*who, "tag", "--annotate", "--message", message, "--", name])
    if done.returncode:
        raise EnvironmentProblem(
            f"{folder}: git could not make the tag {name} ({_reason(done.stderr)})\n"
            "  A tag needs a commit, and a name that is free: choose one with --tag."
        )


def read_tags(folder: Path, names: Sequence[str] = ()) -> list[Line]:
    """Return the messages of our tags, and of those named, in one line each."""
    _require_repository(folder)
    refs = [f"refs/tags/{name}" for name in (f"{_PREFIX}*", *names)]
    form = "--format=%(refname:strip=2)%09%(contents:subject)"
    done = _git(folder, ["for-each-ref", form, *refs])
    if done.returncode:
        raise EnvironmentProblem(
            f"{folder}: git cannot list its tags ({_reason(done.stderr)})\n"
            "  Name the folder of a repository."
        )
    pairs = (line.partition("\t") for line in done.stdout.splitlines())
    return [Line(name, text) for name, _, text in pairs]


def write_line(path: Path, text: str) -> None:
    """Append one line to a file, on the disk when this returns."""
    try:
        with path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
            begin = b"\n" if size and file.read(1) != b"\n" else b""
            file.write(begin + text.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written ({error.strerror})\n"
            "  Name a file in a folder that exists and that you may write in."
        ) from error


def read_lines(path: Path) -> list[Line]:
    """Return the lines of a file of anchors."""
    if not path.is_file():
        raise EnvironmentProblem(
            f"{path}: there is no such file\n  Name the file that holds the anchors."
        )
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST).decode("utf-8", "replace")
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be read ({error.strerror})\n  Make it readable."
        ) from error
    lines = enumerate(text.splitlines(), start=1)
    return [Line(f"line {number}", line) for number, line in lines if line.strip()]


def _require_repository(folder: Path) -> None:
    if not folder.is_dir() or _git(folder, ["rev-parse", "--git-dir"]).returncode:
        raise EnvironmentProblem(
            f"{folder}: there is no git repository here\n"
            "  Name the folder of one; `git init` makes one."
        )


def _git(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"},
        )
    except FileNotFoundError as error:
        raise EnvironmentProblem(
            "git is not installed here\n  Install it, or anchor in a file: --file."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise EnvironmentProblem(
            f"{folder}: git did not answer within {_SECONDS} s\n"
            "  See what holds it up, and try again."
        ) from error


def _reason(errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"
