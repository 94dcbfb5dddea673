"""Answers that were produced elsewhere, scored by a job beside arms or on their own."""

from collections.abc import Mapping

from tunewise.domain.experiment import ARMS
from tunewise.web.api.jobs import ASKED, JOB, queued, spec_of
from tunewise.web.api.route import Asked, Reply, Route, Schema
from tunewise.web.api.shapes import UPLOAD, content, line, many, shown
from tunewise.workflow.jobs import asked as specs
from tunewise.workflow.jobs import records

FORMS = ("csv", "jsonl", "json")
FORM: Schema = {
    "enum": list(FORMS),
    "description": "csv, jsonl (if left out), or json of promptfoo.",
}
PROMPTS = many(line("A prompt or provider of a promptfoo file."), "Which.")
_GIVEN: Mapping[str, Schema] = {
    "arm": {"enum": list(ARMS), "description": "What gave them."},
    "answers": content("Their lines: id and answer; or what promptfoo wrote."),
    "form": FORM,
    "model": line("What answered."),
    "prompts": PROMPTS,
}


def into(asked: Asked) -> Reply:
    """Ask for answers from elsewhere to be scored beside the arms."""
    id = asked.path["id"]
    return _asked_for(asked, specs.of_experiment(asked.home, id), id)


def alone(asked: Asked) -> Reply:
    """Ask for answers from elsewhere to be scored in an experiment of their own."""
    return _asked_for(asked, spec_of(asked), "")


def _asked_for(asked: Asked, spec: specs.Asked, experiment: str) -> Reply:
    body = asked.body
    file = f"given-answers.{body.get('form', 'jsonl')}"
    said = {
        "arm": body["arm"],
        "file": file,
        "model": body.get("model", ""),
        "prompts": body.get("prompts", []),
        "into": experiment,
    }
    made = records.add(
        asked.home,
        records.IMPORT,
        spec.title,
        experiment=experiment,
        arguments=said,
        files={**spec.files, file: body["answers"].encode()},
    )
    return queued(asked, made)


ROUTES = (
    Route(
        "POST",
        "/experiments/{id}/import",
        "importAnswers",
        "Ask for answers that were produced elsewhere to be scored beside the arms.",
        into,
        "experiment import",
        body=_GIVEN,
        needs=("arm", "answers"),
        largest=UPLOAD,
        returns=shown(*JOB),
        status=202,
    ),
    Route(
        "POST",
        "/imports",
        "importAnswersAlone",
        "Ask for answers from elsewhere to be scored in an experiment of their own.",
        alone,
        "experiment import",
        body={**ASKED, **_GIVEN},
        needs=("spec", "arm", "answers"),
        largest=UPLOAD,
        returns=shown(*JOB, "spec"),
        status=202,
    ),
)
