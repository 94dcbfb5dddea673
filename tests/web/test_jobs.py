"""Experiments started, watched and cancelled in a browser; an endpoint answers."""

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.served import Service, echo, serving
from tunewise.domain.experiment import RunStatus
from tunewise.web.app import create_app
from tunewise.workflow.background import resume_interrupted
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments.holding import is_held
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import asked, queue, records

from .conftest import INES, register

OURS = {"Sec-Fetch-Site": "same-origin"}
SPEC = """
title = "Desk"
dataset = "triage@1"
arms = ["prompt"]
task = {{ type = "classification", metric = "accuracy" }}
prompt = {{ setups = ["zero-shot"] }}
limits = {{ latency = 1 }}
endpoint = {{ base_url = "{url}", model = "m" }}
"""

SERVE = """
import sys, pathlib
from tunewise.domain.decision import Actor
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import queue
queue.wake(Home(pathlib.Path(sys.argv[1]), Actor("served")), "heavy").join()
"""


@pytest.fixture
def desk(tmp_path):
    """Return a home with a dataset version, and a client."""
    home = Home(tmp_path / "home", INES)
    register(home, tmp_path / "data", 12)
    yield home, create_app(home).test_client()
    for job in records.list_all(home):  # no child outlives its test
        if records.state(home, job.id).status in records.OPEN:
            queue.cancel(home, job.id, because="the test has ended")
    until(lambda: not queue.is_working(home, "heavy"))


@contextmanager
def slow():
    """Serve an endpoint that takes its time."""

    def late(message):
        return replace(echo(message), after_seconds=0.4)

    with serving(late) as service:
        yield service


def until(what, *, seconds=90):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
    return found


def post(client, path, **fields):
    return client.post(path, data={"by": "Ada", **fields}, headers=OURS)


def paste(client, service: Service | str, do="run", **more):
    url = service if isinstance(service, str) else service.url
    return post(
        client, "/experiments/new/spec", do=do, spec=SPEC.format(url=url), **more
    )


def ended(client, at):
    return until(lambda: not (v := client.get(f"{at}.json").json)["open"] and v)


def test_fields_become_an_estimate_and_then_an_experiment(desk):
    home, client = desk
    with serving() as service:
        fields = {
            "title": "Desk",
            "dataset": "triage@1",
            "type": "classification",
            "metric": "accuracy",
            "arms.prompt": "yes",
            "base_url": service.url,
            "endpoint_model": "m",
            "latency": "1",
            "seeds": "0",
        }
        sent = post(client, "/experiments/new", do="estimate", **fields)
        assert sent.status_code == 303
        at = sent.headers["Location"]
        estimated = ended(client, at)
        assert estimated["status"] == "finished", estimated["because"]
        assert "Every arm runs on an endpoint" in client.get(at).text
        assert experiments.list_all(home) == []

        started = post(client, f"{at}/start").headers["Location"]
        view = ended(client, started)

    assert view["status"] == "finished", view["because"]
    (row,) = experiments.list_all(home)
    assert (row["experiment"], row["status"]) == (view["experiment"], "finished")
    assert row["by"] == "Ada"
    assert "Run prompt" in [line["text"] for line in view["log"]]
    assert {run["status"] for run in view["runs"]} == {"finished"}
    assert row["experiment"] in client.get(started).text


def test_a_running_experiment_is_watched_and_cancelled(desk):
    home, client = desk
    with slow() as service:
        at = paste(client, service).headers["Location"]
        id = until(lambda: client.get(f"{at}.json").json["recorded"] and at)
        experiment = client.get(f"{at}.json").json["experiment"]
        page, part = client.get(id).text, client.get(f"{id}/now")
        listed, own = (
            client.get("/experiments").text,
            client.get(f"/experiments/{experiment}").text,
        )
        until(lambda: service.asked)

        done = post(client, f"{at}/cancel", because="wrong data")
        view = ended(client, at)

    assert f'data-hx-get="{at}/now"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert part.headers.get("HX-Refresh") is None
    assert "In work" in listed
    assert f'action="{at}/cancel"' in listed
    assert f'href="{at}"' in own
    assert f'action="/experiments/{experiment}/cancel"' in own
    assert done.status_code == 303
    assert (view["status"], view["because"]) == (
        "cancelled",
        "cancelled by Ada: wrong data",
    )
    recorded = experiments.show(home, experiment)
    assert (recorded["status"], recorded["error"]) == ("cancelled", "wrong data")
    assert client.get(f"{at}/now").headers["HX-Refresh"] == "true"
    assert "Go on with" in client.get(f"/experiments/{experiment}").text


