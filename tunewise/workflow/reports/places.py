"""A report names files and folders, and does not say where they lie.

Records keep the whole path, by which a file is found again on the same machine. A
report goes to others: an account's name or a project's is nobody's business there.
"""

from collections.abc import Mapping
from pathlib import PurePath, PureWindowsPath
from typing import Any

View = dict[str, Any]

_FILES = "dataset_files"  # of a specification: paths by what they hold
# keys of a specification, a finding and an imported arm under which a path may stand
_NAMED = {"file", "model", "base_model", "encoder", "schema", "examples"}


def without_places(view: View) -> View:
    """Return a view in which of each file and folder only the name is left.

    >>> without_places({"base_model": "/srv/base", "rag": {"encoder": "", "k": [1]}})
    {'base_model': 'base', 'rag': {'encoder': '', 'k': [1]}}
    >>> without_places({"findings": [{"file": "a/heldout.jsonl", "lines": [8]}]})
    {'findings': [{'file': 'a/heldout.jsonl', 'lines': [8]}]}
    """
    return {key: _of_key(key, said) for key, said in view.items()}


def _of_key(key: str, said: object) -> object:
    if key == _FILES and isinstance(said, Mapping):
        return {name: _name(path) for name, path in said.items()}
    if key in _NAMED and isinstance(said, str):
        return _name(said)
    return _below(said)


def _below(said: object) -> object:
    if isinstance(said, Mapping):
        return without_places(dict(said))
    if isinstance(said, list | tuple):
        return [_below(each) for each in said]
    return said


def _name(reference: str) -> str:
    for kind in (PurePath, PureWindowsPath):  # recorded on another system, perhaps
        if kind(reference).is_absolute():
            return kind(reference).name
    return reference
