"""``--help`` and the service start at once: no model library, no SciPy."""

import json
import subprocess
import sys

import pytest

HEAVY = {"torch", "transformers", "peft", "tokenizers", "sklearn", "scipy"}

# Runs what it is told in a fresh interpreter and prints the packages that were loaded.
PROBE = """
import contextlib, json, runpy, sys
sys.argv = sys.argv[1:]
with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(SystemExit):
    if sys.argv[1:]:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        __import__(sys.argv[0])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    "command",
    [["tunewise.cli.main"], ["tunewise.cli.main", "--help"], ["tunewise.web.app"]],
    ids=" ".join,
)
def test_start_loads_no_heavy_library(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *command], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert HEAVY & set(json.loads(done.stdout)) == set()


def test_help_names_the_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tunewise.cli.main", "--help"],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    for command in ("advise", "decision", "experiment", "rules", "serve"):
        assert command in done.stdout
