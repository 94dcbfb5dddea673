"""What people do about a decision: propose, accept, reject, withdraw, sign, replace.

Each step is checked, recorded with its actor in one transaction, and answered with
the decision as it then stands.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker import decisions as records
from tracker import experiments as experiment_records
from tracker import signing
from tracker.decision_row import DecisionRow
from tracker.store import Store
from tunewise import __version__
from tunewise.domain.errors import NotRecorded, StatusError
from tunewise.domain.facts import FactSheet
from tunewise.domain.record import Claim
from tunewise.domain.rules import Option
from tunewise.engine.verdict import advise
from tunewise.workflow.decisions import links
from tunewise.workflow.decisions.body import blobs_of, evidenced, ruled
from tunewise.workflow.decisions.claims import (
    claims_of,
    marked,
    not_imported,
    require_agreement,
)
from tunewise.workflow.decisions.conditions import each_once
from tunewise.workflow.decisions.retrospect import decided_on, retrospect
from tunewise.workflow.decisions.seen import require_seen
from tunewise.workflow.decisions.shown import show
from tunewise.workflow.facts import checked_sheet
from tunewise.workflow.home import Home
from tunewise.workflow.models import versions as models
from tunewise.workflow.statements import day, one_line, plain, required, still_ahead
from tunewise.workflow.views import View, verdict_view


def propose(
    home: Home,
    raw_facts: Mapping[str, Any],
    *,
    title: str,
    supersedes: str = "",
    review_on: str = "",
    labels: Sequence[str] = (),
    notes: Sequence[str] = (),
    retrospective: bool = False,
    decided_at: str = "",
    source: str = "",
    documents: Path | None = None,
    accept_because: str = "",
    seen: str = "",
) -> View:
    """Record a decision as proposed, with the verdict of today's rule set.

    Experiments that the facts rest on are attached as evidence. A decision that it
    ``supersedes`` stays in force until this one is accepted.

    Parameters
    ----------
    retrospective, decided_at, source
        All three for a decision that was made earlier: on that day, as that shows.
    documents : Path, optional
        The folder in which the paths of documents that facts name begin: such files
        are kept with the record, and a file that is the source. Without it no file
        is read, and a document stays a name.
    accept_because
        Why facts are kept that contradict the run or dataset version they name.
    seen
        The log's newest entry about the decision that it supersedes, as it was read.

    Raises
    ------
    TunewiseError
        If something is missing, contradicts itself or is not recorded here; nothing
        was written then.
    """
    title, review_on = one_line("title", title), day("review-on", review_on)
    earlier = retrospect(
        asked=retrospective,
        decided_at=decided_at,
        source=source,
        today=home.today(),
        folder=None if documents is None else Path(),
    )
    if earlier is None:
        still_ahead("review-on", review_on, home.today())
    rules = home.rules()
    accept_because = plain("accept-because", accept_because)
    sheet = checked_sheet(raw_facts, rules)
    id = home.new_id("d", title)
    _require_evidence(home, sheet, supersedes, documents)
    claims = _claims(home, sheet, documents)
    require_agreement(claims, accept_because)
    sheet = marked(sheet, claims)
    verdict = verdict_view(advise(rules, sheet, today=home.today()))
    with home.store(create=True) as store, store.writing(home.actor, home.now()):
        found = links.of_sheet(store, sheet, folder=documents)
        if supersedes:
            require_seen(store, supersedes, seen)
            records.require_replaceable(store, supersedes)
        evidence = links.keep(store, found)
        body: View = {
            **ruled(store, rules, sheet, verdict),
            **evidenced(
                store,
                evidence,
                earlier,
                claims=claims,
                accepted_because=accept_because,
            ),
            "software": f"tunewise {__version__}",
            "labels": list(labels),
            "notes": list(notes),
        }
        records.propose(
            store,
            id,
            title=title,
            recommended=verdict["recommended"],
            body=body,
            actor=home.actor,
            at=home.now(),
            supersedes=supersedes,
            review_on=review_on,
            blobs=blobs_of(body),
        )
        for experiment in links.experiments_of(store, evidence):
            records.attach_experiment(
                store, id, experiment=experiment, actor=home.actor, at=home.now()
            )
    return show(home, id)


def supersede(
    home: Home,
    id: str,
    raw_facts: Mapping[str, Any],
    **more: Any,  # noqa: ANN401
) -> View:
    """Propose a successor; the old decision is in force until that is accepted.

    ``more`` is what :func:`propose` takes beside the title, which stays.
    """
    title = show(home, id)["title"]
    return propose(home, raw_facts, title=title, supersedes=id, **more)


def accept(
    home: Home,
    id: str,
    *,
    choice: str = "",
    because: str = "",
    conditions: Sequence[str] = (),
    review_on: str = "",
    decided_at: str = "",
    seen: str = "",
) -> View:
    """Record a person's choice, and register the model version that it takes up.

    Without ``choice`` the verdict is taken; one that differs needs a justification.
    ``decided_at`` is for a decision that was made before it was recorded. ``seen`` is
    the number of the log's newest entry about it when it was read.
    """
    if choice and choice not in set(Option):
        raise StatusError(
            f"choice: '{choice}' is not an option\n  Options are {', '.join(Option)}."
        )
    because = plain("because", because)
    conditions = each_once([one_line("condition", c) for c in conditions])
    review_on = day("review-on", review_on)
    with home.store() as store:
        found = records.get(store, id)
        if not found.decided_at:
            still_ahead("review-on", review_on, home.today())
        chosen = choice or found.recommended
        experiment = _experiment_of_choice(store, found, chosen)
        measured = models.prepare(store, experiment, chosen) if experiment else None
        with store.writing(home.actor, home.now()):
            require_seen(store, id, seen)
            records.accept(
                store,
                id,
                choice=chosen,
                justification=because,
                conditions=conditions,
                review_on=review_on,
                decided_at=decided_on(decided_at, home.today()),
                actor=home.actor,
                at=home.now(),
            )
            if measured:
                made = models.record(store, home, measured, decision=id)
                records.attach_model(
                    store, id, model=made["model"], actor=home.actor, at=home.now()
                )
    return show(home, id)


def reject(home: Home, id: str, *, because: str, seen: str = "") -> View:
    """Record that a proposed decision was turned down."""
    because = required("because", because)
    with home.store() as store, store.writing(home.actor, home.now()):
        require_seen(store, id, seen)
        records.reject(store, id, because=because, actor=home.actor, at=home.now())
    return show(home, id)


def withdraw(home: Home, id: str, *, because: str, seen: str = "") -> View:
    """Record that a proposed decision was taken back."""
    because = required("because", because)
    with home.store() as store, store.writing(home.actor, home.now()):
        require_seen(store, id, seen)
        records.withdraw(store, id, because=because, actor=home.actor, at=home.now())
    return show(home, id)


def sign(
    home: Home,
    id: str,
    *,
    role: str,
    comment: str = "",
    dissent: bool = False,
    seen: str = "",
) -> View:
    """Record the actor's agreement or dissent, in a role.

    ``seen`` is the state digest that they read; the signature is refused where the
    decision has changed since.
    """
    role, comment = one_line("role", role), plain("comment", comment)
    with home.store() as store:
        signing.sign(
            store,
            id,
            role=role,
            comment=comment,
            dissent=dissent,
            seen=seen,
            actor=home.actor,
            at=home.now(),
        )
    return show(home, id)


def _require_evidence(
    home: Home, sheet: FactSheet, supersedes: str, documents: Path | None
) -> None:
    """Refuse what an empty home cannot answer before a database is made in it."""
    if home.has_records():
        return
    links.of_sheet(None, sheet, folder=documents)
    if supersedes:
        raise NotRecorded(
            f"No decision {supersedes!r} is recorded\n  No decision is recorded yet."
        )


def _claims(home: Home, sheet: FactSheet, documents: Path | None) -> list[Claim]:
    """Return what the facts say of records; refuse records that are not here."""
    if not home.has_records():
        return not_imported(sheet)
    with home.store() as store, store.reading():
        links.of_sheet(store, sheet, folder=documents)
        return claims_of(store, sheet)


def _experiment_of_choice(store: Store, row: DecisionRow, choice: str) -> str:
    """Return the experiment that ran the choice, "" where none did.

    What gave imported answers is not here, and becomes no model version.
    """
    for experiment in reversed(row.experiments):
        report = experiment_records.get(store, experiment).report or {}
        arm = report.get("arms", {}).get(choice, {})
        if arm.get("status") == "finished" and not arm.get("imported"):
            return experiment
    return ""
