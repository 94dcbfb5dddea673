"""Where a head is kept outside: an annotated tag of a git repository, a file's line.

Reading is bounded and runs nothing: a folder or file that a record names may be
anybody's. A repository's own configuration can name programs that git starts where it
watches files or fetches objects that are missing; both are switched off.
"""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tunewise.domain.errors import EnvironmentProblem

_PREFIX = "tunewise-"  # of our tags
_SECONDS = 30  # git's time
_LONGEST = 16_000_000  # bytes of a file of anchors or of tags, some 60,000 lines
_TOO_LARGE = f"not reached (too large: more than {_LONGEST // 1_000_000} MB to read)"
# who tags, and where git is configured; GIT_DIR of a hook would name another repository
_KEPT = ("GIT_CONFIG_", "GIT_COMMITTER_")
_NOTHING_RUNS = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # no transport: an older git fetches nothing either
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}


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
            content = file.read(_LONGEST + 1)
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be read ({error.strerror})\n  Make it readable."
        ) from error
    if len(content) > _LONGEST:
        raise EnvironmentProblem(
            f"{path}: {_TOO_LARGE}\n"
            "  Copy the lines that hold anchors into a file of their own."
        )
    lines = enumerate(content.decode("utf-8", "replace").splitlines(), start=1)
    return [Line(f"line {number}", line) for number, line in lines if line.strip()]


def _require_repository(folder: Path) -> None:
    if not folder.is_dir() or _git(folder, ["rev-parse", "--git-dir"]).returncode:
        raise EnvironmentProblem(
            f"{folder}: there is no git repository here\n"
            "  Name the folder of one; `git init` makes one."
        )


def _git(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run git on a repository, and nothing that the repository names."""
    try:
        process = subprocess.Popen(
            ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**_environment(os.environ), **_NOTHING_RUNS},
        )
    except FileNotFoundError as error:
        raise EnvironmentProblem(
            "git is not installed here\n  Install it, or anchor in a file: --file."
        ) from error
    except (OSError, ValueError) as error:  # a name with a NUL, or without an end
        raise EnvironmentProblem(
            f"{folder}: git cannot be asked for a tag of that name\n"
            "  A name is short, and made of plain text."
        ) from error
    late = threading.Timer(_SECONDS, process.kill)
    late.start()
    with process, ThreadPoolExecutor(2) as pool:  # a full pipe would hold up the other
        streams = [s for s in (process.stdout, process.stderr) if s is not None]
        said, errors = pool.map(_most_of, streams)
    in_time = late.is_alive()
    late.cancel()
    if not in_time:
        raise EnvironmentProblem(
            f"{folder}: git did not answer within {_SECONDS} s\n"
            "  See what holds it up, and try again."
        )
    if max(len(said), len(errors)) > _LONGEST:
        raise EnvironmentProblem(
            f"{folder}: {_TOO_LARGE}\n  Keep anchors in a repository of their own."
        )
    return subprocess.CompletedProcess(
        process.args,
        process.returncode,
        said.decode("utf-8", "replace"),
        errors.decode("utf-8", "replace"),
    )


def _most_of(stream: IO[bytes]) -> bytes:
    """Return what git writes; closing the pipe ends a git that writes too much."""
    with stream:
        return stream.read(_LONGEST + 1)


def _environment(inherited: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in inherited.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }


def _reason(errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"
