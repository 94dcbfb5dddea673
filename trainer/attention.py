"""Let the layers of a model attend in another way for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def attending(model: Any, name: str) -> Iterator[None]:
    """Use the attention registered under a name; put back what was used before."""
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = name
    try:
        yield
    finally:
        config._attn_implementation = before
