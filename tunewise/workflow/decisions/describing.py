"""What people say of a decision beside its facts, and of the risks of its option.

Both may be said anew while the decision is open; each time is an entry of the log.
"""

from collections.abc import Iterable, Mapping

from tracker import decisions as records
from tracker import describing
from tracker.decision_row import DecisionRow
from tunewise.domain.description import FIELDS, DescriptionField, Said
from tunewise.domain.errors import FactError, NotRecorded, StatusError
from tunewise.domain.record import RiskControl
from tunewise.engine.source_text import suggest
from tunewise.workflow.decisions.described import risks_view
from tunewise.workflow.decisions.seen import require_seen
from tunewise.workflow.decisions.shown import rules_of, show
from tunewise.workflow.facts import read_raw, sheet_of
from tunewise.workflow.home import Home
from tunewise.workflow.statements import one_line, plain
from tunewise.workflow.views import View

_LONGEST = 20_000  # characters of a text
_MANY = 100  # people who are informed
_ALL_FIELDS = ", ".join(FIELDS)


def describe(
    home: Home, id: str, fields: Mapping[str, object], *, seen: str = ""
) -> View:
    """Record what is said of a decision; "" takes a field back.

    Parameters
    ----------
    fields : by their names in :data:`~tunewise.domain.description.FIELDS`
        Texts; ``informed`` is a list of names, or a text with one on each line.
    seen : number of the log's newest entry about it when it was read

    Raises
    ------
    StatusError
        If nothing is said that the record does not say already, a field is not
        known, or the decision is closed.
    """
    said = {name: _said(name, value) for name, value in fields.items()}
    if not said:
        raise StatusError(
            f"decision {id}: nothing is said of it\n"
            f"  Say one of its fields: {_ALL_FIELDS}."
        )
    with home.store() as store, store.writing(home.actor, home.now()):
        require_seen(store, id, seen)
        describing.describe(store, id, fields=said, actor=home.actor, at=home.now())
    return show(home, id)


def read_description(source: str) -> dict[str, object]:
    """Read the fields of a TOML or JSON file; ``-`` is standard input.

    Raises
    ------
    StatusError
        If it cannot be read, or says what is no field.
    """
    name = "standard input" if source == "-" else source
    try:
        raw = read_raw(source)
    except FactError as error:
        first = str(error).partition("\n")[0]
        raise StatusError(
            f"{first}\n  A description is TOML or JSON with the keys {_ALL_FIELDS}."
        ) from None
    if not isinstance(raw, dict):
        raise StatusError(f"{name}: no table of fields\n  Its keys are {_ALL_FIELDS}.")
    for key, value in raw.items():
        try:
            _said(key, value)
        except StatusError as error:
            raise StatusError(f"{name}: {error}") from None
    return raw


def assign_risk(
    home: Home,
    id: str,
    risk: str,
    *,
    control: str | None = None,
    owner: str | None = None,
    seen: str = "",
) -> View:
    """Record what controls a risk, and who sees to it.

    What is None stays as it is, "" takes it back. A decision whose rule set named no
    risks takes those of today's.
    """
    if control is None and owner is None:
        raise StatusError(
            f"decision {id}: risk {risk}: nothing is said\n"
            "  Say what controls it, --control TEXT, who sees to it, --owner NAME, or "
            "both."
        )
    with home.store() as store, store.writing(home.actor, home.now()):
        require_seen(store, id, seen)
        found = _risk(home, records.get(store, id), risk)
        if control is not None:
            control = _checked("control", plain("control", control))
        said = RiskControl(
            id=found["id"],
            title=found["title"],
            why=found["why"],
            options=tuple(found["arms"]),
            source=found["source"],
            usual_control=found["usual_control"],
            control=(found["control"] or "") if control is None else control,
            owner=(found["owner"] or "") if owner is None else _line("owner", owner),
        )
        describing.assign_risk(store, id, said, actor=home.actor, at=home.now())
    return show(home, id)


def risk(home: Home, id: str, risk: str) -> View:
    """Return one risk of a decision, as :func:`show` lists it.

    Raises
    ------
    NotRecorded
        If its option has no such risk.
    """
    with home.store() as store:
        return _risk(home, records.get(store, id), risk)


def _risk(home: Home, row: DecisionRow, id: str) -> View:
    """Return a risk of a decision; refuse one that its option does not have."""
    rules = rules_of(home, row)
    sheet = sheet_of(row.body["facts"], rules)
    known = {risk["id"]: risk for risk in risks_view(row, rules.risks, sheet)}
    if not rules.risks:
        today = home.rules().risks
        known = {r["id"]: r for r in risks_view(row, today, sheet)} | known
    if id not in known:
        option = row.choice or row.recommended
        raise NotRecorded(_no_such_risk(row.id, option, id, known))
    return known[id]


def _no_such_risk(decision: str, option: str, id: str, known: Iterable[str]) -> str:
    names = ", ".join(known)
    advice = f"Its risks: {names}.{suggest(id, known)}" if names else "It has none."
    return f"decision {decision} ({option}) has no risk {id!r}\n  {advice}"


def _said(name: str, value: object) -> Said:
    field = FIELDS.get(name)
    if field is None:
        raise StatusError(
            f"{name[:40]!r} is not said of a decision\n"
            f"  What is: {_ALL_FIELDS}.{suggest(name, FIELDS)}"
        )
    if field.kind == "names":
        return _names(field, value)
    if not isinstance(value, str):
        raise StatusError(
            f"{_option(name)}: {value!r:.60} is not a text\n  {field.asks}"
        )
    if field.kind == "line":
        return _line(_option(name), value)
    return _checked(_option(name), plain(_option(name), value))


def _names(field: DescriptionField, value: object) -> tuple[str, ...]:
    several = value.splitlines() if isinstance(value, str) else value
    if not isinstance(several, list | tuple) or not all(
        isinstance(one, str) for one in several
    ):
        raise StatusError(
            f"{field.name}: {value!r:.60} is not a list of names\n"
            '  Write ["Ada Byron", "Legal"].'
        )
    found = dict.fromkeys(_line(field.name, one) for one in several if one.strip())
    if len(found) > _MANY:
        raise StatusError(
            f"{field.name}: {len(found)} names, and {_MANY} are kept\n"
            "  Name the groups that they belong to."
        )
    return tuple(found)


def _option(name: str) -> str:
    return name.replace("_", "-")


def _line(what: str, said: str) -> str:
    return _checked(what, one_line(what, said)) if said.strip() else ""


def _checked(what: str, text: str) -> str:
    if len(text) > _LONGEST:
        raise StatusError(
            f"{what}: {len(text):,} characters, and {_LONGEST:,} are kept\n"
            "  Shorten it, or keep the text as a document and name that."
        )
    return text
