"""What the environment says: the only module that reads it.

Flags stand above environment variables, those above defaults. The command line and
the web service make one ``Settings`` at their start and pass it down.
"""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the records are, and who is asking."""

    home: Path
    actor: Actor


def settings(
    *,
    home: str | None = None,
    by: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Resolve flags, environment variables and defaults, in this order."""
    chosen = home or environment.get("TUNEWISE_HOME")
    folder = _folder(chosen) if chosen else user_data_path("tunewise")
    stated = (by or "").strip() or environment.get("TUNEWISE_BY", "").strip()
    if not stated.isprintable():
        raise EnvironmentProblem(
            f"by: {stated[:40]!r} cannot be a name\n"
            "  Use characters that can be printed: --by 'Tomas Lind'."
        )
    actor = Actor(stated) if stated else Actor(_login_name(), "account")
    return Settings(home=folder.absolute(), actor=actor)


def is_set(variable: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether an environment variable, such as one with a key, holds a text."""
    return bool(environment.get(variable, "").strip())


def _folder(chosen: str) -> Path:
    try:
        return Path(chosen).expanduser()
    except RuntimeError:  # ~name, where there is no account of that name
        raise EnvironmentProblem(
            f"home: {chosen}: there is no such account\n"
            "  Write the folder's whole path."
        ) from None


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no account of this number, as in some containers
        return "unknown"
