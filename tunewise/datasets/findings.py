"""Quality findings, worded: where, what, what to do.

One fault on ninety lines is one finding with ninety lines, so that a report can be
read; two causes are two findings. ``FindingLog`` collects what a parser meets line by
line; the checks word theirs with ``finding``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tunewise.domain.dataset import QualityFinding, Severity, Split

_SHOWN_LINES = 5
_UNSEEN_WARNS = 0.02  # share of a split; a comparison's default margin is as large
_MOST_CAUSES = 20  # of one code; a file can hold a thousand unknown keys
_ORDER = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.NOTE: 2}


@dataclass(slots=True)
class _Met:
    """One fault as it was first met, and everywhere that it was."""

    what: str
    lines: list[int] = field(default_factory=list)
    alike: bool = True  # said with the same words everywhere


class FindingLog:
    """Faults of one file as they are met; equal ones are told once, with all lines.

    ``cause`` is what faults share that are alike although their words differ (a
    column, an id); without it only the same words are alike.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._met: dict[_Fault, dict[str, _Met]] = {}

    def block(
        self, code: str, line: int, what: str, do: str, *, cause: str = ""
    ) -> None:
        """Note a fault that stops a registration."""
        self._add((code, Severity.BLOCK, do), line, what, cause)

    def warn(
        self, code: str, line: int, what: str, do: str, *, cause: str = ""
    ) -> None:
        """Note a fault that the example survives."""
        self._add((code, Severity.WARN, do), line, what, cause)

    def note(
        self, code: str, line: int, what: str, do: str, *, cause: str = ""
    ) -> None:
        """Note something worth knowing."""
        self._add((code, Severity.NOTE, do), line, what, cause)

    def findings(self) -> tuple[QualityFinding, ...]:
        """Return what was met, the gravest first."""
        return in_order(
            _told(self.file, fault, met, further=cause == _FURTHER)
            for fault, causes in self._met.items()
            for cause, met in causes.items()
        )

    def _add(self, fault: "_Fault", line: int, what: str, cause: str) -> None:
        causes = self._met.setdefault(fault, {})
        key = cause or what
        if key not in causes and len(causes) >= _MOST_CAUSES:
            key = _FURTHER
        met = causes.setdefault(key, _Met(what))
        met.lines.append(line)
        met.alike = met.alike and what == met.what


_Fault = tuple[str, Severity, str]  # code, severity, what to do
_FURTHER = "\0further"  # the key of the causes beyond the most that are told apart


def finding(
    code: str,
    severity: Severity,
    *,
    file: str,
    lines: Iterable[int],
    message: str,
) -> QualityFinding:
    """Return a finding; ``message`` is completed by the lines it is about."""
    numbers = tuple(sorted({n for n in lines if n > 0}))
    where = f"{lines_text(numbers)}: " if numbers else ""
    return QualityFinding(code, severity, file, numbers, where + message)


def lines_text(lines: Sequence[int]) -> str:
    """Say which lines, shortened.

    >>> lines_text([3])
    'line 3'
    >>> lines_text([1, 2, 3, 4, 5, 6, 7])
    'lines 1, 2, 3, 4, 5 and 2 more'
    """
    shown = ", ".join(str(n) for n in lines[:_SHOWN_LINES])
    more = len(lines) - _SHOWN_LINES
    return f"line{'s' if len(lines) > 1 else ''} {shown}" + (
        f" and {more} more" if more > 0 else ""
    )


def in_order(findings: Iterable[QualityFinding]) -> tuple[QualityFinding, ...]:
    """Return the findings, the gravest first, those of one file together."""
    return tuple(sorted(findings, key=lambda f: (_ORDER[f.severity], f.file, f.code)))


def file_of(files: Mapping[str, str], split: Split) -> str:
    """Return the file a split was read from; a fifth of train stands in train's."""
    return files.get(split) or files.get(Split.TRAIN) or str(split)


def file_name(files: Mapping[str, str], split: Split) -> str:
    """Return the name of that file without its folder, as messages have it."""
    return Path(file_of(files, split)).name


def name_of(split: Split) -> str:
    """Return a split's name as people write it.

    >>> name_of(Split.HELDOUT)
    'held-out'
    """
    return "held-out" if split is Split.HELDOUT else str(split)


def in_part(
    found: Iterable[QualityFinding], files: Mapping[str, str], split: Split
) -> Iterator[QualityFinding]:
    """Name the split in what is found in it, where its file holds other splits, too.

    Splits without a file of their own are fifths of train, and stand in train's.
    """
    whole = split in files and (
        split is not Split.TRAIN or all(s in files for s in Split)
    )
    if whole or Split.TRAIN not in files:
        yield from found
        return
    for f in found:
        where = lines_text(f.lines) if f.lines else ""
        message = f.message.removeprefix(f"{where}: ")
        part = f"{where} ({name_of(split)})" if where else name_of(split)
        yield replace(f, message=f"{part}: {message}")


def severity_of_unseen(part: int, whole: int) -> Severity:
    """Say how grave it is that a part of a split expects what train never shows.

    >>> severity_of_unseen(1, 100).value, severity_of_unseen(2, 100).value
    ('note', 'warn')
    """
    return Severity.WARN if part >= _UNSEEN_WARNS * whole else Severity.NOTE


def percent(part: int, whole: int) -> str:
    """Say a share.

    >>> percent(1, 3), percent(1, 3000)
    ('33.3 %', 'under 0.1 %')
    """
    share = 100 * part / whole if whole else 0.0
    return "under 0.1 %" if 0 < share < 0.1 else f"{share:.1f} %"


def counted(n: int, noun: str) -> str:
    """Say how many.

    >>> counted(1, "example"), counted(1200, "example")
    ('1 example', '1,200 examples')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def quoted(text: str, longest: int = 60) -> str:
    """Return a text on one line, in quotation marks, shortened.

    >>> quoted("What is\\nit?")
    '“What is it?”'
    """
    line = " ".join(text.split())
    return f"“{line if len(line) <= longest else line[: longest - 1] + '…'}”"


def quoted_pair(one: str, other: str) -> tuple[str, str]:
    """Return two texts, quoted and cut so that the place where they differ shows."""
    one, other = " ".join(one.split()), " ".join(other.split())
    pairs = zip(one, other, strict=False)
    shorter = min(len(one), len(other))
    differ = next((i for i, (a, b) in enumerate(pairs) if a != b), shorter)
    begin = max(0, differ - 30) if max(len(one), len(other)) > 60 else 0
    lead = "…" if begin else ""
    return quoted(lead + one[begin:]), quoted(lead + other[begin:])


def _told(file: str, fault: _Fault, met: _Met, *, further: bool) -> QualityFinding:
    code, severity, do = fault
    what = met.what
    if not met.alike:
        others = "the others have other causes" if further else "the others are like it"
        what = f"{what} (that is line {met.lines[0]}; {others})"
    message = f"{what}. {do}"
    return finding(code, severity, file=file, lines=met.lines, message=message)
