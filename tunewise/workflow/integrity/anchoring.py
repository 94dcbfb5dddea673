"""Putting the head of the chain outside, and holding today's chain against it.

to_git, to_file, to_authority   the statement goes out, then into the log
check                           every known anchor: holds, broken, or out of reach
against                         every statement in a place that somebody names
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tracker import anchors, audit, blobs, chain
from tracker.anchors import Anchor, Statement
from tracker.problems import Problem
from tracker.store import Store
from tunewise.domain.errors import EnvironmentProblem, TunewiseError
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import outside, timestamps
from tunewise.workflow.integrity.outside import Line

View = dict[str, Any]

HOLDS, BROKEN, UNREACHED = "holds", "broken", "unreached"
UNSIGNED, UNPROVEN = "unsigned", "unproven"  # of a time stamp


def to_git(home: Home, folder: Path, *, tag: str = "") -> View:
    """Put the head into an annotated tag of a git repository; nothing is pushed."""
    with home.store() as store:
        said = anchors.statement_of(store, at=home.now())
        name = tag or f"tunewise-{said.short}"
        outside.write_tag(folder, name, said.as_text(), tagger=home.actor.name)
        return _record(store, home, said, "git", str(folder.absolute()), name=name)


def to_file(home: Home, path: Path) -> View:
    """Append the head to a file, as one line."""
    with home.store() as store:
        said = anchors.statement_of(store, at=home.now())
        outside.write_line(path, said.as_text())
        return _record(store, home, said, "file", str(path.absolute()))


def to_authority(home: Home, url: str, *, ca: Path | None = None) -> View:
    """Have the head stamped by an RFC 3161 authority; the token is kept as a blob.

    With its certificates (``ca``, PEM) the signature is verified at once, and they
    are kept too. What is kept here shows that nothing was damaged; a proof needs them
    from outside.
    """
    certificates = read_certificates(ca)
    timestamps.certificates_of(certificates)  # refuses what is none, before asking
    with home.store() as store:
        said = anchors.statement_of(store, at=home.now())
        token = timestamps.request(url, _newest_entry(store, said))
        stamp = timestamps.examine(token, certificates)
        if stamp.digest != said.head:
            raise EnvironmentProblem(
                f"{url}: the time stamp is over another digest ({stamp.digest})\n"
                "  Ask again, or another authority."
            )
        kept = {"token": blobs.put_bytes(store.blobs, token)}
        if certificates:
            kept["ca"] = blobs.put_bytes(store.blobs, certificates)
        made = _record(store, home, said, "tsa", url, kept=kept)
    return {**made, "stamped_at": stamp.at, "verified": stamp.verified}


def list_all(home: Home) -> list[View]:
    """Return every anchor that was made, oldest first."""
    with home.store() as store:
        return [_view(anchor) for anchor in anchors.made(store)]


def check(store: Store, *, certificates: bytes = b"") -> list[View]:
    """Return every anchor with its ``state`` and, where it does not hold, why."""
    return [
        {**_view(anchor), **_state(store, anchor, certificates)}
        for anchor in anchors.made(store)
    ]


def against(store: Store, place: Path) -> list[Problem]:
    """Return what contradicts the statements in a repository or file that is named."""
    lines = outside.read_tags(place) if place.is_dir() else outside.read_lines(place)
    (mine,) = [*_first(store), ""][:1]
    found, others = [], 0
    for name, said in _statements(lines):
        if said.first == mine:
            found.append((name, anchors.wrong_with(store, said)))
        else:
            others += 1
    if not found:
        also = f" ({others} of another chain)" if others else ""
        what = f"no anchor of this home's chain is kept there{also}"
        return [Problem("anchor", str(place), what)]
    return [Problem("anchor", f"{place} {name}", what) for name, what in found if what]


def read_certificates(ca: Path | None) -> bytes:
    """Return the content of a PEM file, none for None."""
    if ca is None:
        return b""
    try:
        return ca.read_bytes()
    except OSError as error:
        raise EnvironmentProblem(
            f"{ca}: cannot be read ({error.strerror})\n"
            "  Name the file with the authority's certificates (PEM)."
        ) from error


def _record(
    store: Store,
    home: Home,
    said: Statement,
    place: str,
    where: str,
    *,
    name: str = "",
    kept: dict[str, str] | None = None,
) -> View:
    made = anchors.record(
        store,
        said,
        place=place,
        where=where,
        name=name,
        kept=kept,
        actor=home.actor,
        at=home.now(),
    )
    return _view(made)


def _view(anchor: Anchor) -> View:
    return {
        "entry": anchor.seq,
        "place": anchor.place,
        "where": anchor.where,
        "name": anchor.name,
        "seq": anchor.statement.seq,
        "head": anchor.statement.head,
        "kept": dict(anchor.kept),
        "at": anchor.at,
        "by": anchor.by,
    }


def _state(store: Store, anchor: Anchor, certificates: bytes) -> View:
    """Return ``state`` and ``message``; a broken one contradicts today's chain."""
    if wrong := anchors.wrong_with(store, anchor.statement):
        return {"state": BROKEN, "message": wrong}
    try:
        if anchor.place == "tsa":
            return _stamped(store, anchor, certificates)
        lines = (
            outside.read_tags(Path(anchor.where), [anchor.name])
            if anchor.place == "git"
            else outside.read_lines(Path(anchor.where))
        )
    except EnvironmentProblem as error:
        return {"state": UNREACHED, "message": str(error).splitlines()[0]}
    return _kept_outside(store, anchor, lines)


