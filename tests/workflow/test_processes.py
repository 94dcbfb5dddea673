import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tunewise.workflow.processes import Ended, ProgressFile, call, train

needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")


def test_progress_is_read_once_and_only_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    follower = ProgressFile(path)
    assert list(follower.new()) == []

    path.write_text('{"done": 1}\n{"do')
    first = list(follower.new())
    with path.open("a") as file:
        file.write('ne": 2}\n')

    assert first == [{"done": 1}]
    assert list(follower.new()) == [{"done": 2}]
    assert list(follower.new()) == []


def test_a_resumed_run_does_not_tell_its_earlier_progress_again(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    path.write_text('{"done": 1}\n')

    assert list(ProgressFile(path).new()) == []


def test_a_run_that_cannot_be_read_says_why_with_status_2(tmp_path: Path) -> None:
    ended = train(tmp_path, lambda _: None)

    assert ended.status == 2
    assert "there is no run.json in this folder" in ended.errors


def test_a_module_is_called_to_its_end() -> None:
    assert call(["json.tool", "--help"]).status == 0
    ended = call(["no_such_module"])
    assert (ended.status, "No module named" in ended.reason) == (1, True)


def test_a_folder_named_like_ours_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trainer.py").write_text("raise SystemExit(99)")
    monkeypatch.chdir(tmp_path)

    assert train(tmp_path, lambda _: None).status == 2


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (Ended(1, "Traceback:\nValueError: no"), "ValueError: no"),
        (Ended(4, ""), "status 4 without a message"),
        (
            Ended(-signal.SIGKILL, "half a li"),
            "it was ended from outside (SIGKILL); was there too little memory?",
        ),
        (Ended(-signal.SIGTERM, ""), "it was ended from outside (SIGTERM)"),
    ],
)
def test_a_child_says_in_one_line_why_it_ended(ended: Ended, reason: str) -> None:
    assert ended.reason == reason


def soon(holds: Callable[[], bool]) -> bool:
    """Return whether it holds within a minute (of a busy machine)."""
    end = time.monotonic() + 60
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def child_of(parent: int) -> int:
    """Return the id of the trainer that a process started, 0 while there is none."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            found = int(stat.read_text().rpartition(")")[2].split()[1])
            ours = "trainer" in (stat.parent / "cmdline").read_text()
        except OSError:  # it has just ended
            continue
        if found == parent and ours:
            return int(stat.parent.name)
    return 0


@needs_proc
def test_a_child_does_not_outlive_the_process_that_started_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "run.json")  # the child waits for somebody to write into it
    code = (
        "import sys; from pathlib import Path\n"
        "from tunewise.workflow.processes import train\n"
        "train(Path(sys.argv[1]), print)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    assert soon(lambda: child_of(parent.pid) > 0)
    child = child_of(parent.pid)

    parent.kill()
    parent.wait()

    assert soon(lambda: not Path(f"/proc/{child}").exists())
