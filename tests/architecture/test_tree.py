"""What the tree itself promises: names, docstrings, data without code, no places."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("tunewise", "tracker", "trainer")
BY_PRODUCTS = {"__pycache__", "build", "dist", "home", "node_modules"}
PUBLIC_HIDDEN = {".ci", ".gitignore", ".github"}

# A committed file works anywhere: it names no package registry and no path of the
# machine it was written on. Written in pieces, or this file would name them.
PLACES = re.compile(
    "|".join(
        [
            r"pypi\." + "org",
            r"python" + r"hosted\.org",
            r"registry\." + r"npmjs",
            r"deb\." + r"debian\.org",
            r"download\." + r"pytorch\.org",
            r"(?<![\w.~-])/" + r"work/",
            r"(?<![\w.~-])/" + r"opt/(wheels|pypi)",
            r"(?<![\w.~-])/" + r"root/",
        ]
    )
)


def _files(folder: Path = ROOT) -> Iterator[Path]:
    """Yield the files of the tree, without what the tools leave behind."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") and path.name not in PUBLIC_HIDDEN:
            continue
        if path.name in BY_PRODUCTS or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _modules() -> list[Path]:
    return [p for package in PACKAGES for p in sorted((ROOT / package).rglob("*.py"))]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "common", "misc", "manager", "handler"}

    assert [_name(p) for p in _files() if p.suffix == ".py" and p.stem in vague] == []


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_module_says_what_it_is_for(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))

    assert ast.get_docstring(module)


@pytest.mark.parametrize("folder", ["rules", "templates"])
def test_data_folder_holds_no_code(folder: str) -> None:
    code = {".py", ".pyc", ".pyi", ".so", ".pkl", ".pickle", ".sh"}

    assert [_name(p) for p in _files(ROOT / folder) if p.suffix in code] == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = []
    for path in _files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture, a database, a model
        for number, line in enumerate(lines, start=1):
            if PLACES.search(line):
                found.append(f"{_name(path)}:{number}: {line.strip()[:80]}")

    assert found == []


def test_run_and_ci_scripts_can_be_executed() -> None:
    for name in ("run", ".ci/run"):
        assert (ROOT / name).stat().st_mode & 0o111, f"{name} is not executable"
