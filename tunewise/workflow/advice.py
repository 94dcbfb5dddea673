"""Advice: facts in, verdict out; records nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunewise.engine.verdict import advise
from tunewise.workflow.facts import sheet_of
from tunewise.workflow.home import Home
from tunewise.workflow.views import View, verdict_view


def give_advice(
    home: Home, raw: Mapping[str, Any], *, rules_folder: Path | None = None
) -> View:
    """Return the verdict on these facts, as ``tunewise advise --json`` prints it."""
    rules = home.rules(rules_folder)
    return verdict_view(advise(rules, sheet_of(raw, rules), today=home.today()))
