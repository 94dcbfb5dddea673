"""Child processes: one run each, and its end when ours ends.

Everything heavy runs in a child, so that its memory is given back and the service
stays small. The child holds the read end of a pipe; when this process dies, the
pipe closes and the child leaves.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Entry = Mapping[str, object]

# -P: a folder named trainer where the user stands must not be taken for ours
PYTHON = (sys.executable, "-P", "-m")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit status and the last lines of its errors."""

    status: int
    errors: str

    @property
    def killed(self) -> bool:
        """Whether it was killed outright, as the kernel does when memory runs out."""
        return self.status == -signal.SIGKILL

    @property
    def reason(self) -> str:
        """Why it ended, in one line: the signal, or the last line of its errors."""
        if self.status < 0:
            name = signal.Signals(-self.status).name
            memory = "; was there too little memory?" if name == "SIGKILL" else ""
            return f"it was ended from outside ({name}){memory}"
        lines = self.errors.splitlines()
        return lines[-1] if lines else f"status {self.status} without a message"


def train(
    folder: Path,
    on_progress: Callable[[Sequence[Entry]], None],
    raise_if_stopped: Callable[[], None] = lambda: None,
) -> Ended:
    """Run ``python -m trainer FOLDER`` and follow its progress to its end.

    ``on_progress`` gets what was reported since the last time, five times a second;
    ``raise_if_stopped`` is called as often. What either raises, and an interruption
    (Ctrl-C), ends the child and is raised again.
    """
    follower = ProgressFile(folder / "progress.jsonl")
    child = _start([*PYTHON, "trainer", str(folder)])
    tail = _Tail(child)
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.2)
            raise_if_stopped()
            if entries := list(follower.new()):
                on_progress(entries)
            if child.poll() is not None:
                return Ended(child.returncode, tail.text())
    except BaseException:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=1)
        child.kill()
        child.wait()
        raise
    finally:
        tail.text()  # read to its end, so that the pipe is closed
        if child.stdin:
            child.stdin.close()


def call(arguments: Sequence[str]) -> Ended:
    """Run ``python -m …`` to its end."""
    done = subprocess.run(
        [*PYTHON, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=_environment(),
        check=False,
    )
    return Ended(done.returncode, (done.stderr or done.stdout).strip())


def call_until_we_end(
    arguments: Sequence[str], *, let_go: Callable[[], bool] = lambda: False
) -> Ended:
    """Run ``python -m …`` to its end, or to ours if that comes first.

    ``let_go`` is asked five times a second; where it says so, the child is ended.
    """
    child = _start([*PYTHON, *arguments])
    tail = _Tail(child)
    try:
        while child.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.2)
            if child.poll() is None and let_go():
                child.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=2)
                child.kill()
                child.wait()
        return Ended(child.returncode, tail.text())
    finally:
        if child.stdin:
            child.stdin.close()


class ProgressFile:
    """Reads the lines that a run appends, each once."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset = path, path.stat().st_size if path.exists() else 0

    def new(self) -> Iterator[Entry]:
        """Yield the entries that were added since the last call."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return  # still being written
                self._offset += len(line)
                yield json.loads(line)


class _Tail:
    """Keeps the last lines of a child's standard error."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._lines: deque[str] = deque(maxlen=40)
        self._stream = child.stderr
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        if self._stream:
            with self._stream:
                for line in self._stream:
                    self._lines.append(line.decode(errors="replace").rstrip())

    def text(self) -> str:
        self._thread.join(timeout=5)
        return "\n".join(self._lines)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    # Progress bars of libraries are noise in a log that only an error is read from.
    return {**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1", "TQDM_DISABLE": "1"}
