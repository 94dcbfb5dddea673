"""Evidence that facts name: found among the records, kept as a document, or neither.

run, experiment, dataset, model, decision   must be recorded here
document                                    as ``documents`` finds it
imported                                    recorded here where it names such a run
person                                      stays as it was written

Each link says what exactly was looked at (``checked``).
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
from tunewise.workflow.decisions import documents
from tunewise.workflow.decisions.documents import Looked, MissingDocument
from tunewise.workflow.experiments.arm_runs import is_imported

_LookUp = Callable[[str], Looked]  # reference of a document -> what there is of it

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
        If a record or a file that facts name is not here; it lists all of them.
    """
    facts: dict[Evidence, list[str]] = {}
    for fact in sheet:
        if fact.evidence.kind is not EvidenceKind.ASSUMED:
            facts.setdefault(fact.evidence, []).append(fact.name)
    found, missing, lost = [], [], []
    look_up = _within(folder, _taken_over(store, facts))
    for evidence, names in facts.items():
        who = ", ".join(names)
        if problem := _missing(store, evidence):
            missing.append(f"{who}: {problem}")
            continue
        try:
            found.append(_found(store, evidence, tuple(names), look_up))
        except MissingDocument as error:
            lost.append(f"{who}: {error}")
    _refuse(missing)
    _refuse_lost(lost)
    return tuple(sorted(found, key=lambda f: (f.link.kind, f.link.reference)))


def of_text(
    store: Store | None, what: str, written: str, *, folder: Path | None
) -> Found:
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
    try:
        return _found(store, evidence, (), _at(folder))
    except MissingDocument as error:
        _refuse_lost([f"{what}: {error}"])
        raise


def document(what: str, reference: str, *, folder: Path | None) -> Found:
    """Look up a document that a person named by its path, URL or title."""
    evidence = Evidence(EvidenceKind.DOCUMENT, reference)
    try:
        return _found(None, evidence, (), _at(folder))
    except MissingDocument as error:
        _refuse_lost([f"{what}: {error}"])
        raise


def keep(store: Store, found: Iterable[Found]) -> list[EvidenceLink]:
    """Store the files among what was found; the links then carry their digests."""
    return [_kept(store, each) for each in found]


def experiments_of(store: Store, links: Iterable[EvidenceLink]) -> list[str]:
    """Return the experiments that the links name, or whose runs they name."""
    named: dict[str, None] = {}
    for link in links:
        of_run = link.kind == EvidenceKind.RUN or is_imported_link(link)
        if of_run:
            named[run_records.get(store, link.reference).experiment] = None
        elif link.kind == EvidenceKind.EXPERIMENT:
            named[link.reference] = None
    return [experiment for experiment in named if experiment]


def is_imported_run(store: Store, reference: str) -> bool:
    """Tell whether a run with answers that were imported has this id."""
    try:
        run = run_records.get(store, reference)
    except NotRecorded:
        return False
    return run.id == reference and is_imported(run)


def is_imported_link(link: EvidenceLink) -> bool:
    """Tell whether a link names a run with answers that were imported."""
    return link.kind == EvidenceKind.IMPORTED and link.found == RECORDED


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


def _refuse_lost(lost: Sequence[str]) -> None:
    if lost:
        raise FactError(
            "\n".join(lost) + "\n  Name a file that exists, a URL with https://, or a "
            "title in words."
        )


_WHY_NOT = {
    EvidenceKind.PERSON: f"{NOT_CHECKED}: said by a person",
    EvidenceKind.IMPORTED: f"{NOT_CHECKED}: measured elsewhere",
}


def _found(
    store: Store | None,
    evidence: Evidence,
    facts: tuple[str, ...],
    look_up: _LookUp,
) -> Found:
    link = EvidenceLink(evidence.kind.value, evidence.reference, facts, NOT_CHECKED)
    recorded = replace(link, found=RECORDED, checked=RECORDED)
    if evidence.kind in _RECORDS:
        return Found(recorded)
    if _is_import(store, evidence):
        return Found(recorded)
    if evidence.kind is not EvidenceKind.DOCUMENT:
        return Found(replace(link, checked=_WHY_NOT[evidence.kind]))
    # what an experiment learns from its dataset names the version as a document
    if store and not _missing(store, replace(evidence, kind=EvidenceKind.DATASET)):
        return Found(recorded)
    looked = look_up(evidence.reference)
    link = replace(link, checked=looked.checked)
    return Found(replace(link, found=KEPT) if looked.file else link, looked.file)


def _is_import(store: Store | None, evidence: Evidence) -> bool:
    if store is None or evidence.kind is not EvidenceKind.IMPORTED:
        return False
    return is_imported_run(store, evidence.reference)


def _at(folder: Path | None) -> _LookUp:
    """Return how to find the file that a person names, wherever it lies."""
    return lambda reference: documents.look_up(reference, folder=folder)


def _within(folder: Path | None, taken_over: Mapping[str, str]) -> _LookUp:
    """Return how to find the file that a sheet names, in its folder or below it.

    A sheet that an experiment wrote lies elsewhere than the one that it began with.
    """

    def look_up(reference: str) -> Looked:
        try:
            return documents.look_up(reference, folder=folder, within=True)
        except MissingDocument:
            if reference not in taken_over:
                raise
            return Looked(f"{NOT_CHECKED}: as {taken_over[reference]} names it")

    return look_up


def _taken_over(store: Store | None, named: Iterable[Evidence]) -> dict[str, str]:
    """Return the documents that the facts of the named experiments rest on."""
    if store is None:
        return {}
    links = [
        EvidenceLink(evidence.kind.value, evidence.reference, (), RECORDED)
        for evidence in named
        if (evidence.kind in _RECORDS and not _missing(store, evidence))
        or _is_import(store, evidence)
    ]
    found: dict[str, str] = {}
    for id in experiments_of(store, links):
        before = experiment_records.get(store, id).body.get("facts_before", {})
        for entry in before.get("facts", {}).values():
            said = entry.get("evidence", "") if isinstance(entry, dict) else ""
            found[said.removeprefix("document:")] = id
    return found


def _kept(store: Store, found: Found) -> EvidenceLink:
    if found.file is None:
        return found.link
    return replace(found.link, digest=blobs.put_file(store.blobs, found.file))
