"""Every change enters the log: who writes what is read from the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker import schema

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "tracker").glob("*.py"))
# tables without records: liveness, metrics (sealed by digest), indexes
FREE = {"leases", "points", "search", "latest"}
_WRITES = re.compile(
    r"\b(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+([\w{}.]+)"
)


def calls(path: Path, name: str) -> Iterator[int]:
    """Yield the lines where a module calls something of this name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node.lineno


def written_tables(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    ]
    documented = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    }
    return {
        table
        for text in texts
        if not any(d and repr(d) == text for d in documented)
        for table in _WRITES.findall(text)
        if table != "SET"  # ON CONFLICT DO UPDATE SET
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_records_are_written_by_change_and_the_log_by_chain(path: Path) -> None:
    allowed = FREE | {
        "chain": {"audit"},
        "as_of": {"{table}"},  # of a copy that nobody keeps
    }.get(path.stem, set())

    assert written_tables(path) <= allowed


def test_rows_of_records_are_inserted_in_one_place_that_demands_an_entry() -> None:
    inserting = {p.stem for p in MODULES if "self._db.table(" in p.read_text()}

    assert inserting == {"change"}


@pytest.mark.parametrize("package", ["tracker", "tunewise"])
def test_bytes_are_removed_only_where_the_log_says_so(package: str) -> None:
    removing = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / package).rglob("*.py")
        if list(calls(path, "blobs.remove"))
    }

    assert removing <= {"tracker/references.py"}


def test_every_table_is_covered_by_the_log_or_holds_no_record() -> None:
    covered = {*schema.record_tables(), "audit"}

    assert covered.isdisjoint(FREE)
