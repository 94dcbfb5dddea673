"""Models: versions, what is known of them and what is done with them."""

import json
from dataclasses import asdict

from flask import Response

from tunewise.domain.errors import ModelError
from tunewise.report import documents
from tunewise.web.api.contents import as_files
from tunewise.web.api.paging import page
from tunewise.web.api.route import Asked, Data, Reply, Route
from tunewise.web.api.shapes import (
    BECAUSE,
    PAGING,
    flag,
    line,
    paged,
    shown,
    text,
)
from tunewise.web.site import site
from tunewise.workflow.lineage import document as lineage
from tunewise.workflow.models import bases, imported
from tunewise.workflow.models import versions as models
from tunewise.workflow.views import View

_OF_SERVER = ("adapter", "merged")  # folders beside a file: none comes in a body
_MODEL = ("model", "name", "number", "option", "base_model")
_MARKDOWN = "text/markdown; charset=utf-8"


AT = "/models/{name}/{version}"


def ref_of(asked: Asked) -> str:
    """Return the version that an address names."""
    return f"{asked.path['name']}@{asked.path['version']}"


def index(asked: Asked) -> Data:
    """List every version of every model."""
    return page(models.list_all(asked.home), asked.query, key="model")


def fetched(asked: Asked) -> Data:
    """List the base models on this machine; where they lie is not said."""
    rows = [asdict(base) for base in bases.list_fetched(asked.home.models)]
    told = [{k: v for k, v in row.items() if k != "folder"} for row in rows]
    return page(told, asked.query, key="id")


def versions(asked: Asked) -> Data:
    """List the versions of one model."""
    found = models.versions(asked.home, asked.path["name"])
    return page(found, asked.query, key="model")


def show(asked: Asked) -> Data:
    """Show one version."""
    return lineage.shown(asked.home, ref_of(asked))


def card(asked: Asked) -> Response:
    """Return the model card."""
    ref = ref_of(asked)
    text = documents.model_card(
        models.show(asked.home, ref),
        lineage=lineage.why(asked.home, ref),
        environment=site().environment,
    )
    return Response(text, content_type=_MARKDOWN)


def register(asked: Asked) -> Reply:
    """Record the next version of a name: an arm, or what is known of a model."""
    name, body = asked.path["name"], asked.body
    of_arm = {key: body[key] for key in ("experiment", "arm") if key in body}
    described = body.get("described")
    if described is not None:
        if of_arm or "decision" in body:
            raise ModelError("described: stands alone\n  It names the decision itself.")
        made = _register_described(asked, name, described)
    elif len(of_arm) == 2:
        made = models.register(
            asked.home, **of_arm, decision=body.get("decision", ""), name=name
        )
    else:
        raise ModelError(
            "experiment, arm: which version is meant is not said\n"
            "  Name an experiment and one of its arms, or say what is known of a "
            "model made elsewhere (described)."
        )
    return Reply(made, 201, f"/models/{made['name']}/{made['number']}")


def _register_described(asked: Asked, name: str, said: View) -> View:
    for key in _OF_SERVER:
        if key in said:
            raise ModelError(
                f"described: {key}: weights do not come in a body\n"
                "  Leave it out, or register on the machine that has the folder: "
                f"tunewise model register {name} --from FILE."
            )
    with as_files({"described": json.dumps(said)}) as paths:
        return imported.register(asked.home, name, paths["described"])


def alias(asked: Asked) -> Data:
    """Move an alias to a version, or take it away."""
    change = models.unalias if asked.body.get("remove") else models.alias
    because = asked.body["because"]
    return change(asked.home, ref_of(asked), asked.body["alias"], because=because)


_DESCRIBED = {
    "purpose": text("What it is for."),
    "out_of_scope": text("What it is not for."),
    "limits": text("Where it cannot be trusted."),
    "oversight": text("Who oversees it, and how."),
    "monitoring": text("How it is watched."),
    "rollback": text("What to do when it fails."),
}


def describe(asked: Asked) -> Data:
    """Say of a version what its record lacks."""
    said = {key: asked.body[key] for key in _DESCRIBED if key in asked.body}
    because = asked.body["because"]
    made = models.describe(asked.home, ref_of(asked), said, because=because)
    return lineage.shown(asked.home, made["model"])


def retire(asked: Asked) -> Data:
    """Take a version out of service."""
    return models.retire(asked.home, ref_of(asked), because=asked.body["because"])


ROUTES = (
    Route(
        "GET",
        "/models",
        "listModels",
        "Every version of every model.",
        index,
        "model list",
        query=PAGING,
        returns=paged(*_MODEL),
    ),
    Route(
        "GET",
        "/base-models",
        "listBaseModels",
        "The base models that are on the machine of the service.",
        fetched,
        "model list",
        query=PAGING,
        returns=paged("id", "source", "licence", "digest"),
    ),
    Route(
        "GET",
        "/models/{name}",
        "listModelVersions",
        "The versions of one model, oldest first.",
        versions,
        query=PAGING,
        returns=paged(*_MODEL),
    ),
    Route(
        "POST",
        "/models/{name}",
        "registerModel",
        "Record the next version: an arm, or what is known of a model made elsewhere.",
        register,
        "model register",
        body={
            "experiment": line("The experiment that made it."),
            "arm": line("Which of its arms."),
            "decision": line("The decision that it follows."),
            "described": {
                "type": "object",
                "description": "What is known of a model made elsewhere, as GET "
                "/schemas/model has it; without weights, which do not come in a body.",
            },
        },
        returns=shown("model"),
        status=201,
    ),
    Route(
        "GET",
        AT,
        "showModel",
        "One version.",
        show,
        "model show",
        returns=shown(*_MODEL),
    ),
    Route(
        "GET",
        f"{AT}/card.md",
        "modelCard",
        "The model card of a version, as Markdown.",
        card,
        media="text/markdown",
    ),
    Route(
        "POST",
        f"{AT}/alias",
        "aliasModel",
        "Move an alias to a version, or take it away.",
        alias,
        "model alias",
        body={
            "alias": line("The alias, such as production."),
            "remove": flag("Take it away instead."),
            "because": BECAUSE,
        },
        needs=("alias", "because"),
        returns=shown(*_MODEL),
    ),
    Route(
        "POST",
        f"{AT}/describe",
        "describeModel",
        "Say of a version what its record lacks; nothing that stands is changed.",
        describe,
        "model describe",
        body={**_DESCRIBED, "because": BECAUSE},
        needs=("because",),
        returns=shown(*_MODEL),
    ),
    Route(
        "POST",
        f"{AT}/retire",
        "retireModel",
        "Take a version out of service.",
        retire,
        "model retire",
        body={"because": BECAUSE},
        needs=("because",),
        returns=shown(*_MODEL),
    ),
)
