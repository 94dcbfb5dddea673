"""One folder with everything in it, and who is asking.

    tunewise.db   blobs/   models/   runs/   house/

Clock, ids and actor come in here once, from the command line or the web service,
and are passed on as one value.
"""

import datetime as dt
import re
import secrets
import shlex
import unicodedata
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tracker import audit
from tracker.known import Also, Known, T
from tracker.records import Raw
from tracker.schema import Kind
from tracker.store import Store, open_store
from tunewise import resources
from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.rules import RuleSet
from tunewise.engine.loader import load
from tunewise.workflow.rules import house
from tunewise.workflow.rules.last_good import LastGood


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _short() -> str:
    # 30 bits without look-alikes: an id that can be read out loud
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(6))


@dataclass(frozen=True, slots=True)
class Home:
    """Where records are kept, who acts, and what time it is."""

    path: Path
    actor: Actor
    clock: Callable[[], dt.datetime] = _now
    short_id: Callable[[], str] = _short
    last_good: LastGood | None = None  # in a service
    known: Known | None = None  # in a service
    named: bool = False  # by --home, so what a user is told to type names it too

    @property
    def models(self) -> Path:
        """Base models that were fetched."""
        return self.path / "models"

    @property
    def runs(self) -> Path:
        """One folder for each experiment, one in it for each run."""
        return self.path / "runs"

    def now(self) -> str:
        """Return the time as records write it: ISO 8601, UTC, to the millisecond."""
        return self.clock().isoformat(timespec="milliseconds")

    def today(self) -> dt.date:
        """Return the date, UTC."""
        return self.clock().date()

    def new_id(self, kind: str, title: str) -> str:
        """Return a new id that reads well: ``d-support-desk-k3v9tw``."""
        return f"{kind}-{slug(title)}-{self.short_id()}"

    def store(self, *, create: bool = False) -> Store:
        """Open the records; without ``create`` they must be there.

        Guards that were tampered with and put right by the opening enter the log, and
        with the first write a change of the house's files.
        """
        whole = self.known.whole if self.known else None
        store = open_store(self.path / "tunewise.db", create=create, whole=whole)
        store.known = self.known
        store.before_writing = partial(
            house.note_change, store, folder=self.path / "house"
        )
        if store.mended:
            audit.append(
                store,
                action="guards.mended",
                subject=store.path.name,
                payload={"triggers": list(store.mended)},
                actor=self.actor,
                at=self.now(),
            )
        return store

    def rows(
        self,
        store: Store,
        name: str,
        kind: Kind,
        make: Callable[[Raw], T],
        *,
        stamp: object = None,
        also: Also = lambda subjects: subjects,
    ) -> Mapping[str, T]:
        """Return a row of each record: what a service knows, else all made now."""
        known = self.known or Known()
        return known.rows(store, name, kind, make, stamp=stamp, also=also)

    def answer(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what a service remembers for a key; else make it now."""
        return self.known.answer(key, make) if self.known else make()

    def command(self, *words: str) -> str:
        """Return a command as a user can type it, for this home.

        >>> Home(Path("b o"), Actor("Ada"), named=True).command("experiment", "list")
        "tunewise --home 'b o' experiment list"
        """
        named = ("--home", str(self.path)) if self.named else ()
        return shlex.join(["tunewise", *named, *words])

    def has_records(self) -> bool:
        """Return whether anything was recorded here yet."""
        return (self.path / "tunewise.db").exists()

    def rules(self, folder: Path | None = None) -> RuleSet:
        """Load the rule set: shipped (or from a folder), with the house's over it."""
        if folder is None and self.last_good is not None:
            return self.last_good.rule_set(self.path / "house", self._layered)
        if folder is None:
            return self._layered()
        if not folder.is_dir():
            raise EnvironmentProblem(
                f"{folder}: there is no folder of rules here\n"
                "  Name a folder with facts.toml and criteria/."
            )
        return load(_toml_below(folder), label=str(folder))

    def _layered(self) -> RuleSet:
        return load(resources.rule_texts(), house=_toml_below(self.path / "house"))


def slug(title: str, *, longest: int = 40) -> str:
    """Return a title as it can stand in an id and a URL.

    >>> slug("DEMO: Support desk, März")
    'demo-support-desk-marz'
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return words[:longest].rstrip("-") or "untitled"


def _toml_below(folder: Path) -> dict[str, str]:
    texts, path = {}, folder
    try:
        for path in sorted(folder.rglob("*.toml")):
            name = path.relative_to(folder).as_posix()
            texts[name] = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(f"{path}: cannot be read ({error})") from None
    return texts
