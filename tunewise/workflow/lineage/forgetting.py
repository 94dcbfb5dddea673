"""What a deleted dataset version leaves in the folders of runs, and its removal.

runs/answers/NAME@N     what endpoints answered about it
runs/EXPERIMENT/data    the splits as its runs read them
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from tracker import experiments
from tracker.store import Store
from tunewise.domain.errors import EnvironmentProblem
from tunewise.workflow.experiments.endpoints import ANSWERS
from tunewise.workflow.experiments.holding import is_held
from tunewise.workflow.home import Home


def forget(home: Home, store: Store, dataset: str) -> None:
    """Remove what runs keep of a version's content, but for one that is under way.

    Raises
    ------
    EnvironmentProblem
        If something cannot be removed; asked again, the rest is.
    """
    for folder in _folders(home, store, dataset):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise EnvironmentProblem(
                f"{folder}: cannot be removed ({error.strerror}), and it holds content "
                f"of {dataset}\n  Mend that and delete the version once more."
            ) from None


def kept_by_runs(home: Home, store: Store, dataset: str) -> bool:
    """Return whether runs keep anything of a version's content that can go."""
    return any(folder.exists() for folder in _folders(home, store, dataset))


def _folders(home: Home, store: Store, dataset: str) -> Iterator[Path]:
    yield home.runs / ANSWERS / dataset
    for row in experiments.list_all(store):
        folder = home.runs / row.id
        if row.dataset == dataset and not is_held(folder):
            yield folder / "data"
