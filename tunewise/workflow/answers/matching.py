"""Answers from elsewhere beside the held-out examples: by id, each example once.

answers of a file + held-out split --match--> one answer or none for each example
    no answer            counts as wrong, and is counted
    an unknown id        refused, with its line
    an id twice          refused, with both lines
    outside the part     a limit takes a part of the split: left out, and counted
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tunewise.domain.dataset import Example
from tunewise.domain.errors import DatasetError
from tunewise.engine.source_text import suggest
from tunewise.workflow.answers.given import AnswerFile, GivenAnswer

_SHOWN = 5  # faults that are named one by one
_EXPORT = (
    "'tunewise dataset export NAME@N DIR' writes the held-out examples with their ids."
)


@dataclass(frozen=True, slots=True)
class Matched:
    """What a file says of each held-out example, in the order of the split."""

    ids: tuple[str, ...]
    answers: tuple[GivenAnswer | None, ...]
    left_out: int = 0  # answers to examples of the split outside the part that is used

    @property
    def texts(self) -> list[str]:
        """The answers; one that is missing is empty, and so wrong."""
        return [answer.text if answer else "" for answer in self.answers]

    @property
    def missing(self) -> list[str]:
        """Ids of the examples without an answer."""
        pairs = zip(self.ids, self.answers, strict=True)
        return [id for id, answer in pairs if answer is None]

    @property
    def failed(self) -> list[str]:
        """Ids of the examples for which the tool reports an error, and no answer."""
        return [a.id for a in self.answers if a is not None and a.error]


def match(
    file: AnswerFile, used: Sequence[Example], split: Sequence[Example]
) -> Matched:
    """Return a file's answers in the order of the held-out examples.

    Parameters
    ----------
    used : the held-out examples that every arm answers
    split : the whole held-out split as registered; an example without an id goes by
        its number in it, from 1

    Raises
    ------
    DatasetError
        If an id is unknown, stands twice or belongs to two examples, or if no answer
        is to an example that is used.
    """
    names = ids_of(split)
    named = dict(zip(split, names, strict=True))
    known = set(names)
    refuse_strangers(file, known, of="held-out", advice=_EXPORT)
    given = {answer.id: answer for answer in file.answers}
    ids = tuple(named[example] for example in used)
    answers = tuple(given.get(name) for name in ids)
    if not any(answers):
        raise DatasetError(
            f"{file.name}: no answer is to one of the {len(ids)} held-out examples "
            "that the specification's limit leaves\n"
            f"  They begin with {', '.join(ids[:_SHOWN])}."
        )
    outside = len(given) - sum(answer is not None for answer in answers)
    return Matched(ids, answers, left_out=outside)


def ids_of(split: Sequence[Example]) -> tuple[str, ...]:
    """Return how the examples of a split are named: by id, else by number from 1."""
    names = tuple(e.id.strip() or str(n) for n, e in enumerate(split, start=1))
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if name in seen:
            raise DatasetError(
                f"held-out examples {seen[name]} and {number} both go by the id "
                f"{name!r}\n  Give each an id of its own (metadata.id), and register "
                "them again."
            )
        seen[name] = number
    return names


def refuse_strangers(
    file: AnswerFile, known: Collection[str], *, of: str, advice: str
) -> None:
    """Refuse a file in which an id stands twice, or that no example has.

    Parameters
    ----------
    of : what kind of examples have the known ids, as in "held-out"
    advice : where the right ids are to be found

    Raises
    ------
    DatasetError
        With the places of the first such answers.
    """
    _refuse_twice(file)
    strangers = [answer for answer in file.answers if answer.id not in known]
    if strangers:
        near = suggest(strangers[0].id, known).strip()
        faults = [
            f"{file.at(answer.place)}: no {of} example has the id {answer.id!r}"
            for answer in strangers
        ]
        _refuse(faults, f"{advice}{f' {near}' if near else ''}")


def _refuse_twice(file: AnswerFile) -> None:
    first: dict[str, int] = {}
    faults = []
    for answer in file.answers:
        if answer.id in first:
            where = file.at(answer.place)
            faults.append(f"{where}: the id {answer.id!r} stood in {first[answer.id]}")
        first.setdefault(answer.id, answer.place)
    _refuse(faults, "Each example is answered once: keep one answer.")


def _refuse(faults: Sequence[str], advice: str) -> None:
    if not faults:
        return
    shown = [*faults[:_SHOWN]]
    if (more := len(faults) - _SHOWN) > 0:
        shown.append(f"and {more} more")
    raise DatasetError("{}\n  {}".format("\n".join(shown), advice))
