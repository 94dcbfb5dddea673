"""What a form sent, and what is wrong with it, field by field.

sent = Form.of_request()
title = sent.text("title", longest=200, required=True)
if sent.errors: show the form again with 422, everything typed kept
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import request

_TITLE = 200  # characters
_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as they were typed, and a message for each that cannot be taken."""

    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_request(cls) -> "Form":
        """Return what the request at hand sent; of a repeated field the first."""
        return cls(request.form.to_dict())

    def text(self, name: str, *, longest: int = _TEXT, required: bool = False) -> str:
        """Return a text without the space around it."""
        value = self.typed.get(name, "").strip()
        if required and not value:
            self.errors[name] = "This is needed."
        if len(value) > longest:
            self.errors[name] = (
                f"{len(value):,} characters, and {longest:,} are kept: shorten it."
            )
        return value

    def title(self, name: str, *, required: bool = True) -> str:
        """Return one line that names something."""
        value = self.text(name, longest=_TITLE, required=required)
        if len(value.splitlines()) > 1:
            self.errors[name] = "One line, please."
        return value

    def lines(self, name: str) -> tuple[str, ...]:
        """Return a text line by line, without empty ones."""
        found = (line.strip() for line in self.text(name).splitlines())
        return tuple(line for line in found if line)

    def choice(
        self, name: str, among: Collection[str], *, required: bool = True
    ) -> str:
        """Return one of the values that were offered, "" for none."""
        value = self.text(name, required=required)
        if value and value not in among:
            self.errors[name] = f"Choose one of: {', '.join(among)}."
        return value

    def day(self, name: str) -> str:
        """Return a date as YYYY-MM-DD, "" for none."""
        value = self.text(name)
        try:
            return date.fromisoformat(value).isoformat() if value else ""
        except ValueError:
            self.errors[name] = f"{value[:40]!r} is no date: write it as 2027-06-30."
            return ""

    def number(self, name: str) -> float | None:
        """Return a finite number, None for none."""
        value = self.text(name)
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.errors[name] = f"{value[:40]!r} is no number: write it as 0.82."
            return None
        return number

    def flag(self, name: str) -> bool:
        """Return whether a box was ticked."""
        return name in self.typed
