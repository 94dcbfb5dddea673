"""Drift checks: later data against what a model version was trained on."""

from tunewise.domain.errors import ModelError
from tunewise.web.api.answers import FORM, PROMPTS
from tunewise.web.api.jobs import JOB, queued
from tunewise.web.api.models import AT, ref_of
from tunewise.web.api.route import Asked, Data, Reply, Route
from tunewise.web.api.shapes import BECAUSE, UPLOAD, content, flag, shown, whole
from tunewise.workflow.drift import records as drift
from tunewise.workflow.jobs import records
from tunewise.workflow.models import versions as models

_AT_MOST = 500  # examples that the version answers, as on the command line
_LEAST = 30  # of fewer no score is told


def check(asked: Asked) -> Reply:
    """Ask for later data to be held against what a version was trained on."""
    body = asked.body
    model = models.show(asked.home, ref_of(asked))["model"]
    if "prompts" in body and "answers" not in body:
        raise ModelError(
            "prompts: they pick answers out of a file\n  Send its content as answers."
        )
    names = {
        "data": "given-data.jsonl",
        "documents": "given-documents.jsonl",
        "answers": f"given-answers.{body.get('form', 'jsonl')}",
    }
    sent = {key: name for key, name in names.items() if key in body}
    made = records.add(
        asked.home,
        records.DRIFT,
        model,
        arguments={
            "model": model,
            **sent,
            "prompts": body.get("prompts", []),
            "here": body.get("here", True),
            "at_most": body.get("at_most", _AT_MOST),
        },
        files={name: body[key].encode() for key, name in sent.items()},
    )
    return queued(asked, made)


def forget(asked: Asked) -> Data:
    """Take away the words of a drift check; its counts stay."""
    because = asked.body["because"]
    return drift.forget(asked.home, ref_of(asked), asked.path["n"], because=because)


ROUTES = (
    Route(
        "POST",
        f"{AT}/drift-checks",
        "checkDrift",
        "Ask for later data to be held against what a version was trained on.",
        check,
        "drift check",
        description="The `result` of the job says whether it has `drifted`, what was "
        "found, and the number of the `check`; it stands with the version, too.",
        body={
            "data": content("Later requests: chat JSON Lines, answered or not."),
            "documents": content("The documents of today: id, title and text."),
            "answers": content("What the model in use answered: id and answer."),
            "form": FORM,
            "prompts": PROMPTS,
            "here": flag(
                "Whether the version may answer on the machine that serves, where no "
                "answers are sent; yes, if left out."
            ),
            "at_most": whole("How many examples it answers here.", low=_LEAST),
        },
        needs=("data",),
        largest=UPLOAD,
        returns=shown(*JOB),
        status=202,
    ),
    Route(
        "POST",
        f"{AT}/drift-checks/{{n}}/forget",
        "forgetDriftCheck",
        "Take away the words and labels of a drift check; its counts stay.",
        forget,
        "drift forget",
        body={"because": BECAUSE},
        needs=("because",),
        returns=shown("model", "check", "because", "removed"),
    ),
)
