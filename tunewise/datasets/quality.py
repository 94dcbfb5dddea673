"""From findings to the fact ``data_quality``: high, mixed or poor, and why.

Automatic checks can show that data are poor, never that they are good: "high" means
that nothing was found, and says so. The rules (``rules/data-quality.toml``) decide;
one that a dataset meets, poor before mixed, is enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tunewise.domain.dataset import QualityFinding, Severity
from tunewise.domain.quality import Grade, QualityGrade, QualityRule


def grade(
    findings: Iterable[QualityFinding],
    statistics: Mapping[str, object],
    rules: Sequence[QualityRule],
) -> QualityGrade:
    """Return the grade of a dataset and the findings that gave it.

    Shares of a finding that looked at a sample (``statistics``, ``tokens_of``) are
    shares of that sample.
    """
    listed = tuple(findings)
    total = statistics.get("examples")
    examples = total if isinstance(total, int) else 0
    if not examples:
        return QualityGrade(Grade.POOR, "no example can be read")
    blocks = [f for f in listed if f.severity is Severity.BLOCK]
    if blocks:
        codes = ", ".join(sorted({f.code for f in blocks}))
        return QualityGrade(Grade.POOR, f"findings block the registration: {codes}")
    shares = _shares(listed, statistics, examples)
    warned = {f.code for f in listed if f.severity is Severity.WARN}
    for value in (Grade.POOR, Grade.MIXED):
        met = [_said(r, shares) for r in rules if _gives(r, value, shares, warned)]
        if met:
            return QualityGrade(value, "; ".join(met))
    return QualityGrade(
        Grade.HIGH,
        f"the automatic checks found nothing grave in {examples:,} examples; "
        "whether the answers are right, only a person can say",
    )


_Shares = Mapping[tuple[str, str], float]  # by code and of


def _shares(
    findings: Sequence[QualityFinding], statistics: Mapping[str, object], examples: int
) -> _Shares:
    judged = max(1, examples - _train_examples(statistics))
    lines: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for found in findings:
        lines[found.code].update((found.file, line) for line in found.lines)
    counted = _counted(statistics)
    shares = {}
    for code, met in lines.items():
        whole = counted if code in _OF_TOKENS else examples
        shares[code, "examples"] = len(met) / whole
        shares[code, "judged"] = len(met) / judged
    return shares


# Their lines are those of the sample whose tokens were counted.
_OF_TOKENS = ("over_long", "over_context")


def _gives(rule: QualityRule, value: Grade, shares: _Shares, warned: set[str]) -> bool:
    if rule.present:
        return rule.present is value and rule.code in warned
    least = rule.poor if value is Grade.POOR else rule.mixed
    return least is not None and shares.get((rule.code, rule.of), 0.0) >= least


def _said(rule: QualityRule, shares: _Shares) -> str:
    if rule.present:
        return rule.what
    of = "validation and held-out" if rule.of == "judged" else "the examples"
    return f"{rule.what} ({100 * shares[rule.code, rule.of]:.1f} % of {of})"


def _train_examples(statistics: Mapping[str, object]) -> int:
    splits = statistics.get("splits")
    train = splits.get("train") if isinstance(splits, Mapping) else None
    count = train.get("examples") if isinstance(train, Mapping) else None
    return count if isinstance(count, int) else 0


def _counted(statistics: Mapping[str, object]) -> int:
    """Return how many examples the tokens were counted of, at least 1."""
    counted = 0
    splits = statistics.get("splits")
    for split in splits.values() if isinstance(splits, Mapping) else ():
        sampled = split.get("sampled")
        counted += sampled["n"] if sampled else split["examples"]
    return max(1, counted)
