"""What a run saved, as it is served: read from disk, merged, in its precision.

    weights on disk -> onto an untouched float32 base -> adapter merged into it
        -> rounded to the answering precision -> scored

Two checks stand on the way: merging changed nothing, and training something.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors.torch import load_file

from tunewise.domain.errors import ModelError

# of logits, which span about 30 in the 135M base
MERGING_AT_MOST = 1e-2
TRAINING_AT_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A trained model that is ready to answer, and what the checks measured."""

    model: Any
    moved_by_training: float  # largest difference of the logits to the base's
    moved_by_merging: float  # and between the adapter beside its base and in it
    moved_by_rounding: float  # and between float32 and the precision that answers


def reload(
    load: Callable[[torch.dtype], Any],
    weights: Path,
    method: str,
    ids: Sequence[int],
    *,
    dtype: torch.dtype,
) -> Reloaded:
    """Load trained weights from disk into an untouched base, as they are served.

    Parameters
    ----------
    load : returns the untouched base in a precision
    method : "lora" or "full"
    ids : tokens of a prompt on which the checks compare logits

    Raises
    ------
    ModelError
        If the weights are no numbers, if merging changed the answers, or if training
        left the base as it was.
    """
    tuned = load_trained(load(torch.float32), weights, method)
    beside = logits(tuned, ids)
    if not beside.isfinite().all():
        raise ModelError(
            f"{weights}: the trained weights give logits that are no numbers\n"
            "  Training went astray: lower the learning rate, or train it again."
        )
    if isinstance(tuned, PeftModel):
        tuned = tuned.merge_and_unload()
    whole = logits(tuned, ids)
    by_merging = largest_difference(beside, whole)
    if by_merging > MERGING_AT_MOST:
        raise ModelError(
            f"{weights}: merging the adapter moves the logits by {by_merging:.1e}\n"
            "  Its weights are damaged, or too large for float32: train it again."
        )
    served = load(dtype)
    before = logits(served, ids)
    # Never by .to(dtype): that would round the rotary frequencies too, which stay
    # float32 in a model loaded as bfloat16, and move every position.
    served.load_state_dict(tuned.state_dict())
    after = logits(served, ids)
    by_training = largest_difference(before, after)
    if by_training < TRAINING_AT_LEAST:
        raise ModelError(
            f"the trained weights move the logits by {by_training:.1e} at most\n"
            "  Training had no effect: raise the learning rate or the epochs."
        )
    by_rounding = largest_difference(whole, after)
    return Reloaded(served, by_training, by_merging, by_rounding)


def load_trained(base: Any, weights: Path, method: str) -> Any:
    """Load what a run saved, from disk, onto an untouched float32 base."""
    if method == "lora":
        return PeftModel.from_pretrained(base, weights, is_trainable=False).eval()
    base.load_state_dict(load_file(weights / "model.safetensors"), strict=False)
    return base.eval()


@torch.inference_mode()
def logits(model: Any, ids: Sequence[int]) -> torch.Tensor:
    """Return a model's logits on one prompt, tokens by vocabulary, in float32."""
    inputs = torch.tensor([list(ids)], device=model.device)
    found: torch.Tensor = model(input_ids=inputs).logits[0].float()
    return found


def largest_difference(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return the largest difference of two tensors of one shape."""
    return float((a - b).abs().max())
