"""A report stays below 250 kB, whatever was measured.

Of long tables the telling rows stay, and how many there were: the labels that an arm
answers worst, the largest slices, the runs that are cited. All are in the records, as
the audit head had them. What no report shows of the two verdicts goes altogether. Of
several experiments a decision's report has the last one whole, and of those before it
what they found.

    the record  --cut for each room, the largest first, until it fits-->  what is kept

A page is its record, that again as HTML, and 14 kB of style: 2.2 times the record.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Room:
    """How much of each long table a report has."""

    labels: int  # of an arm; 77 labels of six arms took 160 kB
    confusions: int  # of an arm
    slices: int  # of a kind
    runs: int  # on the held-out split
    answers: int  # to examples: of four arms a quarter as many examples
    characters: int  # of one text of an example
    not_matched: bool = True  # the criteria that did not match, or how many


ROOMS = (
    Room(labels=8, confusions=8, slices=15, runs=100, answers=20, characters=600),
    Room(labels=4, confusions=4, slices=8, runs=40, answers=12, characters=400),
    Room(labels=2, confusions=2, slices=4, runs=15, answers=8, characters=200),
    Room(2, 2, 4, 15, 8, 200, not_matched=False),
)
MOST = 106_000  # bytes of a record
EXAMPLES = "examples"
IN_BRIEF = "in_brief"  # the key of an experiment of which the rest is left out
_BRIEF = (
    "experiment",
    "title",
    "dataset",
    "heldout_digest",
    "status",
    "error",
    "primary_metric",
    "comparisons",
    "warnings",
    "classification",
    "decision",
    "at",
    "by",
)
_BRIEF_ARM = ("run", "status", "model", "cost", "by_seed", "sent_to", "imported")
_OF_VERDICT = ("recommended", "runner_up", "lead", "margin", "basis", "because")


def shortened(view: View) -> View:
    """Return the record of a report with as much of its long tables as fits."""
    for room in ROOMS:
        kept = _cut(view, room)
        if _size(kept) <= MOST:
            break
    return kept


def _size(view: View) -> int:
    """Return how many bytes the record takes in a page."""
    text = json.dumps(view, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode(errors="surrogatepass"))


def _cut(view: View, room: Room) -> View:
    kept = dict(view)
    if "diagnostics" in kept:
        kept |= _experiment(kept, room)
    if "experiment_views" in kept:
        kept["experiment_views"] = _experiments(kept["experiment_views"], room)
    if "runs_on_heldout" in kept:
        kept["runs_on_heldout"] = _runs(kept["runs_on_heldout"], room.runs)
    if not room.not_matched and "not_matched_kinds" in kept:  # a decision
        verdict = kept["verdict"]
        left_out = {"not_matched_left_out": len(verdict["not_matched"])}
        kept["verdict"] = {**verdict, "not_matched": [], **left_out}
        kept["not_matched_kinds"] = {}
    if EXAMPLES in kept:
        kept[EXAMPLES] = [_examples(part, room) for part in kept[EXAMPLES]]
    return kept


def _runs(runs: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Return the runs that are cited, then the oldest, in the order they came in."""
    first = sorted(range(len(runs)), key=lambda n: (not runs[n]["cited"], n))
    return [runs[n] for n in sorted(first[:most])]


