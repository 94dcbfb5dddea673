"""The bytes of dataset versions: stored once, put back where they were lost."""

from collections.abc import Iterator, Mapping

from tracker import blobs
from tracker import datasets as records
from tracker.datasets import DatasetRow
from tracker.store import Store
from tunewise.datasets import canonical
from tunewise.domain.dataset import Dataset, Split
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem, NotRecorded


def store_content(store: Store, dataset: Dataset) -> dict[str, str]:
    """Store a dataset's files and return their digests by role."""
    return {
        role: blobs.put_bytes(store.blobs, content)
        for role, content in _contents(dataset)
    }


def read_file(store: Store, row: DatasetRow, role: str) -> bytes:
    """Return one file of a version, whole.

    Raises
    ------
    NotRecorded, EnvironmentProblem
        If its blob is missing or damaged: named by the version and the role.
    """
    try:
        return blobs.read(store.blobs, _files(row)[role])
    except (NotRecorded, EnvironmentProblem) as error:
        what = str(error).partition("\n")[0]
        raise type(error)(
            f"{row.id}: its file {role} cannot be read: {what}\n"
            f"  Register the same files as {row.name} again, which puts them back, "
            "or restore a backup;\n  `tunewise verify` lists all damage."
        ) from error


def put_back(
    store: Store,
    row: DatasetRow,
    dataset: Dataset,
    further: tuple[bytes, ...],
    *,
    actor: Actor,
    at: str,
) -> list[str]:
    """Put back what a kept version has lost, and return the digests of it.

    ``dataset`` has the version's content, so its files have the version's digests; no
    other bytes are stored. ``further`` is what else it may rest on (hashes, rules).

    Raises
    ------
    EnvironmentProblem
        If a file is lost and these examples stand in another order, so that theirs
        are other bytes.
    """
    lost = {d for d in row.blobs if not blobs.is_whole(store.blobs, d)}
    if not lost:
        return []
    contents = (*(content for _, content in _contents(dataset)), *further)
    found = {canonical.digest(content): content for content in contents}
    gone = lost & set(_files(row).values()) - found.keys()
    if gone:
        roles = [role for role, digest in _files(row).items() if digest in gone]
        raise EnvironmentProblem(
            f"{row.id} has this content already, but has lost its bytes "
            f"({', '.join(roles)}), and these examples stand in another order\n"
            "  Give the files in the order they were registered in, or restore a "
            "backup; `tunewise verify` lists all damage."
        )
    restored = sorted(lost & found.keys())
    for digest in restored:
        blobs.put_bytes(store.blobs, found[digest])
    if restored:
        records.restored(store, row.id, restored, actor=actor, at=at)
    return restored


def _files(row: DatasetRow) -> Mapping[str, str]:
    files: Mapping[str, str] = row.body["files"]
    return files


def _contents(dataset: Dataset) -> Iterator[tuple[str, bytes]]:
    """Yield the role and the canonical bytes of each file that has content."""
    for split in Split:
        if examples := dataset.split(split):
            yield split.value, canonical.to_jsonl(examples)
    if dataset.documents:
        yield "documents", canonical.documents_to_jsonl(dataset.documents)
