"""Later requests: what a model is asked today, with an answer or without.

    chat JSON Lines, as for training            answered
    lines that end with the user's message      not answered yet
    {"prompt": …}                               not answered yet

A line that cannot be read is no example, and is told: a log of requests is as it is,
and a check that drops lines in silence looks at other requests than it says.
"""

from dataclasses import dataclass
from pathlib import Path

from tunewise.datasets.chat import parse
from tunewise.datasets.files import opened
from tunewise.domain.dataset import Example, QualityFinding, Severity
from tunewise.domain.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Later:
    """Later examples in file order; the reference of one without an answer is ""."""

    examples: tuple[Example, ...]
    unread: tuple[int, ...]  # lines that hold no example that can be read
    faults: tuple[QualityFinding, ...]  # what is wrong with them

    @property
    def answered(self) -> tuple[Example, ...]:
        """Those that have an answer."""
        return tuple(e for e in self.examples if e.reference.strip())


def read_later(path: Path) -> Later:
    """Read a file of later requests.

    Raises
    ------
    DatasetError
        If the file cannot be read, or holds no example that can.
    """
    with opened(path) as file:
        parsed = parse(file, file=str(path), unanswered=True)
    read = {example.line for example in parsed.examples}
    faults = tuple(f for f in parsed.findings if f.severity is Severity.BLOCK)
    unread = sorted({line for fault in faults for line in fault.lines} - read)
    if not parsed.examples:
        raise DatasetError(
            f"{path}: holds no example that can be read\n"
            "  See what is wrong with 'tunewise dataset check'."
        )
    kept = tuple(f for f in faults if set(f.lines) & set(unread))
    return Later(parsed.examples, tuple(unread), kept)
