"""From findings to the fact ``data_quality``: high, mixed or poor, and why.

Automatic checks can show that data are poor, never that they are good: "high" means
that nothing was found, and says so. The table decides; the first row that a dataset
meets, poor before mixed, is enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tunewise.domain.dataset import QualityFinding, Severity

HIGH, MIXED, POOR = "high", "mixed", "poor"


@dataclass(frozen=True, slots=True)
class QualityGrade:
    """The value of the fact ``data_quality``, and one sentence that says why."""

    grade: str
    because: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which share of all examples a finding makes the data mixed, or poor."""

    code: str
    what: str
    mixed: float
    poor: float
    of: str = "examples"  # or "judged": those of validation and held-out


# Shares of examples. Judgement, not measurement: 1 % of contradictions is what
# careful labelling leaves, and 5 to 10 % moves a score as much as the choice of an
# option does. Above 1: never.
TABLE = (
    Threshold("conflicting_answers", "one prompt has different answers", 0.01, 0.05),
    Threshold("exact_duplicates", "examples repeat", 0.02, 0.20),
    Threshold("near_duplicates", "examples are nearly the same", 0.20, 0.60),
    Threshold("leakage", "splits share prompts", 0.01, 0.05, "judged"),
    Threshold("changed_answers", "answers change between splits", 0.01, 0.50, "judged"),
    Threshold("group_leakage", "splits share groups", 0.01, 0.20, "judged"),
    Threshold("reference_not_valid", "references break the schema", 0.001, 0.05),
    Threshold("reference_not_json", "references are no JSON", 0.001, 0.05),
    Threshold("template_marks", "template marks are unfilled", 0.001, 0.05),
    Threshold("repetitive_reference", "references repeat themselves", 0.01, 0.05),
    Threshold("refusals", "references refuse to answer", 0.05, 0.30),
    Threshold("unseen_labels", "train lacks labels", 0.005, 0.10, "judged"),
    Threshold("over_long", "examples are too long to train on", 0.05, 0.30),
    Threshold("gold_doc_unknown", "gold documents are missing", 0.01, 0.10),
    Threshold("missing_content", "messages are empty", 0.01, 0.10),
)
# Findings without lines, that make the data mixed by being there.
MIXED_BY = {
    "single_label": "every reference is the same",
    "few_per_label": "some labels have hardly an example",
    "label_spelling": "a label is spelled in two ways",
    "low_diversity": "the prompts are little varied",
    "few_train_examples": "there are few train examples",
    "secret": "there are keys or passwords in the texts",
}


def grade(
    findings: Iterable[QualityFinding], statistics: Mapping[str, object]
) -> QualityGrade:
    """Return the grade of a dataset and the findings that gave it."""
    listed = tuple(findings)
    total = statistics.get("examples")
    examples = total if isinstance(total, int) else 0
    if not examples:
        return QualityGrade(POOR, "no example can be read")
    blocks = [f for f in listed if f.severity is Severity.BLOCK]
    if blocks:
        codes = ", ".join(sorted({f.code for f in blocks}))
        return QualityGrade(POOR, f"findings block the registration: {codes}")
    judged = max(1, examples - _train_examples(statistics))
    lines: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for found in listed:
        lines[found.code].update((found.file, line) for line in found.lines)
    shares = [
        (t, len(lines[t.code]) / (judged if t.of == "judged" else examples))
        for t in TABLE
    ]
    poor = [_said(t, share) for t, share in shares if share >= t.poor]
    if poor:
        return QualityGrade(POOR, "; ".join(poor))
    present = {f.code for f in listed if f.severity is Severity.WARN}
    mixed = [_said(t, share) for t, share in shares if share >= t.mixed]
    mixed += [what for code, what in MIXED_BY.items() if code in present]
    if mixed:
        return QualityGrade(MIXED, "; ".join(mixed))
    return QualityGrade(
        HIGH,
        f"the automatic checks found nothing grave in {examples:,} examples; "
        "whether the answers are right, only a person can say",
    )


def _said(threshold: Threshold, share: float) -> str:
    of = "validation and held-out" if threshold.of == "judged" else "the examples"
    return f"{threshold.what} ({100 * share:.1f} % of {of})"


def _train_examples(statistics: Mapping[str, object]) -> int:
    splits = statistics.get("splits")
    train = splits.get("train") if isinstance(splits, dict) else None
    count = train.get("examples") if isinstance(train, dict) else None
    return count if isinstance(count, int) else 0
