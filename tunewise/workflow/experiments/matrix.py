"""The matrix of held-out examples by arms: a page of it, filtered, searched.

    blobs --once--> index: where each line begins, and the mark of every answer
    index + filters -> numbers of the rows -> only their lines are read

The index lies in the experiment's folder and holds no text: a dataset that is deleted
takes all its words with it. It is made anew where other answers count.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tracker import blobs
from tracker import datasets as dataset_records
from tracker import experiments as records
from tracker import runs as run_records
from tracker.experiments import ExperimentRow
from tracker.runs import RunRow
from tracker.store import Store
from tunewise.datasets import chat
from tunewise.datasets.splits import limit as limited
from tunewise.domain.dataset import Example, Split
from tunewise.domain.errors import NotRecorded
from tunewise.domain.experiment import ARMS, DIAGNOSTICS, JUDGE
from tunewise.workflow.datasets.stored import read_file
from tunewise.workflow.experiments import marks
from tunewise.workflow.experiments.arm_runs import is_imported, of_arm
from tunewise.workflow.home import Home
from tunewise.workflow.jobs.records import read, write

View = dict[str, Any]

_FORM = 1  # of the index; another one is made anew
_SAME = 1e-9  # two marks that differ by less are one


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows and arms somebody wants to see."""

    arms: tuple[str, ...] = ()  # () is every arm
    differ: bool = False  # only where the marks of the arms differ
    failed: bool = False  # only where one of the arms is not wholly right
    text: str = ""  # only where question, reference or an answer holds it
    at: str = ""  # the page on which this example stands
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class _Index:
    """Where lines begin, and what the metric says of each answer."""

    examples: Sequence[int]  # offsets in the held-out file
    answers: Mapping[str, Sequence[int]]  # by arm, offsets in its answers
    marks: Mapping[str, Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class _Sources:
    """The blobs that the index is of."""

    heldout: str
    answers: Mapping[str, str]
    runs: Mapping[str, RunRow]


def page(home: Home, experiment: str, asked: Asked) -> View:
    """Return one page of the matrix.

    Raises
    ------
    NotRecorded
        If there is no such experiment or example, or its data were deleted.
    """
    with home.store() as store:
        row = records.get(store, experiment)
        sources = _sources(store, row)
        index = _index(home, store, row, sources)
        with _open(store, sources) as files:
            return _page(row, sources, index, asked, files)


def _page(
    row: ExperimentRow,
    sources: _Sources,
    index: _Index,
    asked: Asked,
    files: "_Files",
) -> View:
    there = list(sources.answers)
    arms = [arm for arm in there if arm in asked.arms] or there
    total = len(index.examples)
    numbers = [n for n in range(total) if _wanted(index, arms, asked, n)]
    if asked.text:
        needle = _Needle.of(asked.text)
        numbers = [n for n in numbers if files.holds(index, arms, n, needle)]
    offset = asked.offset
    if asked.at:
        offset = _page_of(files, index, numbers, asked)
    shown = numbers[offset : offset + asked.limit]
    return {
        "experiment": row.id,
        "title": row.title,
        "metric": marks.of_one(row.body["spec"]["task"]["metric"]),
        "arms": arms,
        "every_arm": there,
        "total": total,
        "found": len(numbers),
        "offset": offset,
        "limit": asked.limit,
        "rows": [_row(files, sources, index, arms, n) for n in shown],
    }


def _wanted(index: _Index, arms: Sequence[str], asked: Asked, n: int) -> bool:
    if not (asked.differ or asked.failed):
        return True
    found = [_mark(index, arm, n) for arm in arms]
    if asked.failed and all(marks.is_correct(mark) is not False for mark in found):
        return False
    return not asked.differ or _differ(found)


def _mark(index: _Index, arm: str, n: int) -> float | None:
    of_arm = index.marks[arm]
    return of_arm[n] if n < len(of_arm) else None


def _differ(found: Sequence[float | None]) -> bool:
    """Tell whether marks are not all one; silence differs from any number.

    >>> _differ([1.0, 1.0]), _differ([1.0, 0.5]), _differ([None, 1.0])
    (False, True, True)
    """
    numbers = [mark for mark in found if mark is not None]
    silent = len(numbers) not in (0, len(found))
    return silent or (bool(numbers) and max(numbers) - min(numbers) > _SAME)


def _row(
    files: "_Files", sources: _Sources, index: _Index, arms: Sequence[str], n: int
) -> View:
    example = files.example(index, n)
    cells = {}
    for arm in arms:
        if n >= len(index.answers[arm]):
            continue
        mark = _mark(index, arm, n)
        cells[arm] = {
            "answer": files.answer(index, arm, n),
            "score": mark,
            "correct": marks.is_correct(mark),
            "imported": is_imported(sources.runs[arm]),
        }
    return {
        "id": example.id or str(n + 1),
        "number": n + 1,
        "question": example.question,
        "reference": example.reference,
        "arms": cells,
    }


def _page_of(
    files: "_Files", index: _Index, numbers: Sequence[int], asked: Asked
) -> int:
    """Return where the page begins on which an example stands."""
    for place, n in enumerate(numbers):
        if files.is_named(index, n, asked.at):
            return place - place % asked.limit
    raise NotRecorded(
        f"no example '{asked.at[:80]}' among the {len(numbers)} that are shown\n"
        "  Take the filters away, or look it up with the search of this page."
    )


class _Files:
    """The held-out file and the answers of each arm, read line by line."""

    def __init__(self, heldout: BinaryIO, answers: Mapping[str, BinaryIO]) -> None:
        self._heldout, self._answers = heldout, answers

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: object) -> None:
        self._heldout.close()
        for file in self._answers.values():
            file.close()

    def example(self, index: _Index, n: int) -> Example:
        """Return the n-th held-out example."""
        (found,) = chat.parse(_line(self._heldout, index.examples[n]), file="").examples
        return found

    def answer(self, index: _Index, arm: str, n: int) -> str:
        """Return what an arm answered to the n-th example."""
        line = _line(self._answers[arm], index.answers[arm][n])
        return str(json.loads(line)["answer"])

    def is_named(self, index: _Index, n: int, name: str) -> bool:
        """Tell whether an example has this id, or this number where it has none."""
        line = _line(self._heldout, index.examples[n])
        # a line is JSON as canonical.py writes it: most need not be read
        if name != str(n + 1) and _quoted(name).encode() not in line:
            return False
        return name == (self.example(index, n).id or str(n + 1))

    def holds(
        self, index: _Index, arms: Sequence[str], n: int, needle: "_Needle"
    ) -> bool:
        """Tell whether a text stands in the row, whatever its case."""
        if needle.may_be_in(_line(self._heldout, index.examples[n])):
            example = self.example(index, n)
            beside = (example.id, example.question, example.reference)
            if any(needle.text in text.casefold() for text in beside):
                return True
        return any(
            needle.may_be_in(_line(self._answers[arm], index.answers[arm][n]))
            and needle.text in self.answer(index, arm, n).casefold()
            for arm in arms
            if n < len(index.answers[arm])
        )


