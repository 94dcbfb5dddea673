"""The data of an experiment: read and checked, registered as a version, limited."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tunewise.datasets.splits import limit
from tunewise.domain.dataset import Dataset, Split
from tunewise.domain.experiment import ExperimentSpec
from tunewise.report.words import split_title
from tunewise.workflow.datasets import checks as dataset_checks
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home, slug
from tunewise.workflow.views import View


def checked(
    spec: ExperimentSpec, schema: dict[str, Any] | None
) -> dataset_checks.Checked | None:
    """Read and check the files; None where the dataset was registered before."""
    if spec.dataset:
        return None
    paths = {role: Path(p) for role, p in spec.dataset_files.items()}
    checked = dataset_checks.read(paths, schema=schema)
    if not spec.accept_because:
        dataset_checks.refuse_blocking(checked)
    return checked


def registered(
    home: Home,
    spec: ExperimentSpec,
    checked: dataset_checks.Checked | None,
    labels: Sequence[str],
) -> View:
    """Return the dataset version, registered now or before."""
    if checked is None:
        return datasets.show(home, spec.dataset)
    return datasets.record(
        home,
        slug(spec.title),
        checked,
        accepted_because=spec.accept_because,
        provenance=spec.provenance,
        labels=tuple(labels),
    )


def as_checked(
    home: Home, spec: ExperimentSpec, checked: dataset_checks.Checked
) -> View:
    """Return what a plan reads of a version, for files that are not registered."""
    return {
        "dataset": slug(spec.title),
        "splits": {
            split.value: {"examples": len(checked.dataset.split(split))}
            for split in Split
        },
        "findings": dataset_checks.findings_view(checked.findings),
        "flagged": checked.flagged,
        "quality": asdict(dataset_checks.graded(home, checked).quality),
    }


def described(version: View) -> str:
    """Say in one line how many examples there are, and how good they are."""
    counts = ", ".join(
        f"{split['examples']} {split_title(name)}"
        for name, split in version["splits"].items()
    )
    warned = sum(f["severity"] == "warn" for f in version["findings"])
    return (
        f"{version['dataset']}: {counts}; quality {version['quality']['grade']}, "
        f"{warned} warnings."
    )


def limited(dataset: Dataset, spec: ExperimentSpec) -> Dataset:
    """Return the examples that the specification's limits leave of a dataset."""
    bounds = {
        Split.TRAIN: spec.limits.train,
        Split.VALIDATION: spec.limits.validation,
        Split.HELDOUT: spec.limits.heldout,
    }
    return Dataset(
        {s: limit(dataset.split(s), n) for s, n in bounds.items()}, dataset.documents
    )
