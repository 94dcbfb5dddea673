"""Advice and fact files: a verdict on answers, and what is still open."""

from typing import Any

from tunewise.web.api.contents import facts_of
from tunewise.web.api.route import Asked, Data, Route
from tunewise.web.api.shapes import DATASET, FACTS, shown
from tunewise.workflow import schemas
from tunewise.workflow.advice import give_advice
from tunewise.workflow.datasets.facts import with_dataset
from tunewise.workflow.facts import new_fact_file, open_questions


def facts_in(asked: Asked) -> dict[str, Any]:
    """Return the facts of a body, with those that its dataset version establishes."""
    home, rules = asked.home, asked.home.rules()
    raw = facts_of(asked.body["facts"], rules)
    dataset = asked.body.get("dataset", "")
    return with_dataset(home, raw, dataset, rules=rules) if dataset else raw


def advise(asked: Asked) -> Data:
    """Return the verdict on facts; nothing is recorded."""
    return give_advice(asked.home, facts_in(asked))


def new_facts(asked: Asked) -> Data:
    """Return a commented fact file to start from."""
    return {"file": None, "content": new_fact_file(asked.home.rules())}


def questions(asked: Asked) -> Data:
    """Return the facts that are still unknown, by who usually knows them."""
    return {"items": open_questions(facts_in(asked), asked.home.rules())}


def schema(asked: Asked) -> Data:
    """Return the JSON Schema of a format."""
    return schemas.schema(asked.home, asked.path["kind"])


ROUTES = (
    Route(
        "POST",
        "/advice",
        "advise",
        "Say what the rules recommend for facts; nothing is recorded.",
        advise,
        "advise",
        body={"facts": FACTS, "dataset": DATASET},
        needs=("facts",),
        acts=False,
        returns=shown("recommended", "lead", "findings", "flips", "rule_set", "engine"),
    ),
    Route(
        "GET",
        "/facts/new",
        "newFacts",
        "A commented fact file to start from.",
        new_facts,
        "facts new",
        returns=shown("file", "content"),
    ),
    Route(
        "POST",
        "/facts/questions",
        "openQuestions",
        "The facts that are still unknown, by who usually knows them.",
        questions,
        "facts questions",
        body={"facts": FACTS, "dataset": DATASET},
        needs=("facts",),
        acts=False,
        returns=shown("items"),
    ),
    Route(
        "GET",
        "/schemas/{kind}",
        "schema",
        "The JSON Schema of a format.",
        schema,
        "schema",
        returns=shown("$schema", "title"),
    ),
)
