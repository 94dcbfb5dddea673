import json

import pytest

from tunewise.datasets.documents import check_gold_ids, parse_documents
from tunewise.domain.dataset import Dataset, Document, Split


def parsed(*records):
    data = "\n".join(json.dumps(r) for r in records)
    return parse_documents(data, file="d.jsonl")


def test_a_line_becomes_a_document() -> None:
    found = parsed({"id": 1, "text": "T"}, {"id": "b", "title": "B", "text": "U"})

    assert found.documents == (Document("1", "", "T"), Document("b", "B", "U"))
    assert found.findings == ()


@pytest.mark.parametrize(
    ("records", "code", "severity"),
    [
        ([[1]], "data_type", "block"),
        ([{"id": "a"}], "document_missing_key", "block"),
        ([{"id": None, "text": "x"}], "data_type", "block"),
        ([{"id": "a", "text": 1}], "data_type", "block"),
        ([{"id": "a", "text": "x"}, {"id": "a", "text": "y"}], "duplicate_id", "block"),
        (
            [{"id": "a", "text": "x y"}, {"id": "b", "text": "X  Y"}],
            "duplicate_document",
            "warn",
        ),
        ([{"id": "a", "text": " "}], "empty_document", "warn"),
        ([{"id": "a", "text": "x", "url": "u"}], "unknown_key", "note"),
    ],
)
def test_faults_of_documents_are_found(records, code: str, severity: str) -> None:
    found = parsed(*records).findings

    assert [(f.code, f.severity) for f in found] == [(code, severity)]


def test_gold_documents_must_exist(make) -> None:
    examples = (make("q1", "a", 1, gold_doc_ids=("d1",)), make("q2", "a", 2))
    lost = (make("q3", "a", 1, gold_doc_ids=("d9",)),)
    data = Dataset(
        {Split.TRAIN: examples, Split.HELDOUT: lost}, (Document("d1", "", "x"),)
    )

    found = list(check_gold_ids(data, {"heldout": "h.jsonl"}))

    assert [(f.code, f.file, f.lines) for f in found] == [
        ("gold_doc_unknown", "h.jsonl", (1,))
    ]


def test_without_documents_gold_ids_are_only_noted(make) -> None:
    data = Dataset({Split.TRAIN: (make("q", "a", gold_doc_ids=("d1",)),)})

    assert [f.severity for f in check_gold_ids(data, {})] == ["note"]
