import pytest

from tunewise.datasets.quality import grade
from tunewise.domain.dataset import QualityFinding, Severity

STATISTICS = {"examples": 100, "splits": {"train": {"examples": 60}}}


def found(code: str, lines: int, severity: Severity = Severity.WARN):
    return QualityFinding(code, severity, "f", tuple(range(1, lines + 1)), "")


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], "high"),
        ([found("majority_share", 0, Severity.NOTE)], "high"),
        ([found("conflicting_answers", 1)], "mixed"),  # 1 of 100
        ([found("conflicting_answers", 5)], "poor"),
        ([found("leakage", 1)], "mixed"),  # 1 of 40 that are not train: 2.5 %
        ([found("leakage", 2)], "poor"),  # 5 %
        ([found("leakage", 1), found("leakage", 1)], "mixed"),  # the same line
        ([found("single_label", 0)], "mixed"),
        ([found("few_train_examples", 0, Severity.NOTE)], "high"),
        ([found("not_json", 1, Severity.BLOCK)], "poor"),
    ],
)
def test_the_table_grades(findings, expected: str) -> None:
    assert grade(findings, STATISTICS).grade == expected


def test_no_example_is_poor() -> None:
    assert grade([], {"examples": 0}).grade == "poor"


def test_high_claims_no_more_than_was_checked() -> None:
    assert "only a person can say" in grade([], STATISTICS).because
