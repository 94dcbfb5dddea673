"""The answers of a model version to later examples, and their score beside the old one.

--answers FILE     what the model in use has answered: CSV, JSON Lines, promptfoo's
                   results, as 'experiment import' reads them (``workflow.answers``)
else               the version answers here: its weights or set-up, in a child
                   process, as in its experiment (``trainer.again``)
neither            the score is not looked at, and the check says why
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tracker import experiments as experiment_records
from trainer.scoring import score
from tunewise.datasets.fields import validator_of
from tunewise.datasets.later import Later
from tunewise.domain.dataset import Example
from tunewise.domain.experiment import DEFAULT_MARGIN, METRICS, Score
from tunewise.evidence.aggregates import AGGREGATES
from tunewise.evidence.drift import LEAST, ScoreChange
from tunewise.evidence.intervals import score_of
from tunewise.workflow.answers import files as answer_files
from tunewise.workflow.answers.matching import refuse_strangers
from tunewise.workflow.drift.answering import NotAnswered, by_version
from tunewise.workflow.experiments import results
from tunewise.workflow.experiments.telling import Tell
from tunewise.workflow.home import Home
from tunewise.workflow.views import View


@dataclass(frozen=True, slots=True)
class Answering:
    """Where the model's answers come from."""

    file: Path | None = None  # they were given elsewhere
    prompts: tuple[str, ...] = ()  # which of several, in a file of promptfoo's
    here: bool = True  # else the version may answer on this machine
    at_most: int = 500  # examples that it answers here; of more a sample is drawn


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to later examples, and how they came about."""

    examples: tuple[Example, ...]
    texts: tuple[str, ...]
    how: str
    missing: int = 0  # examples without an answer: they are not scored
    drawn_from: int = 0  # later examples with a right answer

    def view(self) -> View:
        """Return what the check records of them."""
        return {
            "n": len(self.texts),
            "how": self.how,
            "missing": self.missing,
            "drawn_from": self.drawn_from,
        }


def answers_of(
    home: Home, version: View, later: Later, answering: Answering, *, tell: Tell
) -> Answers:
    """Return the model's answers to the later examples whose right answer is known.

    Raises
    ------
    NotAnswered
        If there is nothing to score, or nobody who could answer.
    DatasetError
        If the file of answers is none, or answers other examples.
    """
    if version["primary_metric"] not in METRICS:
        raise NotAnswered("the version has no score in a metric that is known here")
    if answering.file:
        found = _read(answering.file, later, answering.prompts)
    elif len(later.answered) < LEAST:
        raise NotAnswered(
            f"{len(later.answered)} later examples have a right answer, "
            f"{LEAST} are needed"
        )
    elif not answering.here:
        raise NotAnswered("the version was not to answer; give answers with --answers")
    else:
        examples = _sampled(later.answered, answering.at_most)
        found = Answers(
            examples=tuple(examples),
            texts=tuple(by_version(home, version, examples, tell=tell)),
            how=f"answered by {version['model']} here, as in its experiment",
            drawn_from=len(later.answered),
        )
    if len(found.texts) < LEAST:
        raise NotAnswered(f"{len(found.texts)} answers to score, {LEAST} are needed")
    return found


def change(home: Home, version: View, answers: Answers) -> ScoreChange:
    """Return the version's score on the held-out split, and on these answers.

    Raises
    ------
    NotAnswered
        If the old score has no interval, or if the metric needs a schema that is gone.
    """
    metric = version["primary_metric"]
    recorded = version["metrics"].get(metric)
    if not isinstance(recorded, Mapping) or recorded.get("low") is None:
        raise NotAnswered(f"the version's {metric} was recorded without an interval")
    schema, margin = _judged_by(home, version)
    if metric == "schema_valid" and schema is None:
        raise NotAnswered("its JSON Schema is not on record")
    scored = score(metric, answers.examples, answers.texts, schema=schema)
    now = score_of(
        np.asarray(scored.counts),
        AGGREGATES[scored.kind],
        seed=results.SEED,
        groups=results.groups_of(answers.examples),
    )
    return ScoreChange(
        metric=metric,
        before=Score(**{k: recorded[k] for k in ("value", "low", "high", "n")}),
        later=now,
        margin=margin,
        fact=results.SCORE_FACTS[version["option"]],
    )


def satisfies(schema: Mapping[str, object]) -> Callable[[str], bool]:
    """Return what tells whether a text is JSON that satisfies a schema."""
    validator = validator_of(schema)

    def is_valid(text: str) -> bool:
        try:
            return bool(validator.is_valid(json.loads(text)))
        except (ValueError, RecursionError):
            return False

    return is_valid


def _judged_by(home: Home, version: View) -> tuple[Mapping[str, Any] | None, float]:
    """Return the schema and the equivalence margin of the version's experiment."""
    if not version["experiment"]:
        return None, DEFAULT_MARGIN
    with home.store() as store:
        body = experiment_records.get(store, version["experiment"]).body
    margin = body["spec"]["task"].get("margin", DEFAULT_MARGIN)
    return body.get("schema"), float(margin)


def _read(path: Path, later: Later, prompts: Sequence[str]) -> Answers:
    """Read a file of answers; they must name later examples, each once.

    An answer that is empty is wrong, and so is an error of the tool instead of one.
    """
    file = answer_files.read(path, prompts=prompts)
    refuse_strangers(
        file,
        {e.id.strip() for e in later.examples if e.id.strip()},
        of="later",
        advice="Answers name the metadata.id of the example that they answer.",
    )
    given = {answer.id: answer for answer in file.answers}
    known = {e.id.strip(): e for e in later.answered}
    scored = [(known[id], given[id]) for id in known if id in given]
    failed = sum(bool(answer.error) for _, answer in scored)
    wrong = f"; {failed} of them errors of the tool, which are wrong" if failed else ""
    return Answers(
        examples=tuple(example for example, _ in scored),
        texts=tuple(answer.text.strip() for _, answer in scored),
        how=f"answers of the model in use, from {path.name}{wrong}",
        missing=len(later.answered) - len(scored),
        drawn_from=len(later.answered),
    )


def _sampled(examples: Sequence[Example], at_most: int) -> Sequence[Example]:
    if len(examples) <= at_most:
        return examples
    rng = np.random.default_rng(results.SEED)
    chosen = rng.choice(len(examples), at_most, replace=False)
    return [examples[i] for i in sorted(chosen)]
