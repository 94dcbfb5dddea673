"""What people do about a decision. Each act is checked, recorded, and shown."""

from collections.abc import Mapping
from typing import Any

from tunewise.domain.description import FIELDS
from tunewise.web.api.advice import facts_in
from tunewise.web.api.decisions import shown_as
from tunewise.web.api.route import Asked, Handler, Reply, Route, Schema
from tunewise.web.api.shapes import (
    BECAUSE,
    DATASET,
    DECISION,
    FACTS,
    OPTION,
    REVIEW_ON,
    day,
    flag,
    line,
    many,
    said,
    text,
)
from tunewise.workflow import decisions

_PROPOSED = ("review_on", "retrospective", "decided_at", "source", "accept_because")
_PROPOSAL: Mapping[str, Schema] = {
    "facts": FACTS,
    "dataset": DATASET,
    "review_on": REVIEW_ON,
    "retrospective": flag("It was decided earlier than it is recorded."),
    "decided_at": day("When it was decided, where it is retrospective."),
    "source": line("What shows that it was decided then: minutes, a title."),
    "accept_because": text("Why facts are kept that contradict the record they name."),
}


def _said(asked: Asked, *names: str) -> dict[str, Any]:
    """Return what a body says of these; a handler's defaults hold for the others."""
    return {name: asked.body[name] for name in names if name in asked.body}


def propose(asked: Asked) -> Reply:
    """Record a decision as proposed."""
    made = decisions.propose(
        asked.home,
        facts_in(asked),
        title=asked.body["title"],
        documents=None,
        **_said(asked, *_PROPOSED),
    )
    return shown_as(made, status=201)


def supersede(asked: Asked) -> Reply:
    """Propose a successor."""
    made = decisions.supersede(
        asked.home,
        asked.path["id"],
        facts_in(asked),
        documents=None,
        seen=asked.seen,
        **_said(asked, *_PROPOSED),
    )
    return shown_as(made, status=201)


def accept(asked: Asked) -> Reply:
    """Accept a proposed decision, or choose otherwise."""
    said = _said(asked, "choice", "because", "conditions", "review_on", "decided_at")
    done = decisions.accept(asked.home, asked.path["id"], seen=asked.seen, **said)
    return shown_as(done)


def reject(asked: Asked) -> Reply:
    """Turn a proposed decision down."""
    said = _said(asked, "because")
    return shown_as(
        decisions.reject(asked.home, asked.path["id"], seen=asked.seen, **said)
    )


def withdraw(asked: Asked) -> Reply:
    """Take a proposed decision back."""
    said = _said(asked, "because")
    return shown_as(
        decisions.withdraw(asked.home, asked.path["id"], seen=asked.seen, **said)
    )


def sign(asked: Asked) -> Reply:
    """Sign a decision; ``seen`` is the digest of the state that was read."""
    said = _said(asked, "role", "comment", "dissent", "seen")
    return shown_as(decisions.sign(asked.home, asked.path["id"], **said))


def review(asked: Asked) -> Reply:
    """Record what a decision came to."""
    said = _said(asked, "because", "score", "cost", "volume", "review_on")
    return shown_as(
        decisions.review(asked.home, asked.path["id"], seen=asked.seen, **said)
    )


def describe(asked: Asked) -> Reply:
    """Say what a decision is for, who owns it and what to go back to."""
    said = _said(asked, *FIELDS)
    return shown_as(
        decisions.describe(asked.home, asked.path["id"], said, seen=asked.seen)
    )


def risk(asked: Asked) -> Reply:
    """Say what controls a risk of the option, and who sees to it."""
    said = _said(asked, "control", "owner")
    id, risk = asked.path["id"], asked.path["risk"]
    return shown_as(
        decisions.assign_risk(asked.home, id, risk, seen=asked.seen, **said)
    )


def assign(asked: Asked) -> Reply:
    """Say who sees to a condition, and by when."""
    said = _said(asked, "owner", "due")
    id, n = asked.path["id"], asked.path["n"]
    done = decisions.assign_condition(asked.home, id, n, seen=asked.seen, **said)
    return shown_as(done)


