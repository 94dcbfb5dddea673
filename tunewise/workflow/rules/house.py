"""The house's own files: edited by hand, so a change of them is noticed, not made.

    house/  --digest of each file--> as on record? --no--> entry "house.changed"

The entry is written with the first record after the change, by whoever records it:
who edited the files nobody knows here. Their texts are kept with each decision.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tracker import canonical, chain
from tracker.change import Change
from tracker.store import Store
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.model import AuditEvent
from tunewise.report.shown import contained

CHANGED = "house.changed"
_SUBJECT = "house"

Files = Mapping[str, str]  # path -> sha256, as a decision names the blob of its text


def note_change(store: Store, change: Change, folder: Path) -> None:
    """Log that the house's files are not those on record, where they are not."""
    now, last = files(folder), last_noted(store)
    before = _files_of(last)
    if now != before:
        payload = {
            "before": _digest(before),
            "after": _digest(now),
            "files": now,
            "differing": differing(before, now),
            "noticed_by": change.actor.name,
        }
        change.log(CHANGED, _SUBJECT, payload)


def unnoted(store: Store, folder: Path) -> Iterator[str]:
    """Yield that the house's files differ from those on record, if they do."""
    last = last_noted(store)
    if found := differing(_files_of(last), files(folder)):
        known = f"entry {last.seq}, {last.at}" if last else "none was noted yet"
        yield (
            f"the house's files differ from those on record ({known}): "
            f"{', '.join(found)}; the next command that records something notes it"
        )


def last_noted(store: Store) -> AuditEvent | None:
    """Return the newest entry on the house, None where its files never counted."""
    found = store.rows(
        "SELECT * FROM audit WHERE subject = ? AND action = ?"
        " ORDER BY seq DESC LIMIT 1",
        [_SUBJECT, CHANGED],
    )
    return chain.from_row(found[0]) if found else None


def files(folder: Path) -> dict[str, str]:
    """Return the digest of every file that counts: rules, and what is in templates/.

    Raises
    ------
    EnvironmentProblem
        If one cannot be read.
    """
    found, path = {}, folder
    try:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if _counts(name) and path.is_file():
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                found[name.as_posix()] = f"sha256:{digest}"
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be read ({error.strerror})\n"
            "  What decides must be readable: mend its permissions, or move it away."
        ) from None
    return found


def differing(before: Files, after: Files) -> list[str]:
    """Return each file that came, went or changed, with what it did.

    >>> differing({"a.toml": "1", "b.toml": "1"}, {"b.toml": "2", "c.toml": "1"})
    ['a.toml removed', 'b.toml changed', 'c.toml added']
    """
    return [
        f"{path} {_what(path, before, after)}"
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    ]


def told(event: AuditEvent) -> str:
    """Return an entry on the house as a sentence, "" for any other."""
    if event.action != CHANGED:
        return ""
    said = event.payload.get("differing")
    named = ", ".join(map(str, said)) if isinstance(said, list) else ""
    return (
        f"the house's files had changed: {named} "
        f"(noticed by {contained(event.actor)}'s command; who edited them is not known)"
    )


def _counts(name: Path) -> bool:
    hidden = any(part.startswith(".") for part in name.parts)
    return not hidden and (name.suffix == ".toml" or name.parts[0] == "templates")


def _what(path: str, before: Files, after: Files) -> str:
    if path not in before:
        return "added"
    return "changed" if path in after else "removed"


def _files_of(event: AuditEvent | None) -> Files:
    said = event.payload.get("files") if event else None
    return {str(k): str(v) for k, v in said.items()} if isinstance(said, dict) else {}


def _digest(found: Files) -> str:
    return canonical.digest(dict(found)) if found else ""