def _kept_outside(store: Store, anchor: Anchor, lines: Sequence[Line]) -> View:
    own = [
        said
        for name, said in _statements(lines)
        if name == anchor.name or anchor.place == "file"
    ]
    if anchor.statement not in own:
        what = f"the tag {anchor.name}" if anchor.place == "git" else "its line"
        verb = "was changed" if anchor.place == "git" and own else "is gone"
        return {"state": BROKEN, "message": f"{what} {verb} from {anchor.where}"}
    for name, said in _statements(lines):
        if said.first == anchor.statement.first and (
            wrong := anchors.wrong_with(store, said)
        ):
            return {"state": BROKEN, "message": f"{anchor.where} {name}: {wrong}"}
    return {"state": HOLDS, "message": ""}


def _stamped(store: Store, anchor: Anchor, certificates: bytes) -> View:
    if "token" not in anchor.kept:
        return {
            "state": BROKEN,
            "message": "its entry names no time stamp that is kept",
        }
    try:
        if not timestamps.available():
            return {"state": UNREACHED, "message": _by_openssl(store, anchor)}
        token = blobs.read(store.blobs, anchor.kept["token"])
        own = blobs.read(store.blobs, anchor.kept["ca"]) if "ca" in anchor.kept else b""
        stamp = timestamps.examine(token, certificates or own)
    except TunewiseError as error:
        return {"state": BROKEN, "message": str(error).splitlines()[0]}
    if stamp.digest != anchor.statement.head:
        return {"state": BROKEN, "message": "its time stamp is over another digest"}
    if not stamp.verified:
        return {
            "state": UNSIGNED,
            "message": "the time stamp is over this head, but unsigned as far as is "
            "known here: name the authority's certificates with --ca",
        }
    if not certificates:  # whoever rewrites the log can replace those kept with it
        return {
            "state": UNPROVEN,
            "message": f"stamped at {stamp.at}, signed under certificates kept in this "
            "home; name the authority with --ca to prove it",
        }
    return {"state": HOLDS, "message": f"stamped at {stamp.at}"}


def _by_openssl(store: Store, anchor: Anchor) -> str:
    where = blobs.path(store.blobs, anchor.kept["token"])
    head = anchor.statement.head.removeprefix("sha256:")
    return (
        "the extra [timestamp] is not installed; check it with openssl "
        f"ts -verify -digest {head} -in {where} -CAfile CA.pem"
    )


def _statements(lines: Sequence[Line]) -> Iterator[tuple[str, Statement]]:
    for line in lines:
        if said := anchors.parse(line.text):
            yield line.name, said


def _first(store: Store) -> list[str]:
    found = store.rows("SELECT hash FROM audit ORDER BY seq LIMIT 1")
    return [str(row["hash"]) for row in found]


def _newest_entry(store: Store, said: Statement) -> bytes:
    """Return the text whose sha256 is the head."""
    event = audit.entry_of(store, said.head)
    if event is None:
        raise EnvironmentProblem(
            f"{store.path}: the log changed while it was read\n  Try again."
        )
    return chain.entry_text(event).encode()
