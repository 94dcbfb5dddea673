"""``python -m trainer.merge ASKED OUT``: a trained model as one folder of its own.

    base (float32) + what was trained -> merged, checked -> in the precision asked for
        -> OUT: weights, config, generation config, tokenizer, chat template
        -> loaded again from there, compared

ASKED is a JSON file: ``base`` and ``weights`` (folders), ``method`` (lora, full),
``dtype`` (float32, bfloat16) and ``messages``, a prompt on which logits are compared.
What was measured stands in OUT/merged.json. Exit status 2: the user can mend it.
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer.alone import keep_to_itself
from tunewise.domain.errors import EnvironmentProblem, ModelError, TunewiseError

PRECISIONS = ("float32", "bfloat16")


def main(arguments: list[str]) -> int:
    """Merge as the file says; nothing that failed a check is handed out."""
    asked, out = map(Path, arguments)
    keep_to_itself()
    try:
        _merge(json.loads(asked.read_text(encoding="utf-8")), out)
    except TunewiseError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _merge(asked: Mapping[str, Any], out: Path) -> None:
    import torch
    from safetensors import SafetensorError

    from trainer import base
    from trainer.chat import prompt_ids
    from trainer.files import write_json
    from trainer.reloading import largest_difference, logits, reload
    from tunewise.domain.dataset import Message

    folder, weights = Path(asked["base"]), Path(asked["weights"])
    dtype = getattr(torch, asked["dtype"])
    cpu = torch.device("cpu")
    tokenizer = base.load_tokenizer(folder)
    ids = prompt_ids(tokenizer, [Message(**m) for m in asked["messages"]])
    merged = reload(
        lambda dtype: base.load_model(folder, device=cpu, dtype=dtype),
        weights,
        asked["method"],
        ids,
        dtype=dtype,
    )
    if merged.moved_by_rounding > merged.moved_by_training:
        raise ModelError(
            f"rounding to {asked['dtype']} moves the logits by "
            f"{merged.moved_by_rounding:.1e}, training did by "
            f"{merged.moved_by_training:.1e}\n  Merge in float32."
        )
    try:
        merged.model.save_pretrained(out)
        tokenizer.save_pretrained(out)
        for weights_file in out.glob("*.safetensors"):  # written for their owner only,
            shutil.copymode(out / "config.json", weights_file)  # but servers read them
    except (OSError, SafetensorError) as error:
        raise EnvironmentProblem(
            f"{out}: the merged model cannot be written ({error})\n"
            "  Make room, or name another folder."
        ) from None
    again = base.load_model(out, device=cpu, dtype=dtype)
    by_writing = largest_difference(logits(merged.model, ids), logits(again, ids))
    if by_writing:
        raise ModelError(
            f"the merged model answers otherwise after it was written: its logits "
            f"move by {by_writing:.1e}\n  Its base model may hold what is not saved."
        )
    write_json(
        out / "merged.json",
        {
            "precision": asked["dtype"],
            "prompt_tokens": len(ids),
            "largest_logit_difference": {
                "merging": merged.moved_by_merging,
                "rounding": merged.moved_by_rounding,
                "writing": by_writing,
                "training": merged.moved_by_training,
            },
        },
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
