"""What any test may ask for: a home of its own, and a clock that stands still."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
def fixed_clock() -> Callable[[], dt.datetime]:
    """A clock for whatever takes one: noon of 22 November 2026, UTC."""
    return lambda: NOON


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home that TUNEWISE_HOME names too, and nobody named in TUNEWISE_BY."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TUNEWISE_HOME", str(folder))
    monkeypatch.delenv("TUNEWISE_BY", raising=False)
    return folder
