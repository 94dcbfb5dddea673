"""Entries of the log as sentences."""

from collections.abc import Mapping
from typing import Any

from tunewise.domain.model import AuditEvent
from tunewise.report.numbers import moment
from tunewise.report.shown import contained


def sentence(event: AuditEvent) -> str:
    """Return what happened: ``dataset desk@1 registered``, or more where it says it."""
    kind, _, did = event.action.partition(".")
    return told(event) or f"{kind} {event.subject} {did.replace('-', ' ')}"


def told(event: AuditEvent) -> str:
    """Return what an entry says beyond its action and its subject, "" for most."""
    said: Mapping[str, Any] = event.payload
    match event.action:
        case "model.aliased":
            before = said.get("moved_from")
            text = f"{said.get('alias')} moved to {event.subject}"
            return f"{text}, from {before}" if before else text
        case "model.unaliased":
            return f"{said.get('alias')} taken from {event.subject}"
        case "model.deployed":
            product, since = contained(said.get("product")), moment(said.get("from"))
            place = f"{_place(said)} ({product})"
            return f"{event.subject} deployed as {place}, from {since} on"
        case "model.undeployed":
            return (
                f"{event.subject} no longer {_place(said)}, "
                f"since {moment(said.get('until'))}"
            )
        case "model.drift-checked":
            found = "drift was shown" if said.get("drifted") else "no drift was shown"
            return f"{event.subject} checked on later data: {found}"
        case "model.texts-removed":
            return f"words and labels of a drift check of {event.subject} taken away"
        case "model.described":
            names = ", ".join(sorted(said.get("fields", {})))
            return f"{event.subject} described: {names.replace('_', ' ')}"
        case "decision.described":
            names = ", ".join(said.get("fields", {}))
            return f"{event.subject} described: {names.replace('_', ' ')}"
        case "decision.risk-assigned":
            control = contained(said.get("control") or "no control")
            owner = contained(said.get("owner") or "nobody")
            return (
                f"{event.subject}: risk {said.get('id')}: {control}, {owner} sees to it"
            )
        case "decision.reviewed":
            realised = said.get("realised") or {}
            figures = ", ".join(f"{what} {value}" for what, value in realised.items())
            return f"{event.subject} reviewed: {figures}"
        case "decision.superseded":
            return f"{event.subject} superseded by {said.get('superseded_by')}"
    return ""


def _place(said: Mapping[str, Any]) -> str:
    return f"{contained(said.get('outside'))} in {contained(said.get('environment'))}"
