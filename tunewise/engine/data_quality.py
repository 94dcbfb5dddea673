"""From when on a finding speaks against the data: ``data-quality.toml``.

[conflicting_answers]
what = "one prompt has different answers"
mixed = 0.01
poor = 0.05
because = "1 % is what careful labelling leaves."
"""

from tunewise.domain.quality import FINDING_CODES, Grade, QualityRule
from tunewise.engine.source_text import RuleFile, Section, shown, suggest

_KEYS = ("what", "mixed", "poor", "of", "present", "because")
_OF = ("examples", "judged")
_PRESENT = (Grade.MIXED, Grade.POOR)


def read_data_quality(file: RuleFile) -> tuple[QualityRule, ...]:
    """Return the rules in file order; a finding that has none does not count."""
    top = file.top()
    return tuple(_rule(top, code) for code in file.table)


def _rule(top: Section, code: str) -> QualityRule:
    if code not in FINDING_CODES:
        raise top.error(
            code,
            f"no finding has the code {shown(code)}",
            "docs/datasets.md lists the codes of the check."
            f"{suggest(code, FINDING_CODES)}",
        )
    entry = top.section(code)
    entry.only(_KEYS, "A rule of data quality")
    rule = QualityRule(
        code=code,
        what=entry.text("what"),
        because=entry.text("because"),
        mixed=_share(entry, "mixed"),
        poor=_share(entry, "poor"),
        of=_one_of(entry, "of", _OF, default="examples"),
        present=_present(entry),
    )
    _check_shares(entry, rule)
    return rule


def _share(entry: Section, key: str) -> float | None:
    if key not in entry.table:
        return None
    value = entry.number(key)
    if not 0 < value <= 1:
        raise entry.error(key, f"{key} = {value:g}", "A share is above 0, at most 1.")
    return value


def _present(entry: Section) -> Grade | None:
    if "present" not in entry.table:
        return None
    return Grade(_one_of(entry, "present", [g.value for g in _PRESENT]))


def _one_of(
    entry: Section, key: str, known: "tuple[str, ...] | list[str]", default: str = ""
) -> str:
    value = entry.text(key, default or None)
    if value not in known:
        raise entry.error(
            key,
            f"{key} = {shown(value)}",
            f"It is one of {', '.join(known)}.{suggest(value, known)}",
        )
    return value


def _check_shares(entry: Section, rule: QualityRule) -> None:
    shares = [s for s in (rule.mixed, rule.poor) if s is not None]
    if rule.present and (shares or "of" in entry.table):
        raise entry.error(
            "present",
            "present beside mixed, poor or of",
            "A rule counts a share of examples, or a warning that is there.",
        )
    if not rule.present and not shares:
        raise entry.error(
            None,
            f"{rule.code} never counts",
            "Give it mixed and poor, or present; or take the table out.",
        )
    if shares != sorted(shares):
        raise entry.error(
            "mixed",
            f"mixed = {rule.mixed:g} is above poor = {rule.poor:g}",
            "Data are mixed before they are poor.",
        )
