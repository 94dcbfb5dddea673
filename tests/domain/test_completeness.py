from collections import Counter
from pathlib import Path

import pytest

from tunewise.domain.completeness import (
    EXPECTED,
    Expected,
    completeness,
    judge,
    value_at,
)

FIELDS = (
    Expected("g", "a", "w", ("model.a",)),
    Expected("g", "b", "w", ("model.b", "run.b")),
    Expected("g", "adapter", "w", ("model.files",), options=("finetune",)),
    Expected("g", "snapshot", "w", ("model.endpoint.snapshot",), hosted=True),
    Expected("g", "digest", "w", ("base.digest",), hosted=False),
)


def known(lineage: dict) -> dict[str, bool]:
    return {j.field.name: j.known for j in judge(lineage, FIELDS)}


def test_only_what_applies_to_a_version_is_expected_of_it() -> None:
    tuned = known({"model": {"option": "finetune"}})
    prompted = known({"model": {"option": "prompt"}})
    hosted = known({"model": {"option": "prompt", "endpoint": {"model": "m"}}})

    assert set(tuned) == {"a", "b", "adapter", "digest"}
    assert set(prompted) == {"a", "b", "digest"}
    assert set(hosted) == {"a", "b", "snapshot"}


def test_one_place_where_a_field_is_filled_is_enough() -> None:
    assert known({"model": {"option": "rag"}, "run": {"b": 0}})["b"]
    assert known({"model": {"option": "rag", "b": False}})["b"]


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_what_is_empty_is_missing(empty: object) -> None:
    assert not known({"model": {"option": "rag", "a": empty}})["a"]


def test_every_field_counts_the_same() -> None:
    # a and b of a, b and digest: 2 / 3
    judged = judge({"model": {"option": "rag", "a": 1, "b": 2}}, FIELDS)

    assert completeness(judged) == 0.667
    assert completeness(judge({"model": {"option": "rag"}}, FIELDS)) == 0


def test_the_score_of_nothing_known_is_0_and_of_all_is_1() -> None:
    class Everything(dict):
        def get(self, key: str, default: object = None) -> object:
            return "finetune" if key == "option" else Everything({"x": 1})

    assert completeness(judge({})) == 0
    assert completeness(judge(Everything({"x": 1}))) == 1


def test_a_path_leads_into_tables_only() -> None:
    lineage = {"run": {"seed": "0"}, "dataset": None}

    assert value_at(lineage, "run.seed") == "0"
    assert value_at(lineage, "run.seed.more") is None
    assert value_at(lineage, "dataset.digest") is None


def test_every_group_of_an_audit_is_asked_for_and_every_name_once() -> None:
    groups = Counter(field.group for field in EXPECTED)

    assert set(groups) == {
        "purpose and alternatives",
        "version chain",
        "data",
        "training",
        "evaluation",
        "operations",
    }
    assert max(Counter(field.name for field in EXPECTED).values()) == 1
    assert all(field.why and field.paths for field in EXPECTED)


def test_every_expected_field_is_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "models.md").read_text(
        encoding="utf-8"
    )
    table = " ".join(text.split())

    assert [f.name for f in EXPECTED if f.name not in table] == []
    assert [f.group for f in EXPECTED if f"| {f.group} |" not in table] == []
