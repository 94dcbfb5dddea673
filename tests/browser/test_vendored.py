"""Files of others that the tests here need: as published, with their licences."""

import hashlib
import tomllib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "vendor"
MANIFEST = tomllib.loads((FOLDER / "manifest.toml").read_text(encoding="utf-8"))


def test_every_file_is_in_the_manifest_and_the_reverse() -> None:
    named = {v for entry in MANIFEST.values() for k, v in entry.items() if "file" in k}

    assert {p.name for p in FOLDER.iterdir()} == {*named, "manifest.toml"}


@pytest.mark.parametrize("name", MANIFEST)
def test_a_file_is_what_was_published(name: str) -> None:
    data = (FOLDER / MANIFEST[name]["file"]).read_bytes()

    assert hashlib.sha256(data).hexdigest() == MANIFEST[name]["sha256"]
