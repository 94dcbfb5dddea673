"""Running out of memory: told apart from other errors, and met with half the work."""

import gc

import torch

# What the allocators of torch say; only the one of CUDA has a class of its own.
_WORDS = ("can't allocate memory", "not enough memory", "out of memory")


def ran_out(error: BaseException) -> bool:
    """Tell whether an error means that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(w in str(error) for w in _WORDS)


def give_back() -> None:
    """Give back what a failed pass held; call it outside the except clause."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
