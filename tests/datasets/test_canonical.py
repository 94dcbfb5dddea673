import hashlib
from dataclasses import replace

from tunewise.datasets.canonical import (
    canonical,
    digests,
    documents_to_jsonl,
    example_hash,
    record,
    split_digest,
    to_jsonl,
)
from tunewise.datasets.chat import parse
from tunewise.datasets.documents import parse_documents
from tunewise.domain.dataset import Dataset, Document, Split


def test_the_hash_is_sha256_of_the_sorted_compact_json(make) -> None:
    example = make("é?", "a", line=9, id="x")
    expected = (
        '{"messages":[{"content":"Reply with the label.","role":"system"},'
        '{"content":"é?","role":"user"},{"content":"a","role":"assistant"}],'
        '"metadata":{"id":"x"}}'
    )

    assert canonical(record(example)).decode() == expected
    assert example_hash(example) == (
        "sha256:" + hashlib.sha256(expected.encode()).hexdigest()
    )


def test_the_line_does_not_count_and_the_exact_text_does(make) -> None:
    example = make("caf\u00e9", "a")

    assert example_hash(replace(example, line=5)) == example_hash(example)
    assert example_hash(make("cafe\u0301", "a")) != example_hash(example)
    assert example_hash(make("caf\u00e9 ", "a")) != example_hash(example)


def test_order_does_not_count_and_repetition_does(make) -> None:
    one, other = make("1", "a"), make("2", "b")

    assert split_digest([one, other]) == split_digest([other, one])
    assert split_digest([one, other]) != split_digest([one, other, other])


def test_the_dataset_digest_covers_splits_and_documents(make) -> None:
    one, other = make("1", "a"), make("2", "b")
    data = Dataset({Split.TRAIN: (one,), Split.HELDOUT: (other,)})
    swapped = Dataset({Split.TRAIN: (other,), Split.HELDOUT: (one,)})
    empty_split = Dataset({**data.splits, Split.VALIDATION: ()})
    documented = replace(data, documents=(Document("d", "", "t"),))

    found = {digests(d).dataset for d in (data, swapped, documented)}

    assert len(found) == 3
    assert digests(empty_split) == digests(data)


def test_what_is_written_is_read_back(make) -> None:
    examples = (
        make('q "\u2028\n', "a", 1, id="1", group="g", timestamp="2026-01-01"),
        make("r", "b", 2, gold_doc_ids=("d",), answers=("b", "B")),
    )
    documents = (Document("d", "T", "t\n"),)

    found = parse(to_jsonl(examples), file="x")
    found_documents = parse_documents(documents_to_jsonl(documents), file="y")

    assert found.findings == ()
    assert found.examples == examples
    assert found_documents.documents == documents


def test_a_key_that_came_later_moves_no_hash_of_older_data(make) -> None:
    example = make("q", "a", id="x")

    assert "unanswerable" not in canonical(record(example)).decode()
    marked = replace(example, unanswerable=True)
    assert record(marked)["metadata"] == {"id": "x", "unanswerable": True}
    assert example_hash(marked) != example_hash(example)
    assert parse(to_jsonl([marked]), file="x").examples[0].unanswerable