def _examples(part: Mapping[str, Any], room: Room) -> View:
    """Return the most telling examples, long texts of them shortened."""
    arms = max((len(row["arms"]) for row in part["rows"]), default=1)
    rows = part["rows"][: room.answers // max(arms, 1)]
    return {**part, "rows": [_row(row, room.characters) for row in rows]}


def _row(row: Mapping[str, Any], most: int) -> View:
    arms = {
        arm: {**given, "answer": text(given["answer"], most)}
        for arm, given in row["arms"].items()
    }
    texts = {key: text(row[key], most) for key in ("question", "reference")}
    return {**row, **texts, "arms": arms}


def text(said: str, most: int) -> str:
    """Return a text, shortened where it is long, and how long it is.

    >>> text("yes", 600)
    'yes'
    >>> text("a" * 1000, 600)[-22:]
    'aa… (1,000 characters)'
    """
    if len(said) <= most:
        return said
    return f"{said[:most]}… ({len(said):,} characters)"


def _experiments(experiments: Sequence[Mapping[str, Any]], room: Room) -> list[View]:
    """Return the last experiment of a decision, and those before it in brief.

    The costs stay in the last one that reckoned some.
    """
    reckoned = [e["experiment"] for e in experiments if e.get("costs")][-1:]
    before = [
        _brief(each, with_costs=each["experiment"] in reckoned)
        for each in experiments[:-1]
    ]
    return [*before, *(_inside(each, room) for each in experiments[-1:])]


def _inside(experiment: Mapping[str, Any], room: Room) -> View:
    """Return an experiment without the facts, which its decision has."""
    kept = _experiment(experiment, room)
    kept.pop("facts_after", None)
    kept["spec"] = {k: v for k, v in kept["spec"].items() if k != "facts"}
    return kept


def _brief(experiment: Mapping[str, Any], *, with_costs: bool) -> View:
    """Return what an experiment found, arm by arm."""
    metric = experiment["primary_metric"]
    arms = {
        name: {
            **{key: arm[key] for key in _BRIEF_ARM if key in arm},
            "metrics": {k: s for k, s in arm["metrics"].items() if k == metric},
        }
        for name, arm in experiment["arms"].items()
    }
    kept = {key: experiment[key] for key in _BRIEF if key in experiment}
    if with_costs:
        kept |= {key: experiment[key] for key in ("costs", "prices")}
    return {**kept, "arms": arms, IN_BRIEF: True}


def _experiment(experiment: Mapping[str, Any], room: Room) -> View:
    """Return an experiment with the telling rows of its long tables."""
    kept = dict(experiment)
    for key in ("verdict", "verdict_before"):
        if isinstance(said := kept.get(key), Mapping):
            kept[key] = {name: said[name] for name in _OF_VERDICT if name in said}
    kept["arms"] = {name: _arm(arm, room) for name, arm in kept["arms"].items()}
    # diagnostics say how hard the examples are, and not where they fail
    kept["diagnostics"] = {
        name: {**arm, "labels": None} if arm.get("labels") else arm
        for name, arm in kept["diagnostics"].items()
    }
    if not_told := _slices_not_told(experiment["arms"], room):
        kept["slices"] = {**(kept.get("slices") or {}), "not_told": not_told}
    return kept


def _arm(arm: Mapping[str, Any], room: Room) -> View:
    kept = dict(arm)
    if labels := kept.get("labels"):
        confusions = (labels.get("confusions") or [])[: room.confusions]
        weakest = _weakest(labels, room.labels)
        kept["labels"] = {**weakest, "confusions": confusions}
    if slices := kept.get("slices"):
        kept["slices"] = [
            each
            for kind in dict.fromkeys(s["kind"] for s in slices)
            for each in [s for s in slices if s["kind"] == kind][: room.slices]
        ]
    return kept


def _weakest(labels: Mapping[str, Any], most: int) -> View:
    """Return the labels with the lowest F1, in their order, and how many there are.

    >>> scores = [{"label": str(n), "f1": {"value": n}} for n in range(99)]
    >>> found = _weakest({"scores": scores}, 8)
    >>> len(found["scores"]), found["of"], found["scores"][-1]["label"]
    (8, 99, '7')
    """
    scores = labels["scores"]
    if len(scores) <= most:
        return dict(labels)
    weak = sorted(range(len(scores)), key=lambda n: scores[n]["f1"]["value"])
    kept = sorted(weak[:most])
    return {**labels, "scores": [scores[n] for n in kept], "of": len(scores)}


def _slices_not_told(
    arms: Mapping[str, Mapping[str, Any]], room: Room
) -> dict[str, int]:
    """Return by kind how many slices are left out; all arms have the same."""
    every: list[Any] = next(
        (arm["slices"] for arm in arms.values() if arm.get("slices")), []
    )
    sizes = {
        kind: sum(s["kind"] == kind for s in every) - room.slices
        for kind in dict.fromkeys(s["kind"] for s in every)
    }
    return {kind: more for kind, more in sizes.items() if more > 0}
