"""Drift: does later data still look like what the decision rested on?"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from tracker import models as model_records
from tunewise.datasets import files
from tunewise.domain.dataset import Dataset, Split
from tunewise.domain.errors import DatasetError, NotRecorded
from tunewise.evidence.drift import drift
from tunewise.workflow import datasets, models
from tunewise.workflow.home import Home

View = dict[str, Any]
SEED = 20261123


def check(home: Home, model: str, data: Path, documents: Path | None = None) -> View:
    """Compare later examples with the dataset version that a model was made from.

    The outcome is recorded with the model version.
    """
    version = models.show(home, model)
    if not version["dataset"]:
        raise NotRecorded(
            f"model {version['model']}: the data that it was made from are not here\n"
            "  Drift is measured against a dataset version of this home."
        )
    before = datasets.load(home, version["dataset"])
    paths = {"train": data} | ({"documents": documents} if documents else {})
    loaded = files.load(paths)
    later = loaded.dataset.split(Split.TRAIN)
    if not later:
        raise DatasetError(
            f"{data}: holds no example that can be read\n"
            "  See what is wrong with 'tunewise dataset check'."
        )
    found = drift(
        _all(before),
        later,
        seed=SEED,
        documents=before.documents,
        documents_later=loaded.dataset.documents,
    )
    view: View = {
        "model": version["model"],
        "drifted": any(f.drifted for f in found),
        "findings": [asdict(f) for f in found],
        "before": {"dataset": version["dataset"], "examples": len(_all(before))},
        "after": {"file": data.name, "examples": len(later)},
    }
    with home.store() as store:
        model_records.record_drift(
            store, version["model"], body=view, actor=home.actor, at=home.now()
        )
    return view


def _all(dataset: Dataset) -> tuple[Any, ...]:
    return tuple(e for split in Split for e in dataset.split(split))
