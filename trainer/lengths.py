"""``python -m trainer.lengths OUT RUN_DIR…``: what a training would see, without it.

OUT is a JSON file: for the arm of each run, how many examples it trains on, what
became of those that are too long, and how many steps it takes. Nothing but the
tokenizer of the base model is loaded. Exit status 2: the user can mend what stands
in the way, and standard error says how.
"""

import os
import sys
import warnings
from pathlib import Path

from tunewise.domain.errors import TunewiseError


def main(arguments: list[str]) -> int:
    """Look at the runs whose folders are given."""
    out, *runs = map(Path, arguments)
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    warnings.filterwarnings("ignore", category=FutureWarning)
    from trainer.files import write_json

    try:
        write_json(out, dict(_seen(run) for run in runs))
    except TunewiseError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _seen(run: Path) -> tuple[str, dict[str, int]]:
    from trainer.asking import load_data, tokenizer_of, within_window
    from trainer.finetune import steps_of
    from trainer.prompts import Setup
    from trainer.run_config import read_run_config
    from trainer.tuning import BUILDS, fitted_examples

    config = read_run_config(run)
    data = load_data(config, run)
    local = tokenizer_of(config, data, run)
    builds = BUILDS[config.arm](config, data, local)
    within_window(config, data, local, [Setup("", builds.answering, builds.details)])
    examples = fitted_examples(config, data, local, builds)
    left = len(examples.tokens)
    return config.arm, {
        "examples": left,
        "dropped": examples.dropped,
        "truncated": examples.truncated,
        "longest_tokens": examples.longest,
        "steps": steps_of(left, config.finetune),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
