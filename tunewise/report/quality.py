"""A dataset's quality report as people read it: what was found, by severity."""

from collections.abc import Iterable
from dataclasses import dataclass

from tunewise.domain.quality import FINDING_CODES
from tunewise.report.shapes import View

SEVERITIES = ("block", "warn", "note")  # the gravest first


@dataclass(frozen=True, slots=True)
class Counted:
    """All findings of one code and severity, counted."""

    severity: str
    code: str
    meaning: str
    findings: int
    lines: int

    @property
    def count(self) -> str:
        """How often, in words.

        >>> Counted("warn", "leakage", "", findings=2, lines=3).count
        '2 findings, 3 lines'
        """
        told = [_number(self.findings, "finding")] if self.findings > 1 else []
        told += [_number(self.lines, "line")] if self.lines else []
        return ", ".join(told)


def by_severity(findings: Iterable[View]) -> list[Counted]:
    """Return findings counted by code, the gravest severity first.

    A code that is not known (an older record, other software) has no meaning.
    """
    found: dict[tuple[str, str], list[View]] = {}
    for finding in findings:
        found.setdefault((finding["severity"], finding["code"]), []).append(finding)
    return [
        Counted(
            severity,
            code,
            FINDING_CODES.get(code, ""),
            findings=len(entries),
            lines=sum(len(entry["lines"]) for entry in entries),
        )
        for wanted in SEVERITIES
        for (severity, code), entries in found.items()
        if severity == wanted
    ]


def severities(findings: Iterable[View]) -> str:
    """Return how many findings there are of each severity, in words.

    >>> severities([{"severity": "warn"}, {"severity": "warn"}, {"severity": "note"}])
    '2 warn, 1 note'
    """
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding["severity"]] += 1
    return ", ".join(f"{n} {severity}" for severity, n in counts.items() if n)


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
