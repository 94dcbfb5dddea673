"""Model versions: ``name@n`` never changes, aliases move and leave a trace.

An alias stands for one version of a name at a time: the last one it was moved to,
unless that version was retired since.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker import chain, deployment_row, records, refs
from tracker.deployment_row import Deployment
from tracker.records import Raw, RecordEvent
from tracker.schema import MODEL, TEXTS_REMOVED
from tracker.store import Store
from tunewise.domain.decision import Actor
from tunewise.domain.errors import ModelError, StatusError
from tunewise.domain.model import AuditEvent


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model version as it stands."""

    id: str  # name@n
    name: str
    number: int
    run: str
    body: Mapping[str, Any]
    blobs: tuple[str, ...]
    by: Actor
    at: str
    aliases: tuple[str, ...] = ()
    retired: str = ""  # the reason, "" while in service
    retired_at: str = ""
    deployments: tuple[Deployment, ...] = ()
    events: tuple[RecordEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class AliasMove:
    """An alias that went from one version to another; "" where it stood for none."""

    alias: str
    before: str
    after: str
    because: str
    by: Actor
    at: str


def register(
    store: Store,
    name: str,
    *,
    body: Mapping[str, object],
    actor: Actor,
    at: str,
    run: str = "",
    blobs: Sequence[str] = (),
) -> ModelRow:
    """Record the next version of a name."""
    refs.check_name(name, what="name of a model", error=ModelError)
    with store.writing(actor, at) as change:
        number = records.next_number(store, MODEL, name)
        id = f"{name}@{number}"
        records.insert(
            change,
            MODEL,
            {"id": id, "name": name, "number": number, "run": run or None},
            action="registered",
            body=body,
            blobs=blobs,
        )
        return get(store, id)


def alias(
    store: Store, ref: str, *, alias: str, because: str, actor: Actor, at: str
) -> ModelRow:
    """Move an alias to a version; where it was before stays in the history.

    Raises
    ------
    ModelError
        If the word cannot be an alias.
    StatusError
        If the version is retired, or if the alias stands for it already.
    """
    refs.check_name(alias, what="alias", error=ModelError)
    if alias.isdigit() or alias == "latest":
        raise ModelError(
            f"{alias!r} cannot be an alias: {alias!r} has a meaning after the '@'\n"
            "  Choose a word such as production."
        )
    with store.writing(actor, at) as change:
        found = get(store, ref)
        if found.retired:
            raise StatusError(
                f"model {found.id} is retired and cannot be {alias!r}\n"
                f"  The reason given: {found.retired}. Move the alias to another."
            )
        if alias in found.aliases:
            raise _stands_already(store, found, alias)
        held = [v.id for v in versions(store, found.name) if alias in v.aliases]
        body = {"alias": alias, "because": because, "moved_from": "".join(held)}
        records.add_event(change, MODEL, found.id, action="aliased", body=body)
        return get(store, found.id)


def unalias(
    store: Store, ref: str, *, alias: str, because: str, actor: Actor, at: str
) -> ModelRow:
    """Take an alias from a version; it stands for nothing until it is moved again."""
    with store.writing(actor, at) as change:
        found = get(store, ref)
        if alias not in found.aliases:
            held = ", ".join(found.aliases) or "none"
            raise StatusError(
                f"model {found.id} does not have the alias {alias!r}\n"
                f"  Its aliases: {held}."
            )
        body = {"alias": alias, "because": because}
        records.add_event(change, MODEL, found.id, action="unaliased", body=body)
        return get(store, found.id)


def describe(
    store: Store,
    ref: str,
    *,
    fields: Mapping[str, str],
    because: str,
    actor: Actor,
    at: str,
) -> ModelRow:
    """Say afterwards what the record of a version lacks; the record stays as it is."""
    with store.writing(actor, at) as change:
        found = get(store, ref)
        body = {"fields": dict(fields), "because": because}
        records.add_event(change, MODEL, found.id, action="described", body=body)
        return get(store, found.id)


def retire(store: Store, ref: str, *, because: str, actor: Actor, at: str) -> ModelRow:
    """Take a version out of service: it loses its aliases, its deployments end."""
    with store.writing(actor, at) as change:
        found = get(store, ref)
        if found.retired:
            raise StatusError(
                f"model {found.id} was retired already, at {found.retired_at}\n"
                f"  The reason given: {found.retired}"
            )
        open_ends = [d for d in found.deployments if deployment_row.lasts_beyond(d, at)]
        for running in open_ends:
            deployment_row.end(
                change,
                running,
                until=deployment_row.later(running.since, at),
                because=f"retired: {because}",
            )
        body = {
            "because": because,
            "released": [*found.aliases],
            "undeployed": [d.id for d in open_ends],
        }
        records.add_event(change, MODEL, found.id, action="retired", body=body)
        return get(store, found.id)


def record_drift(
    store: Store,
    ref: str,
    *,
    body: Mapping[str, object],
    actor: Actor,
    at: str,
    blobs: Sequence[str] = (),
) -> ModelRow:
    """Record the outcome of a drift check of a version.

    Texts of the data belong into ``blobs``, which can be taken away again: the body
    is repeated in the log.
    """
    with store.writing(actor, at) as change:
        id = get(store, ref).id
        records.add_event(
            change, MODEL, id, action="drift-checked", body=body, blobs=blobs
        )
        return get(store, id)


def remove_texts(
    store: Store, ref: str, *, event: int, because: str, actor: Actor, at: str
) -> ModelRow:
    """Leave a tombstone for the blobs of an event; the caller then releases them."""
    with store.writing(actor, at) as change:
        found = get(store, ref)
        body = {"event": event, "because": because}
        records.add_event(change, MODEL, found.id, action=TEXTS_REMOVED, body=body)
        return get(store, found.id)


def get(store: Store, ref: str, *, as_of: str = "") -> ModelRow:
    """Return ``name@n``, ``name@alias``, or the latest of ``name`` in service."""
    asked = refs.parse(ref)
    found = versions(store, asked.name, as_of=as_of)
    for row in found:
        if row.number == asked.number or asked.label in row.aliases:
            return row
    in_service = [row for row in found if not row.retired]
    if asked.label in ("", "latest") and in_service:
        return in_service[-1]
    known = {
        f"{row.name}@{label}"
        for row in list_all(store, as_of=as_of)
        for label in (row.number, *row.aliases)
    }
    raise refs.not_recorded("model", ref, known)


def versions(store: Store, name: str, *, as_of: str = "") -> list[ModelRow]:
    """Return every version of a name in order, the retired ones too."""
    return _derive(records.read(store, MODEL, "name = ?", [name], as_of=as_of))


def newest_entry(store: Store, name: str) -> AuditEvent | None:
    """Return the last entry of the log about any version of a name."""
    rows = store.rows(
        f"SELECT * FROM audit WHERE subject IN (SELECT id FROM {MODEL.table}"
        " WHERE name = ?) ORDER BY seq DESC LIMIT 1",
        [name],
    )
    return chain.from_row(rows[0]) if rows else None


def list_all(store: Store, *, run: str = "", as_of: str = "") -> list[ModelRow]:
    """Return every version of every model in the order they were recorded."""
    rows = _derive(records.read(store, MODEL, as_of=as_of))
    return [row for row in rows if run in ("", row.run)]


def made_by(store: Store, runs: Sequence[str]) -> dict[str, str]:
    """Return the version that each of these runs became; of several the newest."""
    marks = ", ".join("?" * len(runs))
    query = f"SELECT run, id FROM {MODEL.table} WHERE run IN ({marks}) ORDER BY rowid"
    return {row["run"]: row["id"] for row in store.rows(query, runs)}


def decisions_of(store: Store, ids: Collection[str]) -> set[str]:
    """Return the decisions that these versions were recorded for."""
    found = store.rows(
        f"SELECT CASE WHEN json_valid(body) THEN json_extract(body, '$.decision') END"
        f" AS decision FROM {MODEL.table}"
        " WHERE id IN (SELECT value FROM json_each(?))",
        [json.dumps(sorted(ids))],
    )
    return {str(row["decision"]) for row in found if row["decision"]}


def derive_all(found: Iterable[Raw]) -> list[ModelRow]:
    """Return how the versions of a name stand by their records and these events."""
    return _derive(list(found))


def alias_moves(rows: Iterable[ModelRow]) -> list[AliasMove]:
    """Return every move of an alias that these versions saw, oldest first."""
    found = [(event, row.id) for row in rows for event in row.events]
    moves = []
    for event, id in sorted(found, key=lambda pair: pair[0].id):
        body = event.body
        match event.action:
            case "aliased":
                ends = [(body["alias"], body["moved_from"], id)]
            case "unaliased":
                ends = [(body["alias"], id, "")]
            case "retired":
                ends = [(alias, id, "") for alias in body["released"]]
            case _:
                ends = []
        moves += [
            AliasMove(alias, before, after, body["because"], event.by, event.at)
            for alias, before, after in ends
        ]
    return moves


def _stands_already(store: Store, found: ModelRow, alias: str) -> StatusError:
    moves = alias_moves(versions(store, found.name))
    last = [m for m in moves if m.alias == alias][-1]
    return StatusError(
        f"{alias!r} stands for {found.id} already, since {last.at[:10]} by "
        f"{last.by.name}\n"
        f"  The reason given: {last.because}. Nothing was moved."
    )


def _derive(found: list[Raw]) -> list[ModelRow]:
    """Return the rows; an alias's holder is known from all versions of a name."""
    holders: dict[tuple[str, str], str] = {}  # name, alias -> id
    happened = [(event, raw.row) for raw in found for event in raw.events]
    for event, row in sorted(happened, key=lambda pair: pair[0].id):
        if event.action == "aliased":
            holders[row["name"], event.body["alias"]] = row["id"]
        elif event.action == "unaliased":
            # a clock that went back: as of a date, the move to it may be missing
            holders.pop((row["name"], event.body["alias"]), None)
        elif event.action == "retired":
            holders = {key: id for key, id in holders.items() if id != row["id"]}
    aliases: dict[str, list[str]] = {}
    for (_, alias), id in holders.items():
        aliases.setdefault(id, []).append(alias)
    return [_row(raw, aliases.get(raw.row["id"], ())) for raw in found]


def _row(raw: Raw, aliases: Iterable[str]) -> ModelRow:
    row = raw.row
    retired = next((e for e in raw.events if e.action == "retired"), None)
    return ModelRow(
        id=row["id"],
        name=row["name"],
        number=row["number"],
        run=row["run"] or "",
        body=row["body"],
        blobs=row["blobs"],
        by=raw.by,
        at=row["at"],
        aliases=tuple(sorted(aliases)),
        retired=retired.body["because"] if retired else "",
        retired_at=retired.at if retired else "",
        deployments=deployment_row.derive(row["id"], raw.events),
        events=raw.events,
    )
