"""The script that meets a fresh machine: what it decides and what it says."""

import ast
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run() -> ModuleType:
    loader = SourceFileLoader("run_script", str(ROOT / "run"))
    module = module_from_spec(spec_from_loader("run_script", loader))
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = writes
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the stamp is made from."""
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_old_python_is_told_what_to_install(run: ModuleType) -> None:
    message = run.too_old((3, 10, 13))

    assert "this is Python 3.10" in message
    assert "sudo apt install python3.11" in message
    assert "\n" not in message


def test_supported_python_is_told_nothing(run: ModuleType) -> None:
    assert run.too_old((3, 11, 0)) == ""
    assert run.too_old((3, 14, 1)) == ""


def test_script_compiles_on_old_pythons() -> None:
    # Else the owner of an old Python sees a SyntaxError and not the message. The
    # script is kept to the syntax of 3.6; 3.7 is the oldest that ast can check.
    ast.parse((ROOT / "run").read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_stamp_changes_with_what_is_installed(
    run: ModuleType, checkout: Path, name: str
) -> None:
    before = run.digest(checkout, (3, 11))
    with (checkout / name).open("a") as file:
        file.write("# edited\n")

    assert run.digest(checkout, (3, 11)) != before


def test_stamp_changes_with_the_python_and_the_folder(
    run: ModuleType, checkout: Path
) -> None:
    stamp = run.digest(checkout, (3, 11))

    assert run.digest(checkout, (3, 11)) == stamp
    assert run.digest(checkout, (3, 12)) != stamp
    assert run.digest(ROOT, (3, 11)) != stamp


@pytest.mark.parametrize("text", ["", "{", "[]", '{"parts": 1}', '{"digest": "a"}'])
def test_damaged_stamp_counts_as_nothing_installed(
    run: ModuleType, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "stamp.json"
    path.write_text(text)

    assert run.read_stamp(path, "a") == (set(), False)


def test_stamp_remembers_parts_that_are_out_of_date(
    run: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "stamp.json"
    path.write_text('{"digest": "a", "parts": ["core", "train", "gone"]}')

    assert run.read_stamp(path, "a") == ({"core", "train"}, True)
    assert run.read_stamp(path, "b") == ({"core", "train"}, False)


def test_parts_come_in_order_and_the_engine_is_tried_with_the_core(
    run: ModuleType,
) -> None:
    wanted = {"dev", "train", "core"}

    assert run.missing_parts(wanted, set()) == ["core", "rules", "train", "dev"]
    assert run.missing_parts(wanted, {"core", "train"}) == ["dev"]
    # Without a compiler the engine is not tried again at each call.
    assert run.missing_parts({"core"}, {"core"}) == []


def test_missing_ensurepip_is_answered_with_the_line_that_mends_it(
    run: ModuleType,
) -> None:
    message = run.venv_message(["ensurepip"], (3, 12))

    assert "lacks ensurepip" in message
    assert "sudo apt install python3.12-venv" in message


def test_full_disk_is_found_before_anything_is_fetched(run: ModuleType) -> None:
    # core 0.5 GB + train 3 GB = 3.5 GB
    assert run.disk_message(["core", "train"], 3_600_000_000) == ""
    message = run.disk_message(["core", "train"], 1_200_000_000)

    assert "1.2 GB is free" in message
    assert "about 3.5 GB" in message


def test_torch_note_warns_where_the_default_build_does_not_fit(run: ModuleType) -> None:
    assert "PIP_FIND_LINKS" in run.torch_note(100_000_000_000)
    assert "is free" not in run.torch_note(100_000_000_000)
    assert "5.0 GB is free" in run.torch_note(5_000_000_000)


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for hatchling>=1.27",
            "no package index can be reached",
        ),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("SSLError(SSLCertVerificationError(1))", "PIP_CERT"),
        ("error: [Errno 2] No such file or directory: 'gcc'", "apt install gcc"),
        ("error: command 'x86_64-linux-gnu-gcc' failed: No such file", "gcc"),
        ("src/rules.c:1: fatal error: Python.h: No such file", "python3-dev"),
        (
            "  ERROR: No matching distribution found for torch>=2.13\n"
            "error: subprocess-exited-with-error\n\nnote: not a problem with pip.",
            "ERROR: No matching distribution found for torch>=2.13",
        ),
        ("something else\n", "something else"),
        ("", "no reason given"),
    ],
)
def test_failure_is_told_in_one_line(run: ModuleType, output: str, says: str) -> None:
    told = run.explain(output)

    assert says in told
    assert "\n" not in told


def test_checks_end_with_pytest_and_its_arguments(run: ModuleType) -> None:
    titles = [title for title, _ in run.checks({}, (3, 11), ["-k", "stamp"])]
    command = run.checks({}, (3, 11), ["-k", "stamp"])[-1][1]

    assert titles[-1] == "pytest"
    assert "durable-rules is there" not in titles
    assert command[1:] == ["-m", "pytest", "-k", "stamp"]


def test_the_whole_suite_runs_side_by_side(run: ModuleType) -> None:
    command = run.checks({}, (3, 11), [])[-1][1]

    assert command[1:] == ["-m", "pytest", *run.SIDE_BY_SIDE]


@pytest.mark.parametrize(("version", "asked"), [((3, 12), True), ((3, 13), False)])
def test_ci_asks_for_the_engine_of_record(
    run: ModuleType, version: tuple[int, int], asked: bool
) -> None:
    titles = [title for title, _ in run.checks({"CI": "true"}, version, [])]

    assert ("durable-rules is there" in titles) is asked


def test_broken_environment_is_noticed(run: ModuleType, tmp_path: Path) -> None:
    this = sys.version_info[:2]
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)

    assert run.healthy(Path(sys.executable), this)
    assert not run.healthy(Path(sys.executable), (this[0], this[1] + 1))
    assert not run.healthy(script, this)
    assert not run.healthy(tmp_path / "absent", this)


@pytest.mark.parametrize(
    ("arguments", "status"), [([], 2), (["--help"], 0), (["dance"], 2)]
)
def test_wrong_use_installs_nothing(arguments: list[str], status: int) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "run", *arguments], capture_output=True, text=True
    )

    assert done.returncode == status
    assert "demo" in done.stdout + done.stderr
