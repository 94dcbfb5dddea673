"""Memory: how much there is and was, and what to do when it runs out."""

import gc
from pathlib import Path

import psutil
import torch

from trainer.environment import peak_memory_bytes

_CGROUP = Path("/sys/fs/cgroup")

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


def peak_bytes(device: torch.device) -> int:
    """Most memory so far: of the accelerator where there is one, else resident."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return peak_memory_bytes()


def available_bytes(device: torch.device) -> int:
    """Memory that can be had now, within the limit of a container."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    free = int(psutil.virtual_memory().available)
    limit, used = (_number(_CGROUP / n) for n in ("memory.max", "memory.current"))
    return free if limit is None or used is None else min(free, limit - used)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no control group, or "max": no limit
        return None
