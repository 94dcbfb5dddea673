"""What a model version consists of, from what its experiment recorded.

base model: id, revision, licence, hash of each file
  + adapter, hash of each file                 finetune, hybrid
  + prompt: system message, shots              every option
  + retrieval: documents, index, parameters    rag, hybrid, retrieved shots
  + endpoint: the model's name and snapshot    where it is hosted
"""

from collections.abc import Mapping
from typing import Any

from tracker import blobs, canonical
from tracker import datasets as dataset_records
from tracker.runs import RunRow
from tracker.store import Store
from tunewise.datasets import files
from tunewise.domain.dataset import Example, Split
from tunewise.domain.errors import EnvironmentProblem, NotRecorded
from tunewise.workflow.datasets.stored import read_file

View = dict[str, Any]


def base_of(recorded: Mapping[str, Any], named: str) -> View:
    """Return the base model; of one behind an endpoint only the name is known."""
    source = recorded.get("source", "")
    packaged = source.partition("==")[2] if source.startswith("pypi:") else ""
    return {
        "id": recorded.get("id", named),
        "revision": recorded.get("revision") or packaged,
        "digest": recorded.get("digest", ""),
        "licence": recorded.get("licence", ""),
        "source": source,
        "files": dict(recorded.get("files", {})),
        "parameters": recorded.get("parameters", 0),
    }


def setup_of(result: Mapping[str, Any], name: str) -> View:
    """Return the set-up that was picked, without what stands elsewhere."""
    details = result.get("details", {})
    kept = {k: v for k, v in details.items() if k not in ("index", "snapshot")}
    return {"name": name, **kept}


def prompt_of(store: Store, dataset: str, result: Mapping[str, Any]) -> View | None:
    """Return what stands around a question, None where the data are gone.

    The system message is the data's own. Where examples differ in theirs there is no
    one text: then the digest over all of them, sorted, and their number are kept.
    """
    if not dataset:
        return None
    try:
        examples = _heldout(store, dataset)
    except (NotRecorded, EnvironmentProblem):
        return None
    systems = {
        m.content for e in examples for m in e.messages[:1] if m.role == "system"
    }
    shots = result.get("details", {}).get("shots", [])
    view: View = {"system": "", "systems": len(systems), "shots": len(shots)}
    if len(systems) == 1:
        view["system"] = systems.pop()
    elif systems:
        view["digest"] = canonical.digest({"systems": sorted(systems)})
    return view


def retrieval_of(store: Store, dataset: str, run: RunRow) -> View | None:
    """Return what is retrieved for a question and how, None where nothing is."""
    details = (run.result or {}).get("details", {})
    recorded = _recorded(store, dataset)
    if run.arm in ("rag", "hybrid"):
        return {
            "of": "passages",
            "k": details.get("k"),
            "chunk_tokens": run.body.get("rag", {}).get("chunk_tokens"),
            "documents": recorded.get("documents"),
            "index": details.get("index"),
        }
    if details.get("retrieved_shots"):
        train = recorded.get("splits", {}).get(Split.TRAIN.value, {})
        return {
            "of": "training examples",
            "k": details["retrieved_shots"],
            "method": "TF-IDF and latent semantic analysis",
            "examples": {key: train.get(key) for key in ("examples", "digest")},
        }
    return None


def endpoint_of(run: RunRow) -> View | None:
    """Return the endpoint that answered, and the snapshot that it named."""
    asked = run.body.get("endpoint")
    if not asked:
        return None
    details = (run.result or {}).get("details", {})
    return {
        "base_url": asked["base_url"],
        "model": asked["model"],
        "snapshot": details.get("snapshot", ""),
    }


def _heldout(store: Store, dataset: str) -> tuple[Example, ...]:
    """Read the held-out examples of a dataset version, and nothing else of it."""
    row = dataset_records.get(store, dataset)
    if row.deleted:
        raise NotRecorded(f"dataset {row.id} was deleted\n  Its content is gone.")
    digest = row.body["files"].get(Split.HELDOUT.value)
    if not digest:
        return ()
    read_file(store, row, Split.HELDOUT.value)  # refuses what is gone or damaged
    path = blobs.path(store.blobs, digest)
    return files.load({Split.HELDOUT.value: path}).dataset.split(Split.HELDOUT)


def _recorded(store: Store, dataset: str) -> Mapping[str, Any]:
    return dataset_records.get(store, dataset).body if dataset else {}
