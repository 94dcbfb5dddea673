"""``python -m trainer.export_trl RUN_DIR OUT``: training data as TRL reads it.

Each example is rendered as a run of ours would train on it, so that template and
mask are the same whatever TRL makes of the base's template: ``input_ids``, and
``labels`` with -100 where nothing is trained.
"""

import sys
from pathlib import Path

from tunewise.domain.errors import TunewiseError

IGNORED = -100  # what torch's cross-entropy passes over


def main(arguments: list[str]) -> int:
    """Write ``train.jsonl``; 2 where the user can mend what stands in the way."""
    run, out = map(Path, arguments)
    try:
        _write(run, out)
    except TunewiseError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _write(run: Path, out: Path) -> None:
    from trainer import base
    from trainer.asking import load_data
    from trainer.files import write_jsonl
    from trainer.run_config import read_run_config
    from trainer.tuning import training_examples

    config = read_run_config(run)
    tokenizer = base.load_tokenizer(run / config.model_dir)
    train = load_data(config, run).train
    rendered = training_examples(tokenizer, train, config.finetune)
    rows = (
        {
            "input_ids": list(example.ids),
            "labels": [
                token if trained else IGNORED
                for token, trained in zip(example.ids, example.trained, strict=True)
            ],
        }
        for example in rendered
    )
    write_jsonl(out / "train.jsonl", rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