def test_one_heavy_job_at_a_time_and_one_that_waits_can_be_cancelled(desk):
    _, client = desk
    with slow() as service:
        first = paste(client, service).headers["Location"]
        until(lambda: client.get(f"{first}.json").json["status"] == "running")
        second = paste(client, service).headers["Location"]

        waiting = client.get(f"{second}.json").json
        post(client, f"{second}/cancel")

        assert waiting["status"] == "queued"
        assert client.get(f"{second}.json").json["status"] == "cancelled"
        assert client.get(f"{first}.json").json["status"] == "running"


def test_a_service_that_is_killed_goes_on_where_it_was(desk):
    home, client = desk
    with slow() as service:
        given = asked.from_text(home, SPEC.format(url=service.url))
        job = records.add(home, records.RUN, given.title, files=given.files)
        at = f"/jobs/{job.id}"
        served = subprocess.Popen([sys.executable, "-P", "-c", SERVE, str(home.path)])
        until(lambda: service.asked)
        served.kill()
        served.wait()
        until(lambda: not is_held(home.runs / job.experiment))  # the child left, too

        assert client.get(f"{at}.json").json["status"] == "interrupted"
        assert "goes on with the next start" in client.get(at).text
        service.answer = echo
        for thread in resume_interrupted(home):
            thread.join(90)

    view = client.get(f"{at}.json").json
    assert view["status"] == "finished", view["because"]
    assert records.state(home, job.id).attempts == 2
    (row,) = experiments.list_all(home)
    assert (row["experiment"], row["status"]) == (job.experiment, "finished")


def test_a_job_that_is_cut_off_again_and_again_ends(desk):
    home, client = desk
    job = records.add(home, records.RUN, "Desk", files={})
    records.set_state(
        home, job.id, records.State(RunStatus.RUNNING, attempts=queue.MOST_ATTEMPTS)
    )

    queue.wake(home, "heavy").join(30)

    view = client.get(f"/jobs/{job.id}.json").json
    assert view["status"] == "failed"
    assert "cut off 3 times" in view["because"]


