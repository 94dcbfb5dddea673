"""One arm, from its set-ups to scored answers on the held-out split.

prompt, rag      pick the set-up on validation -> answer held-out
finetune, hybrid train, best epoch on validation -> answer held-out (tuning.py)
diagnostics      gold passage, majority, nearest example; finetune on a part of train
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from trainer.again import answer_again
from trainer.answering import Answer, Answerer
from trainer.asking import (
    Data,
    Outcome,
    answer_heldout,
    answerer_of,
    passages_of,
    retriever_of,
    validated,
    within_window,
)
from trainer.files import Progress
from trainer.prompts import Setup, gold_passage, prompt_setups, rag_setups
from trainer.run_config import RunConfig
from trainer.similar import ExampleIndex
from trainer.tuning import tuned_arm
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import PARTIAL


def run_arm(config: RunConfig, data: Data, folder: Path, progress: Progress) -> Outcome:
    """Run the arm that the configuration names.

    Raises
    ------
    SpecError
        If the arm needs documents and there are none, or is unknown.
    """
    arms: dict[str, Callable[..., Outcome]] = {
        "prompt": _prompt,
        "rag": _rag,
        "finetune": tuned_arm,
        "hybrid": tuned_arm,
        "gold_passage": _gold_passage,
        "majority": _majority,
        "nearest_example": _nearest_example,
        **dict.fromkeys(PARTIAL, tuned_arm),
    }
    if config.arm not in arms:
        raise SpecError(f"arm: '{config.arm}' is not one of {', '.join(arms)}")
    if config.arm in ("rag", "hybrid", "gold_passage") and not data.documents:
        raise SpecError(f"arm {config.arm}: the dataset has no documents")
    if config.again:
        return answer_again(config, data, folder, progress)
    return arms[config.arm](config, data, folder, progress)


def _prompt(config: RunConfig, data: Data, folder: Path, progress: Progress) -> Outcome:
    answerer = answerer_of(config, data, folder)
    spec = config.prompt
    setups = prompt_setups(spec.setups, spec.shots, data.train, seed=config.seed)
    return _best_setup(config, data, answerer, setups, progress)


def _rag(config: RunConfig, data: Data, folder: Path, progress: Progress) -> Outcome:
    answerer = answerer_of(config, data, folder)
    retriever, spec = retriever_of(config, data, answerer), config.rag
    setups = rag_setups(
        retriever.index, spec.k, spec.shots, data.train, seed=config.seed
    )
    outcome = _best_setup(config, data, answerer, setups, progress)
    outcome.details["index"] = retriever.described()
    return outcome


def _gold_passage(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Give the right document: tells a weak retriever from a weak reader."""
    answerer = answerer_of(config, data, folder)
    passages = passages_of(config, data, answerer)
    spec = config.rag
    setup = gold_passage(
        passages, max(spec.k), spec.shots, data.train, seed=config.seed
    )
    return _best_setup(config, data, answerer, [setup], progress, latency=False)


def _majority(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Answer with the most frequent reference of the training split."""
    counted = Counter(e.reference for e in data.train)
    most = counted.most_common(1)[0][0] if counted else ""
    answers = [Answer(most, 0, 0) for _ in data.heldout]
    return Outcome(answers, "majority", [], {"answer": most}, [], 0.0)


def _nearest_example(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Answer with the reference of the most similar training example."""
    index = ExampleIndex(data.train)
    answers = [
        Answer(index.nearest(e.question, 1)[0].reference, 0, 0) for e in data.heldout
    ]
    return Outcome(answers, "nearest example", [], {}, [], 0.0)


def _best_setup(
    config: RunConfig,
    data: Data,
    answerer: Answerer,
    setups: Sequence[Setup],
    progress: Progress,
    *,
    latency: bool = True,
) -> Outcome:
    """Pick the set-up on validation; a tie goes to the earlier, cheaper one.

    Set-ups whose prompts are longer than the model's window are not tried.
    """
    setups = within_window(config, data, answerer, setups)
    scores: list[dict[str, object]] = []
    values = []
    for setup in setups if len(setups) > 1 else ():
        progress.stage("validation", setup.name)
        values.append(validated(config, data, answerer, setup.build, progress))
        scores.append({"setup": setup.name, "score": values[-1]})
    best = setups[values.index(max(values))] if values else setups[0]
    return answer_heldout(
        config, data, answerer, best, progress, setups=scores, latency=latency
    )
