"""What the service works on: the queue, one job live, its end.

GET   /jobs                       what waits, runs and has ended
GET   /jobs/<id>                  one; it loads itself anew while it is open
GET   /jobs/<id>/now              the part that changes, for htmx
POST  /jobs/<id>/cancel           end it
POST  /jobs/<id>/start            after an estimate: the experiment
POST  /jobs/<id>/forget           take a job that has ended off the list
POST  /experiments/<id>/cancel    end an experiment, whoever runs it
POST  /experiments/<id>/resume    go on with one that did not come to its end
"""

from flask import Blueprint, Response

from tunewise.domain.errors import StatusError
from tunewise.report.pages import job_now
from tunewise.web.forms import Form
from tunewise.web.messages import in_form_words
from tunewise.web.site import acting, answer, home, seen_other, site, twinned
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments import stopping
from tunewise.workflow.jobs import queue, records, views
from tunewise.workflow.views import View

blueprint = Blueprint("jobs", __name__)

# fields of the forms that options of the command line are named after
_LABELS = {"accept_because": "Register despite what blocks, because"}


@twinned(blueprint, "/jobs")
def index() -> Response:
    """List every job, newest first."""
    return answer("jobs", views.list_all(home()))


@twinned(blueprint, "/jobs/<job_id>")
def show(job_id: str) -> Response:
    """Show one job."""
    view = views.show(home(), job_id)
    because = in_form_words(view["because"], _LABELS)
    return answer("job", {**view, "because": because}, by=home().actor.name)


@blueprint.get("/jobs/<job_id>/now")
def now(job_id: str) -> Response:
    """Return the part of a job's page that changes; at its end, load the page anew."""
    view = views.show(home(), job_id)
    response = Response(job_now(site().environment, view))
    if not view["open"]:
        response.headers["HX-Refresh"] = "true"  # buttons and results stand outside it
    return response


@blueprint.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    """End a job."""
    sent = Form.of_request()
    acting_home = acting(sent.title("by") or home().actor.name)
    queue.cancel(acting_home, job_id, because=_because(sent))
    return seen_other("jobs", job_id)


@blueprint.post("/jobs/<job_id>/start")
def start(job_id: str) -> Response:
    """Start the experiment that an estimate was made of."""
    job = records.get(home(), job_id)
    if job.kind != records.ESTIMATE:
        raise StatusError(f"job {job_id} is no estimate\n  It cannot be started again.")
    folder = records.folder_of(home(), job_id)
    names = (records.SPEC, "schema.json")
    files = {n: (folder / n).read_bytes() for n in names if (folder / n).exists()}
    by = Form.of_request().title("by") or home().actor.name
    made = records.add(acting(by), records.RUN, job.title, files=files)
    queue.wake(home(), made.lane)
    return seen_other("jobs", made.id)


@blueprint.post("/jobs/<job_id>/forget")
def forget(job_id: str) -> Response:
    """Take a job that has ended off the list; what it recorded stays."""
    records.remove(home(), job_id)
    return Response(status=303, headers={"Location": "/jobs"})


@blueprint.post("/experiments/<experiment_id>/cancel")
def cancel_experiment(experiment_id: str) -> Response:
    """End an experiment, whether the queue or a command line runs it."""
    sent = Form.of_request()
    acting_home = acting(sent.title("by") or home().actor.name)
    job = views.of_experiment(home(), experiment_id)
    if job:
        queue.cancel(acting_home, job["job"], because=_because(sent))
        return seen_other("jobs", job["job"])
    stopping.cancel(acting_home, experiment_id, because=_because(sent))
    return seen_other("experiments", experiment_id)


@blueprint.post("/experiments/<experiment_id>/resume")
def resume(experiment_id: str) -> Response:
    """Go on with an experiment that was cancelled, failed or cut off."""
    view: View = experiments.show(home(), experiment_id)
    if view["status"] == "finished":
        raise StatusError(
            f"experiment {experiment_id} is finished: there is nothing to go on with\n"
            "  Start another one with its specification."
        )
    if job := views.of_experiment(home(), experiment_id):
        return seen_other("jobs", job["job"])
    by = Form.of_request().title("by") or home().actor.name
    made = records.add(
        acting(by), records.RESUME, view["title"], experiment=experiment_id
    )
    queue.wake(home(), made.lane)
    return seen_other("jobs", made.id)


def _because(sent: Form) -> str:
    return sent.title("because", required=False) or "no reason given"
