import re
from pathlib import Path

import pytest

from tunewise import resources
from tunewise.domain.errors import RuleFileError
from tunewise.domain.quality import FINDING_CODES, Grade, QualityRule
from tunewise.engine.data_quality import read_data_quality
from tunewise.engine.loader import load
from tunewise.engine.source_text import parse

DECLARED = """[leakage]
what = "splits share prompts"
mixed = 0.01
poor = 0.05
of = "judged"
because = "x"

[secret]
what = "there are keys"
present = "mixed"
because = "y"
"""
CHECKS = Path(__file__).parents[2] / "tunewise" / "datasets"
CODE = re.compile(r"(?:block|warn|note|finding|_longer|Kind)\(\s*\"([a-z0-9_]+)\"")


def test_a_rule_counts_a_share_or_a_warning_that_is_there() -> None:
    assert read_data_quality(parse("data-quality.toml", DECLARED)) == (
        QualityRule("leakage", "splits share prompts", "x", 0.01, 0.05, "judged"),
        QualityRule("secret", "there are keys", "y", present=Grade.MIXED),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("[leakage]", "[leekage]", 1, "Did you mean 'leakage'"),
        ("mixed = 0.01", "mixed = 0.1", 3, "mixed = 0.1 is above poor = 0.05"),
        ("mixed = 0.01", "mixed = 2", 3, "A share is above 0, at most 1"),
        ("mixed = 0.01", "mixt = 0.01", 3, "unknown key 'mixt'"),
        ('"judged"', '"heldout"', 5, "It is one of examples, judged"),
        ('what = "there are keys"', "what = 3", 9, "is not a text"),
        ('present = "mixed"', 'present = "high"', 10, "It is one of mixed, poor"),
        ('present = "mixed"', "", 8, "secret never counts"),
        ('present = "mixed"', 'present = "mixed"\npoor = 1', 10, "present beside"),
        ('because = "y"', "", 8, "'because' is missing"),
    ],
)
def test_what_is_no_rule_is_named_with_its_line(
    old: str, new: str, line: int, message: str
) -> None:
    text = DECLARED.replace(old, new, 1)

    with pytest.raises(RuleFileError) as told:
        read_data_quality(parse("rules/data-quality.toml", text))

    assert str(told.value).startswith(f"rules/data-quality.toml:{line}: ")
    assert message in str(told.value)


def test_the_house_lays_its_own_over_the_shipped_one() -> None:
    shipped = load(resources.rule_texts())
    house = load(resources.rule_texts(), house={"data-quality.toml": DECLARED})

    assert {r.code for r in shipped.data_quality} > {"leakage", "refusals"}
    assert [r.code for r in house.data_quality] == ["leakage", "secret"]
    assert house.house_files == ("data-quality.toml",)
    assert house.digest != shipped.digest


def test_every_code_that_a_check_uses_has_a_meaning_and_the_other_way_round() -> None:
    used = {
        code
        for path in CHECKS.glob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }

    assert used == set(FINDING_CODES)
