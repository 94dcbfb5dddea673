"""Memory: how much there is and was, and what to do when it runs out."""

import ctypes
import gc
import re
from contextlib import suppress
from pathlib import Path

import psutil
import torch

from trainer.environment import peak_memory_bytes

_CGROUP = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self")

# What the allocators of torch say; only the one of CUDA has a class of its own.
_WORDS = ("can't allocate memory", "not enough memory", "out of memory")


def ran_out(error: BaseException) -> bool:
    """Tell whether an error means that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(w in str(error) for w in _WORDS)


def give_back() -> None:
    """Give back what a failed pass or a model held; outside the except clause."""
    gc.collect()
    with suppress(AttributeError, OSError):  # other C libraries have none
        ctypes.CDLL(None).malloc_trim(0)  # glibc keeps freed blocks otherwise
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def restart_peak(device: torch.device) -> bool:
    """Forget the peak so far, so that :func:`peak_since_bytes` is of what follows.

    False where the system cannot (Linux and CUDA can). What is held already counts on:
    give memory back first. On a CPU the peak of the whole process is forgotten too.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return True
    try:
        (_OWN / "clear_refs").write_text("5", encoding="ascii")  # proc(5)
    except OSError:
        return False
    return True


def peak_since_bytes(device: torch.device) -> int:
    """Most memory since :func:`restart_peak`: of the accelerator, else resident."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    status = (_OWN / "status").read_text(encoding="ascii", errors="replace")
    [high_water] = re.findall(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return int(high_water) * 1024


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
