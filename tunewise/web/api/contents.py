"""Contents of files that came in a body, for workflows that read files.

They lie in a folder of their own for as long as the request takes. No name of a file
comes from the request.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tunewise.domain.errors import TunewiseError
from tunewise.domain.rules import RuleSet
from tunewise.workflow.facts import blaming, checked_sheet, read_facts


@contextmanager
def as_files(contents: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """Give contents as files by their names; errors name these, and no folder."""
    with tempfile.TemporaryDirectory(prefix="tunewise-") as name:
        folder = Path(name)
        paths = {file: folder / file for file in contents}
        for file, content in contents.items():
            paths[file].write_text(content, encoding="utf-8", newline="")
        try:
            yield paths
        except TunewiseError as error:
            said = str(error)
            if name not in said:
                raise
            shown = said.replace(f"{name}/", "").replace(f"{name}\\", "")
            raise type(error)(shown.replace(name, "the request")) from None


def facts_of(given: Mapping[str, Any] | str, rules: RuleSet) -> dict[str, Any]:
    """Return answers that came as an object, or as the content of a fact file."""
    if isinstance(given, str):
        with as_files({"facts": given}) as paths:
            return read_facts(str(paths["facts"]), rules)
    with blaming("facts"):
        checked_sheet(given, rules)
    return dict(given)
