from pathlib import Path

import pytest

from tunewise.domain.formats import FORMATS

from .conftest import Tunewise, mended


@pytest.mark.parametrize("kind", FORMATS)
def test_a_schema_is_one_json_document_with_and_without_json(
    tunewise: Tunewise, home: Path, kind: str
) -> None:
    said = tunewise("schema", kind)

    assert said.status == 0
    assert said.json["$schema"].endswith("2020-12/schema")
    assert said.out == tunewise("schema", kind, "--json").out
    assert not home.exists()


def test_a_kind_without_a_schema_is_met_with_those_that_have_one(
    tunewise: Tunewise,
) -> None:
    message = mended(tunewise("schema", "verdict"))

    assert all(kind in message for kind in FORMATS)
