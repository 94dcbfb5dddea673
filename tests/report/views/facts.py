"""A fact as a decision shows it."""

from typing import Any


def fact(value: object, kind: str, reference: str, **more: Any) -> dict[str, Any]:
    return {"value": value, "evidence": {"kind": kind, "reference": reference}, **more}
