"""Where the data that ships with tunewise lies: rule files and templates.

A wheel carries copies inside the package (``_rules``, ``_templates``); a checkout
has them at its root. Nothing is cached: an edited file counts at the next call.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def rules_dir() -> Path:
    """Return the folder of the shipped rule set."""
    return _data_dir("rules")


def off_task_file() -> Path:
    """Return the shipped examples that tuned weights are checked on (chat JSONL)."""
    return rules_dir() / "off-task.jsonl"


def templates_dir() -> Path:
    """Return the folder of the shipped templates."""
    return _data_dir("templates")


def examples_dir() -> Path:
    """Return the folder of the shipped examples."""
    return _data_dir("examples")


def rule_texts(folder: Path | None = None) -> dict[str, str]:
    """Return the text of every TOML file below the rule folder, by posix path.

    ``criteria/must-cite-sources.toml`` is the form of a key; the order is sorted.
    """
    root = rules_dir() if folder is None else folder
    paths = sorted(root.rglob("*.toml"), key=lambda p: p.relative_to(root).as_posix())
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if path.is_file()
    }


def _data_dir(name: str) -> Path:
    packaged = _PACKAGE / f"_{name}"
    return packaged if packaged.is_dir() else _PACKAGE.parent / name
