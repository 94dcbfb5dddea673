"""A model made elsewhere, as a file and an adapter say it; nothing is trained."""

import json
from pathlib import Path
from typing import Any

from tunewise.workflow.home import Home
from tunewise.workflow.models import imported

HEADER = json.dumps(
    {"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
).encode()
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER + bytes(24)
LEAST: dict[str, Any] = {"option": "finetune", "base_model": {"id": "mistral-7b"}}


def write_model(folder: Path, said: dict[str, Any] | None = None, **more: Any) -> Path:
    """Write a description as JSON; without ``said`` the least that is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.json"
    path.write_text(json.dumps({**(said or LEAST), **more}), encoding="utf-8")
    return path


def write_adapter(folder: Path) -> Path:
    """Write an adapter as peft leaves it."""
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(WEIGHTS)
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    (folder / "README.md").write_text("not kept")
    return folder


def register_model(home: Home, name: str, **more: Any) -> str:
    """Register the least that is needed, and return name@n."""
    path = write_model(home.path.parent / "described", **more)
    return str(imported.register(home, name, path)["model"])
