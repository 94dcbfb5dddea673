"""Files of others: as published, each with its licence, nothing fetched by them."""

import hashlib
import tomllib

import pytest

from tunewise.resources import templates_dir

FOLDER = templates_dir() / "static" / "vendor"
MANIFEST = tomllib.loads((FOLDER / "manifest.toml").read_text(encoding="utf-8"))


def test_every_file_is_in_the_manifest_and_the_reverse() -> None:
    listed = {entry["file"] for entry in MANIFEST.values()}
    licences = {entry["licence_file"] for entry in MANIFEST.values()}

    assert {p.name for p in FOLDER.iterdir()} == {*listed, *licences, "manifest.toml"}


@pytest.mark.parametrize("name", MANIFEST)
def test_a_file_is_what_was_published(name: str) -> None:
    data = (FOLDER / MANIFEST[name]["file"]).read_bytes()

    assert hashlib.sha256(data).hexdigest() == MANIFEST[name]["sha256"]
    assert b"sourceMappingURL" not in data
