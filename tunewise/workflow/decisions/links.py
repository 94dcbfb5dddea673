"""Evidence that facts name: found among the records, kept as a document, or neither.

run, experiment, dataset, model, decision   must be recorded here
document                                    a file is kept, by its digest; a URL or
                                            a title stays as it was written, and a
                                            file that a sheet names outside its folder
imported, person                            stay as they were written
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tracker import blobs, datasets, models
from tracker import decisions as decision_records
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tracker.store import Store
from tunewise.domain.errors import FactError, NotRecorded
from tunewise.domain.facts import Evidence, EvidenceKind, FactSheet
from tunewise.domain.record import EvidenceLink

_LookUp = Callable[[str], Path | None]  # reference of a document -> its file

LARGEST = 64_000_000  # bytes of a document: what shows a fact, not the data themselves

RECORDED, KEPT, NOT_CHECKED = "recorded here", "kept here", "not checked"


@dataclass(frozen=True, slots=True)
class Found:
    """A link, and the file whose bytes are still to be kept for it."""

    link: EvidenceLink
    file: Path | None = None


def of_sheet(
    store: Store | None, sheet: FactSheet, *, folder: Path | None
) -> tuple[Found, ...]:
    """Look up what the facts of a sheet name as evidence.

    Parameters
    ----------
    store : Store or None
        The records; None where nothing is recorded yet.
    folder : Path or None
        Where the paths of documents begin, and all of them lie: a sheet may come from
        somebody else. None where no file may be read.

    Raises
    ------
    FactError
        If a record that facts name is not here; it lists all of them.
    """
    facts: dict[Evidence, list[str]] = {}
    for fact in sheet:
        if fact.evidence.kind is not EvidenceKind.ASSUMED:
            facts.setdefault(fact.evidence, []).append(fact.name)
    found, missing = [], []
    for evidence, names in facts.items():
        problem = _missing(store, evidence)
        if problem:
            missing.append(f"{', '.join(names)}: {problem}")
        else:
            found.append(_found(store, evidence, tuple(names), _within(folder)))
    _refuse(missing)
    return tuple(sorted(found, key=lambda f: (f.link.kind, f.link.reference)))


def of_text(store: Store | None, what: str, written: str, *, folder: Path) -> Found:
    """Look up one piece of evidence that a person named, as in ``run:r-1``."""
    kind, _, reference = (part.strip() for part in written.partition(":"))
    named = [k.value for k in EvidenceKind if k is not EvidenceKind.ASSUMED]
    if kind not in named or not reference:
        raise FactError(
            f"{what}: '{written}' does not say what it is\n"
            f"  Write one of {', '.join(f'{k}:…' for k in named)}."
        )
    evidence = Evidence(EvidenceKind(kind), reference)
    problem = _missing(store, evidence)
    _refuse([f"{what}: {problem}"] if problem else [])
    return _found(store, evidence, (), _at(folder))


def document(reference: str, *, folder: Path | None) -> Found:
    """Look up a document by its path, URL or title."""
    return _found(None, Evidence(EvidenceKind.DOCUMENT, reference), (), _at(folder))


def keep(store: Store, found: Iterable[Found]) -> list[EvidenceLink]:
    """Store the files among what was found; the links then carry their digests."""
    return [_kept(store, each) for each in found]


def experiments_of(store: Store, links: Iterable[EvidenceLink]) -> list[str]:
    """Return the experiments that the links name, or whose runs they name."""
    named: dict[str, None] = {}
    for link in links:
        if link.kind == EvidenceKind.RUN:
            named[run_records.get(store, link.reference).experiment] = None
        elif link.kind == EvidenceKind.EXPERIMENT:
            named[link.reference] = None
    return [experiment for experiment in named if experiment]


def digests_of(links: Iterable[EvidenceLink]) -> list[str]:
    """Return the blobs that the links rest on."""
    return sorted({link.digest for link in links if link.digest})


def _dataset(store: Store, reference: str) -> str:
    return datasets.get(store, reference).id


def _model(store: Store, reference: str) -> str:
    return models.get(store, reference).id


def _run(store: Store, reference: str) -> str:
    return run_records.get(store, reference).id


def _experiment(store: Store, reference: str) -> str:
    return experiment_records.get(store, reference).id


def _decision(store: Store, reference: str) -> str:
    return decision_records.get(store, reference).id


_RECORDS: Mapping[EvidenceKind, Callable[[Store, str], str]] = {
    EvidenceKind.RUN: _run,
    EvidenceKind.EXPERIMENT: _experiment,
    EvidenceKind.DATASET: _dataset,
    EvidenceKind.MODEL: _model,
    EvidenceKind.DECISION: _decision,
}


def _missing(store: Store | None, evidence: Evidence) -> str:
    """Return why a record that must be here is not, "" where all is well."""
    look_up = _RECORDS.get(evidence.kind)
    if look_up is None:
        return ""
    unknown = f"the {evidence.kind} '{evidence.reference}' is not recorded here"
    if store is None:
        return unknown
    try:
        id = look_up(store, evidence.reference)
    except NotRecorded as error:
        hint = str(error).rpartition("\n  ")[2]
        return f"{unknown}; {hint[0].lower()}{hint[1:]}" if "mean" in hint else unknown
    if id != evidence.reference:
        return (
            f"the {evidence.kind} '{evidence.reference}' is no version; "
            f"write the one that is meant, as in {id}"
        )
    return ""


def _refuse(missing: Sequence[str]) -> None:
    if missing:
        raise FactError(
            "\n".join(missing) + "\n  Evidence of this kind must be a record of this "
            "home; for what was measured elsewhere write imported:…, for a text "
            "document:… ."
        )


def _found(
    store: Store | None,
    evidence: Evidence,
    facts: tuple[str, ...],
    look_up: _LookUp,
) -> Found:
    link = EvidenceLink(evidence.kind.value, evidence.reference, facts, NOT_CHECKED)
    if evidence.kind in _RECORDS:
        return Found(replace(link, found=RECORDED))
    if evidence.kind is not EvidenceKind.DOCUMENT:
        return Found(link)
    # what an experiment learns from its dataset names the version as a document
    if store and not _missing(store, replace(evidence, kind=EvidenceKind.DATASET)):
        return Found(replace(link, found=RECORDED))
    file = look_up(evidence.reference)
    return Found(replace(link, found=KEPT) if file else link, file)


def _at(folder: Path | None) -> _LookUp:
    """Return how to find the file that a person names, wherever it lies."""
    return lambda reference: _file(folder / reference) if folder else None


def _within(folder: Path | None) -> _LookUp:
    """Return how to find the file that a sheet names, in its folder or below it."""

    def look_up(reference: str) -> Path | None:
        if folder is None:
            return None
        try:
            path = (folder / reference).resolve()
            inside = path.is_relative_to(folder.resolve())
        except (OSError, RuntimeError, ValueError):  # too long, links in a circle, NUL
            return None
        return _file(path) if inside else None

    return look_up


def _file(path: Path) -> Path | None:
    """Return a file that can be kept, None where there is none."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return None
    except OSError:  # longer than a path can be
        return None
    try:
        path.open("rb").close()
    except OSError as error:
        raise FactError(
            f"{path}: the document cannot be read ({error.strerror})\n"
            "  Make it readable, or name it by its title or address."
        ) from None
    return path


def _kept(store: Store, found: Found) -> EvidenceLink:
    if found.file is None:
        return found.link
    return replace(found.link, digest=blobs.put_file(store.blobs, found.file))
