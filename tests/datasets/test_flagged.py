from dataclasses import replace

from tunewise.datasets.flagged import flagged
from tunewise.domain.dataset import Example, Message, QualityFinding, Severity

FILES = {"train": "train.jsonl"}
# places 1 to 4 in train; line 2 of the file went to held-out, line 5 is empty
TRAIN = tuple(
    Example((Message("user", str(line)), Message("assistant", "a")), line=line)
    for line in (1, 3, 4, 6)
)


def found(code: str, *lines: int, severity: Severity = Severity.WARN) -> QualityFinding:
    return QualityFinding(code, severity, "train.jsonl", lines, "said")


def test_places_in_train_are_named_by_code() -> None:
    findings = [
        found("refusals", 3, 6),
        found("refusals", 1),
        found("reference_not_valid", 6, severity=Severity.BLOCK),
    ]

    assert flagged(TRAIN, findings, FILES) == {
        "reference_not_valid": (4,),
        "refusals": (1, 2, 4),
    }


def test_lines_of_other_splits_in_the_same_file_are_not_trained_on() -> None:
    assert flagged(TRAIN, [found("exact_duplicates", 2)], FILES) == {}


def test_another_file_flags_nothing_of_train() -> None:
    elsewhere = replace(found("refusals", 1), file="heldout.jsonl")

    assert flagged(TRAIN, [elsewhere], FILES) == {}


def test_notes_and_what_is_said_of_the_whole_flag_nothing() -> None:
    findings = [found("near_duplicates", 1, severity=Severity.NOTE), found("imbalance")]

    assert flagged(TRAIN, findings, FILES) == {}


def test_keys_documents_and_lengths_say_nothing_of_what_is_trained_on() -> None:
    codes = ("unknown_key", "bad_timestamp", "gold_doc_unknown", "over_long")

    assert flagged(TRAIN, [found(code, 1, 3) for code in codes], FILES) == {}
