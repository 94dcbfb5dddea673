"""Other examples, answered with what a run has found: its set-up, its weights.

    prompt, rag        the set-up of that name, made from the same training split
    finetune, hybrid   the weights that were kept, reloaded as they were scored

Nothing is picked and nothing is trained, so that what answers is the model version
as it is recorded.
"""

from dataclasses import replace
from pathlib import Path

from trainer.answering import Answerer, LocalModel
from trainer.asking import (
    Data,
    Outcome,
    answer_heldout,
    answerer_of,
    retriever_of,
    tokenizer_of,
    within_window,
)
from trainer.files import Progress
from trainer.prompts import Setup, prompt_setups, rag_setups
from trainer.run_config import Again, RunConfig
from trainer.tuning import BUILDS
from tunewise.domain.errors import SpecError


def answer_again(
    config: RunConfig, data: Data, folder: Path, progress: Progress
) -> Outcome:
    """Answer the held-out examples of this run as the earlier run would.

    Raises
    ------
    SpecError
        If the run's configuration makes no set-up of that name.
    ModelError
        If a prompt is longer than the model's window, or the weights are damaged.
    """
    again = config.again or Again("")
    answerer: Answerer
    if config.trains:
        answerer, setup = _tuned(config, data, folder, again)
    else:
        answerer = answerer_of(config, data, folder)
        setup = _named(config, data, answerer, again.setup)
    within_window(config, data, answerer, [setup])
    return answer_heldout(
        config, data, answerer, setup, progress, setups=[], latency=False
    )


def _named(config: RunConfig, data: Data, answerer: Answerer, name: str) -> Setup:
    """Return the set-up of a name among those that the configuration makes."""
    if config.arm == "rag":
        index, spec = retriever_of(config, data, answerer).index, config.rag
        setups = rag_setups(index, spec.k, spec.shots, data.train, seed=config.seed)
    else:
        asked = config.prompt
        setups = prompt_setups(asked.setups, asked.shots, data.train, seed=config.seed)
    for setup in setups:
        if setup.name == name:
            return setup
    raise SpecError(
        f"{config.run}: no set-up is named {name!r}\n"
        f"  Its configuration makes {', '.join(s.name for s in setups)}."
    )


def _tuned(
    config: RunConfig, data: Data, folder: Path, again: Again
) -> tuple[LocalModel, Setup]:
    """Load the weights that were kept, as they were served when they were scored."""
    from trainer import base, device
    from trainer.chat import prompt_ids
    from trainer.reloading import reload

    local = tokenizer_of(config, data, folder)
    builds = BUILDS[config.arm](config, data, local)
    compute = device.pick()
    reloaded = reload(
        lambda dtype: base.load_model(
            folder / config.model_dir, device=compute.device, dtype=dtype
        ),
        folder / again.weights,
        config.finetune.method,
        prompt_ids(local.tokenizer, builds.answering.build(data.heldout[0])),
        dtype=compute.answering,
    )
    local.model = reloaded.model
    return local, replace(builds.answering, name=again.setup)