def close(asked: Asked) -> Reply:
    """Close a condition; no file of the server is read."""
    said = _said(asked, "evidence", "because")
    id, n = asked.path["id"], asked.path["n"]
    done = decisions.close_condition(
        asked.home, id, n, seen=asked.seen, documents=None, **said
    )
    return shown_as(done)


def _act(
    path: str,
    name: str,
    command: str,
    handler: Handler,
    body: Mapping[str, Schema],
    needs: tuple[str, ...] = (),
    *,
    conditional: bool = True,
) -> Route:
    return Route(
        "POST",
        f"/decisions/{{id}}{path}",
        name,
        (handler.__doc__ or "").partition("\n")[0],
        handler,
        command,
        body=body,
        needs=needs,
        returns=DECISION,
        etagged=True,
        conditional=conditional,
    )


_DESCRIPTION: Mapping[str, Schema] = {
    name: many(line("Who is told."), field.asks)
    if field.kind == "names"
    else said(f"{field.asks} An empty text takes it back.")
    for name, field in FIELDS.items()
}
_AMOUNT: Schema = {"type": "number", "minimum": 0, "maximum": 1e15}
ROUTES = (
    Route(
        "POST",
        "/decisions",
        "proposeDecision",
        "Record a decision as proposed, with the verdict on its facts.",
        propose,
        "decision propose",
        body={"title": line("What is decided, in a few words."), **_PROPOSAL},
        needs=("title", "facts"),
        returns=DECISION,
        status=201,
        etagged=True,
    ),
    Route(
        "POST",
        "/decisions/{id}/supersede",
        "supersedeDecision",
        "Propose a successor with new facts.",
        supersede,
        "decision supersede",
        description="An accepted decision stays in force until its successor is "
        "accepted; one that never was gives way at once.",
        body=_PROPOSAL,
        needs=("facts",),
        returns=DECISION,
        status=201,
        etagged=True,
        conditional=True,
    ),
    _act(
        "/accept",
        "acceptDecision",
        "decision accept",
        accept,
        {
            "choice": {
                **OPTION,
                "description": "The option; the verdict's if left out.",
            },
            "because": text("Why; needed where the choice is not the verdict."),
            "conditions": many(line("What must hold."), "What must hold."),
            "review_on": REVIEW_ON,
            "decided_at": day("When, where it was proposed as retrospective."),
        },
    ),
    _act(
        "/reject",
        "rejectDecision",
        "decision reject",
        reject,
        {"because": BECAUSE},
        ("because",),
    ),
    _act(
        "/withdraw",
        "withdrawDecision",
        "decision withdraw",
        withdraw,
        {"because": BECAUSE},
        ("because",),
    ),
    _act(
        "/sign",
        "signDecision",
        "decision sign",
        sign,
        {
            "role": line("In which role, such as data protection officer."),
            "comment": text("What the signature shall say; a dissent needs one."),
            "dissent": flag("Disagree."),
            "seen": line(
                "`state_digest` of the decision as it was read; refused where that "
                "has changed, whatever else was signed meanwhile."
            ),
        },
        ("role",),
        conditional=False,
    ),
    _act(
        "/review",
        "reviewDecision",
        "decision review",
        review,
        {
            "score": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "description": "Realised, of the task's own metric.",
            },
            "cost": {**_AMOUNT, "description": "Of a month, as it was promised."},
            "volume": {**_AMOUNT, "description": "Requests a day."},
            "because": text("What shows these figures."),
            "review_on": REVIEW_ON,
        },
        ("because",),
    ),
    _act(
        "/describe",
        "describeDecision",
        "decision describe",
        describe,
        _DESCRIPTION,
    ),
    _act(
        "/risks/{risk}",
        "assignRisk",
        "decision risk",
        risk,
        {
            "control": said("What controls it; an empty text takes it back."),
            "owner": said("Who sees to it; an empty text takes it back."),
        },
    ),
    _act(
        "/conditions/{n}/assign",
        "assignCondition",
        "decision condition",
        assign,
        {"owner": line("Who sees to it."), "due": day("By when.")},
    ),
    _act(
        "/conditions/{n}/close",
        "closeCondition",
        "decision close-condition",
        close,
        {
            "evidence": line(
                "What shows it: person:NAME, run:ID, dataset:NAME@N, document:TITLE."
            ),
            "because": text("In what way it was met."),
        },
        ("evidence", "because"),
    ),
)
