"""Which runs an arm's scores rest on: those that were run here, else the last import.

run here, finished         every one of them: the seeds of the arm
none finished, imported    the newest import; earlier ones stay on record beside it
"""

from collections.abc import Iterable, Mapping, Sequence

from tracker.runs import RunRow
from tunewise.workflow.views import View

IMPORTED = "imported"  # the key of a run's body and of its result that says so


def is_imported(run: RunRow) -> bool:
    """Tell whether the answers of a run were produced elsewhere."""
    return bool(run.body.get(IMPORTED))


def of_arm(runs: Iterable[RunRow], arm: str) -> list[RunRow]:
    """Return the runs that count for an arm, in the order in which they were made."""
    mine = [run for run in runs if run.arm == arm]
    here = [run for run in mine if not is_imported(run)]
    elsewhere = [run for run in mine if is_imported(run) and run.result]
    if not elsewhere or any(run.result for run in here):
        return here
    return elsewhere[-1:]


def imported_view(run: RunRow, runs: Sequence[RunRow]) -> View | None:
    """Return what is known of answers that were produced elsewhere; None for others.

    ``replaces`` names earlier imports of the arm: recorded, and no longer in view.
    """
    if not is_imported(run):
        return None
    counted = (run.result or {}).get(IMPORTED, {})
    same = [r.id for r in runs if r.arm == run.arm and is_imported(r) and r.result]
    return {
        **run.body[IMPORTED],
        **counted,
        "by": run.by.name,
        "identity": run.by.identity,
        "at": run.at,
        "replaces": [id for id in same if id != run.id],
    }


def imported_warnings(arms: Mapping[str, View]) -> list[str]:
    """Return what a reader of imported arms must mind."""
    lines = []
    for arm, view in arms.items():
        said = view.get(IMPORTED)
        if not said:
            continue
        if said["missing"]:
            lines.append(
                f"{arm}: {said['missing']} of {said['n']} held-out examples have no "
                f"answer in {said['file']}; they count as wrong."
            )
        if said["failed"]:
            lines.append(
                f"{arm}: for {said['failed']} of {said['n']} held-out examples "
                f"{said['file']} reports an error; they count as wrong."
            )
        if said["left_out"]:
            lines.append(
                f"{arm}: {said['left_out']} answers in {said['file']} are to examples "
                "outside the part of the held-out split that is used; left out."
            )
    return lines