def test_what_the_child_cannot_do_is_said_with_what_to_do(desk):
    _, client = desk
    with serving() as service:
        text = SPEC.format(url=service.url).replace("triage@1", "nothing@7")
        at = post(client, "/experiments/new/spec", do="run", spec=text).headers[
            "Location"
        ]
        view = ended(client, at)

    assert view["status"] == "failed"
    assert "nothing@7" in view["because"] or "nothing" in view["because"]
    page = client.get(at).text
    assert "Failed." in page
    post(client, f"{at}/forget")
    assert client.get(at).status_code == 404


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('dataset = { train = "/etc/passwd" }', "Upload them under Datasets"),
        ('facts = "/etc/passwd"', "Write them into the specification"),
        ('base_model = "/etc"', "no base model that is known here"),
        ('prompt = { model = "../x" }', "no base model that is known here"),
        ('rag = { encoder = "/etc" }', "a folder of the machine"),
        ('judge = { prompt = "/etc/passwd" }', "judge.prompt"),
        ('regression = { examples = "/etc/passwd" }', "regression.examples"),
        ('task = { type = "classification", metric = "accuracy", schema = "/x" }',
         "paste the schema"),
        ('endpoint = { base_url = "http://x/v1", model = "m", key_env = "HOME" }',
         "ends in _API_KEY"),
    ],
)  # fmt: skip
def test_a_pasted_specification_can_name_no_file_and_no_secret(line, said, desk):
    home, client = desk
    key = line.partition(" ")[0]
    kept = [
        own
        for own in SPEC.format(url="http://127.0.0.1:9/v1").splitlines()
        if own.partition(" ")[0] != key
    ]

    response = post(
        client, "/experiments/new/spec", do="run", spec="\n".join([*kept, line])
    )

    assert response.status_code == 422
    assert said in response.text
    assert "root:" not in response.text
    assert records.list_all(home) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"dataset": "other@1"}, "dataset"),
        ({"arms.prompt": None}, "arms"),
        ({"seeds": "one"}, "seeds"),
        ({"epochs": "1.5"}, "epochs"),
        ({"epochs": "1000"}, "epochs"),
        ({"base_url": "http://x/v1"}, "endpoint_model"),
        ({"base_model": "/etc"}, "base_model"),
        ({"by": ""}, "by"),
    ],
)
def test_a_field_that_cannot_be_taken_says_why_and_all_is_kept(change, field, desk):
    home, client = desk
    fields = {
        "title": "Desk <b>",
        "dataset": "triage@1",
        "type": "classification",
        "metric": "accuracy",
        "arms.prompt": "yes",
        "do": "run",
        **change,
    }

    response = post(
        client, "/experiments/new", **{k: v for k, v in fields.items() if v is not None}
    )

    assert response.status_code == 422
    assert f'id="error-{field}"' in response.text
    assert fields["title"] == "" or "Desk &lt;b&gt;" in response.text
    assert records.list_all(home) == []


def test_an_estimate_shows_time_memory_and_what_it_leaves_out(desk):
    home, client = desk
    job = records.add(home, records.ESTIMATE, "Desk", files={})
    seconds = {"value": 90, "low": 60, "high": 120}
    money = {"value": 2.0, "low": 1.0, "high": 3.0, "currency": "EUR", "per": "run"}
    each = {"seconds": seconds, "memory_bytes": {"value": 2e9, "low": 1e9, "high": 3e9}}
    arm = {"runs": 2, "each": each, "all": {"seconds": seconds, "cost": money}}
    result = {
        "dataset": "triage@1",
        "arms": ["finetune", "prompt"],
        "seeds": [0, 1],
        "before": "Nothing is known.",
        "warnings": ["held-out is small"],
        "estimate": {
            "arms": {"finetune": arm},
            "total": {"seconds": seconds, "cost": money},
            "available_bytes": 8e9,
            "not_estimated": ["prompt"],
        },
    }
    records.write(records.folder_of(home, job.id) / "result.json", result)
    records.set_state(home, job.id, records.State(RunStatus.FINISHED))

    page = client.get(f"/jobs/{job.id}").text

    for said in (
        "60.0 s to 2.0 min",
        "3.0 GB",
        "8.0 GB",
        "Not estimated",
        "held-out is",
    ):
        assert said in page
    assert f'action="/jobs/{job.id}/start"' in page


@pytest.mark.parametrize("path", ["/jobs/j-none", "/jobs/j-none/now", "/jobs/..%2f.."])
def test_an_unknown_job_is_a_page_that_helps(path, desk):
    assert desk[1].get(path).status_code == 404


def test_a_full_queue_takes_no_more(desk, monkeypatch):
    home, client = desk
    monkeypatch.setattr(records, "MOST_OPEN", 0)

    response = paste(client, "http://127.0.0.1:9/v1")

    assert response.status_code == 422
    assert "no more are taken" in response.text
    assert records.list_all(home) == []


def test_a_home_that_cannot_be_written_to_is_said(desk):
    home, client = desk
    (home.path / "jobs").write_text("in the way")

    response = paste(client, "http://127.0.0.1:9/v1")
    (home.path / "jobs").unlink()

    assert response.status_code == 422
    assert "cannot be written" in response.text


def test_another_sites_page_starts_nothing(desk):
    home, client = desk

    response = client.post(
        "/experiments/new/spec", data={}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert response.status_code == 403
    assert records.list_all(home) == []
