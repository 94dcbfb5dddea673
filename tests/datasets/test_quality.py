import pytest

from tunewise import resources
from tunewise.datasets.quality import grade
from tunewise.domain.dataset import QualityFinding, Severity
from tunewise.engine.data_quality import read_data_quality
from tunewise.engine.source_text import parse

RULES = read_data_quality(
    parse("data-quality.toml", resources.rule_texts()["data-quality.toml"])
)
STATISTICS = {
    "examples": 100,
    "splits": {"train": {"examples": 60}, "heldout": {"examples": 40}},
}


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
    assert grade(findings, STATISTICS, RULES).grade == expected


def test_no_example_is_poor() -> None:
    assert grade([], {"examples": 0}, RULES).grade == "poor"


def test_high_claims_no_more_than_was_checked() -> None:
    assert "only a person can say" in grade([], STATISTICS, RULES).because


def test_without_a_rule_no_finding_counts() -> None:
    assert grade([found("conflicting_answers", 50)], STATISTICS, ()).grade == "high"


def test_the_share_of_long_examples_is_that_of_the_sample() -> None:
    sampled = {"examples": 50_000, "sampled": {"n": 5_000}}
    statistics = {"examples": 50_000, "splits": {"train": sampled}}

    # 250 of 5,000 is 5 %: mixed; of all 50,000 it would be 0.5 %
    assert grade([found("over_long", 250)], statistics, RULES).grade == "mixed"
