"""Two JSON values, side by side: where does a report differ from what is recorded?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

View = dict[str, Any]


@dataclass(slots=True)
class Compared:
    """What a report says otherwise, and the keys that could not be compared."""

    differences: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)  # the records cannot give them
    left_out: list[str] = field(default_factory=list)  # the report does not say them

    def hold(
        self,
        said: Mapping[str, Any],
        recorded: Mapping[str, Any],
        derived: Mapping[str, Any],
        *,
        path: str = "",
    ) -> None:
        """Compare a part of a report with what the records give for it.

        A report must say what is ``recorded``. What is ``derived`` from it, software of
        another day may not have told.
        """
        for key, value in plain(recorded).items():
            self.differences += different(f"{path}{key}", said.get(key, ...), value)
        for key, value in plain(derived).items():
            if key in said:
                self.differences += different(f"{path}{key}", said[key], value)
            else:
                self.left_out.append(f"{path}{key}")
        known = recorded.keys() | derived.keys()
        self.unchecked += [f"{path}{key}" for key in said if key not in known]


def plain(value: Mapping[str, Any]) -> View:
    """Return a view as it comes back from JSON."""
    read: View = json.loads(json.dumps(value))
    return read


def different(
    key: str,
    said: object,
    recorded: object,
    *,
    empty: Sequence[object] = (),
) -> Iterator[str]:
    """Yield the first places where two JSON values differ; ``...`` says nothing."""
    if said is ...:
        yield f"{key}: the report lacks it"
    elif isinstance(said, dict) and isinstance(recorded, dict):
        for inner in dict.fromkeys([*recorded, *said]):
            a, b = said.get(inner), recorded.get(inner)
            yield from different(f"{key}.{inner}", a, b)
    elif isinstance(said, list) and isinstance(recorded, list):
        if len(said) != len(recorded):
            yield f"{key}: the report has {len(said)}, the record {len(recorded)}"
        for n, (a, b) in enumerate(zip(said, recorded, strict=False)):
            yield from different(f"{key}[{n}]", a, b)
    elif _not_same(said, recorded) and not (said in empty and recorded in empty):
        yield f"{key}: the report says {_short(said)}, the record {_short(recorded)}"


def entries(view: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key, an empty one where there is none."""
    value = view.get(key)
    return value if isinstance(value, list) else []


def _not_same(a: object, b: object) -> bool:
    """Tell two values apart, also ``true`` from 1 (which Python calls equal)."""
    return a != b or isinstance(a, bool) != isinstance(b, bool)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"
