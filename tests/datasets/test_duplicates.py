import pytest

from tunewise.datasets.duplicates import check_duplicates, check_leakage
from tunewise.domain.dataset import Dataset, Split

FILES = {"train": "t.jsonl", "validation": "v.jsonl", "heldout": "h.jsonl"}


def by_code(findings):
    return {f.code: f for f in findings}


def test_repeats_are_told_without_the_first(dataset) -> None:
    data = dataset(train=[("Where is it?", "a"), ("x", "b"), (" where IS it?", "A")])

    found = by_code(check_duplicates(data, FILES))

    assert found["exact_duplicates"].lines == (3,)
    assert "line 3 repeats line 1" in found["exact_duplicates"].message


def test_contradictions_name_every_line_of_the_prompt(dataset) -> None:
    data = dataset(heldout=[("q", "a"), ("q", "b"), ("r", "c"), ("Q", "a.")])

    found = by_code(check_duplicates(data, FILES))

    assert found["conflicting_answers"].lines == (1, 2, 4)
    assert found["conflicting_answers"].file == "h.jsonl"


def test_accepted_answers_are_no_contradiction(make) -> None:
    one = make("q", "Paris", 1, answers=("Paris", "the capital"))
    other = make("q", "The capital", 2)

    found = check_duplicates(Dataset({Split.TRAIN: (one, other)}), FILES)

    assert "conflicting_answers" not in by_code(found)


def test_near_copies_within_train_are_noted_with_an_example(dataset) -> None:
    text = "my card was charged twice at the shop in the old town yesterday"
    data = dataset(train=[(text, "a"), ("hello", "b"), (text + " too", "a")])

    found = by_code(check_duplicates(data, FILES))["near_duplicates"]

    assert found.lines == (1, 3)
    assert "yesterday too”" in found.message


QUESTIONS = [
    f"{verb} I {thing} {what} from abroad"
    for verb in ("how can", "when should", "why must")
    for thing in ("send back", "pay for", "return", "order")
    for what in ("a parcel", "the invoice", "some shoes", "two books", "my ticket")
]


@pytest.mark.parametrize(("leaks", "severity"), [(3, "warn"), (4, "block")])
def test_leakage_blocks_above_a_twentieth_of_heldout(
    dataset, leaks: int, severity: str
) -> None:
    # 60 held-out examples: 3 are 5.0 %, 4 are 6.7 %
    heldout = [(q, f"answer {i}") for i, q in enumerate(QUESTIONS)]
    data = dataset(heldout=heldout, train=[("other", "x"), *heldout[:leaks]])

    found = by_code(check_leakage(data, FILES))["leakage"]

    assert found.severity == severity
    assert found.lines == tuple(range(1, leaks + 1))
    assert "of t.jsonl" in found.message


def test_a_prompt_whose_answer_changed_does_not_leak(dataset) -> None:
    data = dataset(
        train=[("Which day?", "Monday"), ("Who?", "Ada"), ("Who?", "Bea")],
        heldout=[("which day?", "Tuesday"), ("Who?", "Bea")],
    )

    found = by_code(check_leakage(data, FILES))

    assert found["changed_answers"].lines == (1,)
    assert found["changed_answers"].severity == "warn"
    assert "line 1 says “Tuesday”, line 1 of t.jsonl “Monday”" in (
        found["changed_answers"].message
    )
    assert found["leakage"].lines == (2,)
    assert "line 3 of t.jsonl" in found["leakage"].message


def test_a_reworded_prompt_with_the_same_answer_leaks(dataset) -> None:
    text = "my card was charged twice at the shop in the old town yesterday"
    data = dataset(
        train=[(text, "charged_twice")], heldout=[(text + "!", "charged_twice")]
    )

    assert "near_leakage" in by_code(check_leakage(data, FILES))


def test_the_same_template_about_something_else_does_not_leak(dataset) -> None:
    question = (
        "Is CVE-2020-{} known to be used in ransomware campaigns? Known, Unknown."
    )
    data = dataset(
        train=[(question.format(1234), "Known")],
        heldout=[(question.format(1235), "Known"), (question.format(1236), "Unknown")],
    )

    assert by_code(check_leakage(data, FILES)) == {}


def test_a_group_on_both_sides_leaks(make) -> None:
    data = Dataset(
        {
            Split.TRAIN: (make("first question", "a", 1, group="acme"),),
            Split.HELDOUT: (make("something else", "b", 4, group="acme"),),
        }
    )

    assert by_code(check_leakage(data, FILES))["group_leakage"].lines == (4,)
