"""Repositories in which anchors are put, and what verify says of them."""

import subprocess
from pathlib import Path

from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", folder, *words], check=True, capture_output=True, text=True
    )
    return done.stdout


def states(home: Home, **options: object) -> list[tuple[str, str]]:
    view = integrity.verify(home, **options)
    assert view["ok"] == (not view["problems"])
    return [(a["state"], a["message"]) for a in view["anchors"]]
