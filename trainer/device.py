"""Where a run computes, and in which precision: chosen once, and recorded.

Training keeps float32 weights on a CPU, where the LoRA updates are small against
the rounding of bfloat16. Answering needs no more than bfloat16, the precision that
models are served in, and takes it where the hardware multiplies it natively (twice
as fast on a CPU with AVX-512 BF16 or AMX); without that it is emulated, and slower.
Attention is torch's own, which takes the block mask of packed examples.
"""

from dataclasses import dataclass

import torch

ATTENTION = "sdpa"


@dataclass(frozen=True, slots=True)
class Compute:
    """A device with the precision of training and of answering."""

    device: torch.device
    training: torch.dtype
    answering: torch.dtype

    def described(self) -> dict[str, str]:
        """Return the choice as a run records it."""
        return {
            "device": str(self.device),
            "precision_training": _name(self.training),
            "precision_answering": _name(self.answering),
            "attention": ATTENTION,
        }

    def because(self) -> dict[str, str]:
        """Return why each precision was chosen (measured: docs/training.md)."""
        emulated = "without native products, bfloat16 is emulated, and slower"
        if self.training is torch.bfloat16:
            training = "the accelerator multiplies bfloat16 natively"
        elif self.answering is torch.bfloat16:
            training = "bfloat16 trains at most 1.3 times as fast here, a little worse"
        else:
            training = emulated
        native = "the hardware multiplies bfloat16 natively"
        answering = native if self.answering is torch.bfloat16 else emulated
        return {"training": training, "answering": answering}


def pick() -> Compute:
    """Return the accelerator where there is one, else the CPU."""
    if torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported()
        dtype = torch.bfloat16 if native else torch.float32
        return Compute(torch.device("cuda"), dtype, dtype)
    if torch.backends.mps.is_available():
        return Compute(torch.device("mps"), torch.float32, torch.float32)
    answering = torch.bfloat16 if _cpu_multiplies_bfloat16() else torch.float32
    return Compute(torch.device("cpu"), torch.float32, answering)


def _cpu_multiplies_bfloat16() -> bool:
    cpu = torch.cpu
    return bool(cpu._is_avx512_bf16_supported() or cpu._is_amx_tile_supported())


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
