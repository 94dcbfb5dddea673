"""How a decision comes about: proposed, accepted or not, signed, succeeded."""

from collections.abc import Mapping
from typing import Any

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


def said_of(asked: Asked, *names: str) -> dict[str, Any]:
    """Return what a body says of these; a handler's defaults hold for the others."""
    return {name: asked.body[name] for name in names if name in asked.body}


def propose(asked: Asked) -> Reply:
    """Record a decision as proposed."""
    made = decisions.propose(
        asked.home,
        facts_in(asked),
        title=asked.body["title"],
        documents=None,
        **said_of(asked, *_PROPOSED),
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
        **said_of(asked, *_PROPOSED),
    )
    return shown_as(made, status=201)


def accept(asked: Asked) -> Reply:
    """Accept a proposed decision, or choose otherwise."""
    said = said_of(asked, "choice", "because", "conditions", "review_on", "decided_at")
    done = decisions.accept(asked.home, asked.path["id"], seen=asked.seen, **said)
    return shown_as(done)


def reject(asked: Asked) -> Reply:
    """Turn a proposed decision down."""
    said = said_of(asked, "because")
    return shown_as(
        decisions.reject(asked.home, asked.path["id"], seen=asked.seen, **said)
    )


def withdraw(asked: Asked) -> Reply:
    """Take a proposed decision back."""
    said = said_of(asked, "because")
    return shown_as(
        decisions.withdraw(asked.home, asked.path["id"], seen=asked.seen, **said)
    )


def sign(asked: Asked) -> Reply:
    """Sign a decision; ``seen`` is the digest of the state that was read."""
    said = said_of(asked, "role", "comment", "dissent", "seen")
    return shown_as(decisions.sign(asked.home, asked.path["id"], **said))


def act(
    path: str,
    name: str,
    command: str,
    handler: Handler,
    body: Mapping[str, Schema],
    needs: tuple[str, ...] = (),
    *,
    conditional: bool = True,
) -> Route:
    """Return the route of an act about one decision."""
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
    act(
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
    act(
        "/reject",
        "rejectDecision",
        "decision reject",
        reject,
        {"because": BECAUSE},
        ("because",),
    ),
    act(
        "/withdraw",
        "withdrawDecision",
        "decision withdraw",
        withdraw,
        {"because": BECAUSE},
        ("because",),
    ),
    act(
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
)
