"""Safetensors files as their headers describe them: nothing of a weight is read.

The first 8 bytes are the header's length, little-endian; the header is JSON with
type, shape and place of every tensor (safetensors, 'Format').
"""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunewise.domain.errors import ModelError

# Files that run code when they are read, whatever they hold.
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill")
HEADER_BYTES = 100_000_000  # safetensors' own limit of a header

_BITS = re.compile(r"\d+")


def shapes_of(weights: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of a safetensors file, by name.

    Raises
    ------
    ModelError
        If it cannot be read, is none, or is shorter than its header says.
    """
    try:
        with weights.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > HEADER_BYTES:
                raise ValueError(f"a header of {size} bytes")
            header = json.loads(file.read(size))
        tensors = {k: v for k, v in header.items() if k != "__metadata__"}
        _check_whole(tensors, weights.stat().st_size - 8 - size)
        return {name: tuple(tensor["shape"]) for name, tensor in tensors.items()}
    except OSError as error:
        raise ModelError(
            f"{weights}: cannot be read ({error.strerror})\n"
            "  Make it readable, or name another folder."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"{weights}: not a safetensors file ({error})\n"
            "  Fetch the model again, or name another folder."
        ) from None


def parameters_of(weights: Path) -> int:
    """Count the parameters of a safetensors file; errors as :func:`shapes_of`."""
    return sum(math.prod(shape) for shape in shapes_of(weights).values())


def _check_whole(tensors: Mapping[str, Any], stored: int) -> None:
    """Refuse a file that is shorter than its header says, or a tensor that is."""
    said = 0
    for name, tensor in tensors.items():
        begin, end = tensor["data_offsets"]
        bits = _BITS.search(tensor["dtype"])  # F32, BF16, I8, F8_E4M3; BOOL is a byte
        needed = math.prod(tensor["shape"]) * (int(bits[0]) if bits else 8) / 8
        if end - begin != needed:
            raise ValueError(f"{name} has {end - begin} bytes and needs {needed:.0f}")
        said = max(said, end)
    if said != stored:
        raise ValueError(f"{stored} bytes of weights where its header says {said}")
