"""Examples without a user's or a system message."""

from collections.abc import Iterator, Mapping, Sequence

from tunewise.datasets.findings import counted, file_of, finding, in_part
from tunewise.domain.dataset import Dataset, Example, QualityFinding, Severity, Split


def check_turns(dataset: Dataset, files: Mapping[str, str]) -> Iterator[QualityFinding]:
    """Find examples that ask nothing, and those that lack what the others have."""
    for split in Split:
        found = _of_split(dataset.split(split), file_of(files, split))
        yield from in_part(found, files, split)


def _of_split(examples: Sequence[Example], file: str) -> Iterator[QualityFinding]:
    if lines := _without("user", examples):
        message = (
            f"{counted(len(lines), 'example')} without a user's message. Write "
            "what the user asks: nobody will send a prompt without it."
        )
        yield finding(
            "missing_user_message",
            Severity.WARN,
            file=file,
            lines=lines,
            message=message,
        )
    lines = _without("system", examples)
    if 0 < len(lines) < len(examples):
        message = (
            f"{counted(len(lines), 'example')} without a system message, where the "
            f"other {len(examples) - len(lines):,} have one. Train with the prompt "
            "that will run."
        )
        yield finding(
            "missing_system_message",
            Severity.NOTE,
            file=file,
            lines=lines,
            message=message,
        )


def _without(role: str, examples: Sequence[Example]) -> list[int]:
    return [e.line for e in examples if all(m.role != role for m in e.messages)]
