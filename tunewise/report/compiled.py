"""Compiled templates, kept for the next start: compiling takes longer than rendering.

They lie in the account's own cache and never in a home: a home may come from someone
else, and what lies here is run.
"""

from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from platformdirs import user_cache_path


class Compiled(FileSystemBytecodeCache):
    """Jinja's cache of files, which does without where it cannot write or read."""

    def __init__(self, folder: Path, made_with: str = "") -> None:
        super().__init__(str(folder), f"{jinja2.__version__}-{made_with}-%s")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read what is kept of a template; nothing where that is not possible."""
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, TypeError, UnpicklingError):
            bucket.reset()  # cut short, where a disk was full

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, where there is room for it."""
        with suppress(OSError):
            Path(self.directory).mkdir(mode=0o700, parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def compiled(made_with: str) -> Compiled:
    """Return the cache of this account.

    ``made_with`` names what compiles: code that was made without its escaping would
    be run otherwise, by whoever updates, for every template that stayed the same.
    """
    return Compiled(user_cache_path("tunewise") / "templates", made_with)
