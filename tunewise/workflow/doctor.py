"""What is installed, what is missing, where the records are."""

import platform
import shutil
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tunewise import __version__, resources
from tunewise.domain.errors import ModelError
from tunewise.engine import durable_adapter
from tunewise.workflow.home import Home
from tunewise.workflow.models import bases as base_models

View = dict[str, Any]

PACKAGES = (
    "flask",
    "sqlite-utils",
    "scikit-learn",
    "durable-rules",
    "torch",
    "transformers",
    "peft",
    "bm25s",
    "openai",
)


def examine(home: Home) -> View:
    """Return facts about the installation and the home."""
    at = home.path
    while not at.exists():
        at = at.parent
    return {
        "tunewise": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "rules": str(resources.rules_dir()),
        "engine": "durable-rules"
        if durable_adapter.available()
        else "reference (durable-rules is not installed)",
        "can_train": all(find_spec(m) for m in ("torch", "transformers", "peft")),
        "packages": {name: _version(name) for name in PACKAGES},
        "home": str(home.path),
        "records": home.has_records(),
        "base_models": _base_models(home.models),
        "free_gigabytes": round(shutil.disk_usage(at).free / 1e9, 1),
    }


def _base_models(models: Path) -> list[str]:
    try:
        return [m.id for m in base_models.list_fetched(models)]
    except ModelError as error:
        return [str(error)]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
