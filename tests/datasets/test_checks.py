import random
from pathlib import Path

from tunewise.datasets.checks import check
from tunewise.domain.quality import FINDING_CODES


def test_a_sound_dataset_has_only_the_majority_noted(dataset) -> None:
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnop", k=6)) for _ in range(2_000)]
    texts = [" ".join(rng.sample(words, 8)) for _ in range(300)]
    pairs = [(text, ("yes", "no")[i % 2]) for i, text in enumerate(texts)]

    found = check(dataset(train=pairs[:200], heldout=pairs[200:]), files={})

    assert [f.code for f in found] == ["majority_share"]


def test_the_gravest_finding_comes_first(dataset) -> None:
    same = [("a question", "yes"), ("another one", "no")]

    found = check(dataset(train=same, heldout=same), files={"train": "t.jsonl"})

    assert found[0].severity == "block"
    assert found[0].code == "leakage"
    assert [f.severity for f in found] == sorted(
        (f.severity for f in found), key=["block", "warn", "note"].index
    )


def test_the_documentation_has_every_code_with_its_meaning() -> None:
    text = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text("utf-8")

    for code, meaning in FINDING_CODES.items():
        assert f"| `{code}` | {meaning} |" in text
