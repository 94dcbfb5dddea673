"""The contexts of forms of many fields, and of jobs."""

from collections.abc import Sequence
from typing import Any

from tunewise.report.shapes import Shape, View, fill, rows, shape

KINDS = {
    "estimate": "estimate",
    "run": "experiment",
    "resume": "experiment, gone on with",
    "drift": "drift check",
    "import": "import of answers",
    "register": "upload of data",
}
_ROW: Shape = {
    **shape(text="job kind title status experiment by at started_at ended_at because"),
    "open": bool,
}
_JOB: Shape = {
    **_ROW,
    **shape(text="spec experiment_status", lists="log runs", tables="now wish result"),
    **{"before": int, "recorded": bool, "schema": bool},
}
_NOW: Shape = {
    **shape(text="text", none="loss remaining_seconds"),
    **{"done": int, "total": int},
}
_RUN = shape(text="run arm status error", none="seed")
_FORM: Shape = {
    **shape(
        text="title lead section empty by", lists="groups buttons links", none="seen"
    ),
    "upload": bool,
}
_GROUP: Shape = {**shape(text="title help", lists="fields"), "folded": bool}
_FIELD: Shape = {
    **shape(text="name label kind help value", lists="options"),
    "required": bool,
}


def complete_form(data: View) -> dict[str, Any]:
    """Return the context of a form; the name of who acts stands in its field."""
    form = fill(data, _FORM)
    form["groups"] = rows(form["groups"], _GROUP)
    for group in form["groups"]:
        group["fields"] = rows(group["fields"], _FIELD)
        for field in group["fields"]:
            if field["name"] == "by":
                field["value"] = form["by"]
    return {"form": form, "typed": {}, "errors": {}, "labels_of": {}}


def complete_job(data: View) -> dict[str, Any]:
    """Return the context of one job."""
    job = fill(data, _JOB)
    job["now"] = fill(job["now"], _NOW) if job["now"] else {}
    job["runs"] = rows(job["runs"], _RUN)
    return {"job": job, "what": KINDS.get(job["kind"], job["kind"]), "by": ""}


def complete_jobs(data: Sequence[View]) -> dict[str, Any]:
    """Return the context of a list of jobs."""
    return {"jobs": rows(data, _ROW), "job_kinds": KINDS}