@dataclass(frozen=True, slots=True)
class _Needle:
    """A text that is searched for, and how it looks within JSON."""

    text: str
    within: str

    @classmethod
    def of(cls, text: str) -> "_Needle":
        return cls(text.casefold(), _quoted(text)[1:-1].casefold())

    def may_be_in(self, line: bytes) -> bool:
        """Tell cheaply whether a line is worth reading: escapes hide what it holds."""
        said = line.decode().casefold()
        return self.within in said or "\\u" in said


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _line(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.readline()


def _open(store: Store, sources: _Sources) -> _Files:
    heldout = blobs.open_blob(store.blobs, sources.heldout)
    answers = {a: blobs.open_blob(store.blobs, d) for a, d in sources.answers.items()}
    return _Files(heldout, answers)


def _sources(store: Store, row: ExperimentRow) -> _Sources:
    runs = run_records.list_all(store, experiment=row.id)
    named = dict.fromkeys(run.arm for run in runs if run.arm != JUDGE)
    known = [arm for arm in (*ARMS, *DIAGNOSTICS) if arm in named]
    counting: dict[str, RunRow] = {}
    for arm in dict.fromkeys([*known, *named]):
        done = [r for r in of_arm(runs, arm) if (r.result or {}).get("answers_blob")]
        if done:
            counting[arm] = done[0]
    dataset = dataset_records.get(store, row.dataset)
    if dataset.deleted:
        raise NotRecorded(
            f"dataset {dataset.id} was deleted: {dataset.deleted}\n"
            "  Its examples are gone, and the answers to them; the scores stay."
        )
    return _Sources(
        heldout=dataset.body["files"][Split.HELDOUT.value],
        answers={a: (r.result or {})["answers_blob"] for a, r in counting.items()},
        runs=counting,
    )


def _index(home: Home, store: Store, row: ExperimentRow, sources: _Sources) -> _Index:
    """Return the index, from the experiment's folder or made anew."""
    place = home.runs / row.id / "matrix.json"
    key = _key(row, sources)
    kept = _kept(place)
    if kept.get("key") != key:
        kept = {"key": key, **_made(store, row, sources)}
        place.parent.mkdir(parents=True, exist_ok=True)
        write(place, kept)
    return _Index(kept["examples"], kept["answers"], kept["marks"])


def _kept(place: Path) -> View:
    try:
        return read(place)
    except ValueError:  # damaged: it holds nothing that cannot be made again
        return {}


def _key(row: ExperimentRow, sources: _Sources) -> str:
    spec = row.body["spec"]
    of = [_FORM, sources.heldout, sources.answers, spec["task"], spec["limits"]]
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()


def _made(store: Store, row: ExperimentRow, sources: _Sources) -> View:
    spec = row.body["spec"]
    dataset = dataset_records.get(store, row.dataset)
    content = read_file(store, dataset, Split.HELDOUT.value)
    begins = _begins(content)
    parsed = chat.parse(content, file="held-out").examples
    examples = limited(parsed, spec["limits"]["heldout"])
    answers, scores = {}, {}
    for arm, digest in sources.answers.items():
        given = blobs.read(store.blobs, digest)
        offsets = _begins(given)[: len(examples)]
        lines = [json.loads(line) for line in given.split(b"\n") if line]
        said = [str(line["answer"]) for line in lines[: len(examples)]]
        answers[arm] = offsets
        scores[arm] = marks.scores(
            spec["task"]["metric"],
            examples[: len(said)],
            said,
            schema=row.body.get("schema"),
        )
    at = [begins[example.line - 1] for example in examples]
    return {"examples": at, "answers": answers, "marks": scores}


def _begins(content: bytes) -> list[int]:
    """Return where each line begins that is not empty.

    >>> _begins(b"ab\\n\\nc\\n")
    [0, 4]
    """
    found, at = [], 0
    for line in content.split(b"\n"):
        if line:
            found.append(at)
        at += len(line) + 1
    return found
