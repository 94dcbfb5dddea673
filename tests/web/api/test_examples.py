"""Every request that the document shows is one that the service takes.

Schemathesis makes up requests as the schemas allow, and most of what it makes up
names nothing that is recorded: of 78 routes 48 do what they are asked. Here every one
of them is asked for what is there, and has to do it.
"""

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from jsonschema import Draft202012Validator

from tests.web.api.conftest import Api
from tracker import experiments
from tunewise.domain.decision import Actor
from tunewise.web.api.examples import BODIES
from tunewise.web.api.table import ROUTES
from tunewise.web.app import create_app
from tunewise.workflow.drift import checking
from tunewise.workflow.drift.answers import Answering
from tunewise.workflow.home import Home
from tunewise.workflow.jobs.records import LANES

WRITES = [route for route in ROUTES if route.body is not None]
CUT_OFF = "e-cut-off"  # an experiment that says running, and that nobody runs


@dataclass(frozen=True)
class Named:
    """What the paths of the prepared home may name."""

    folder: Path
    decision: str
    risk: str
    job: str


@contextmanager
def waiting(folder):
    """Give the API over a home while nothing on its queues begins."""
    (folder / "jobs").mkdir(exist_ok=True)
    locks = [FileLock(folder / "jobs" / f"{lane}.lock") for lane in LANES]
    for lock in locks:
        lock.acquire()
    home = Home(folder, Actor("Ines Okafor"))
    yield Api(create_app(home).test_client(), home)
    for job in (folder / "jobs").glob("j-*"):  # else they would begin now
        shutil.rmtree(job)
    for lock in locks:
        lock.release()


@pytest.fixture(scope="module")
def prepared(filled, tmp_path_factory):
    """Return a home with something in every state that an example asks for."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(filled.home.path, folder / "made")
    with waiting(folder / "made") as api:
        decision = api.post("/decisions", BODIES["proposeDecision"]).json["id"]
        condition = {"conditions": ["A person reads every tenth letter."]}
        accepted = api.post(
            f"/decisions/{decision}/accept", {**BODIES["acceptDecision"], **condition}
        )
        said = BODIES["registerModel"]
        described = {**said["described"], "dataset": "triage@2"}
        model = api.post("/models/letters", {**said, "described": described})
        runs = api.post(
            "/models/letters/1/deploy", {**BODIES["deployModel"], "as": "letters-llm"}
        )
        (folder / "later.jsonl").write_text(BODIES["checkDrift"]["data"])
        quiet = Answering(here=False)
        checking.check(api.home, "letters@1", folder / "later.jsonl", answering=quiet)
        cut_off(api.home, filled.experiment)
        job = api.post("/experiments", BODIES["runExperiment"])
        done = (accepted, model, runs, job)
        assert [r.status_code for r in done] == [200, 201, 200, 202], done
        risk = accepted.json["risks"][0]["id"]
        shutil.copytree(folder / "made", folder / "kept")
    return Named(folder / "kept", decision, risk, job.json["job"])


def cut_off(home, like):
    """Record an experiment like one that is there as begun, and not as ended."""
    at = {"actor": home.actor, "at": home.now()}
    with home.store() as store:
        row = experiments.get(store, like)
        spec = row.body["spec"]
        task = {**spec["task"], "type": "classification"}
        body = {**row.body, "spec": {**spec, "task": task}}
        experiments.create(
            store, CUT_OFF, title="Cut off", dataset=row.dataset, body=body, **at
        )
        experiments.start(store, CUT_OFF, **at)


@pytest.fixture
def api_there(prepared, tmp_path):
    shutil.copytree(prepared.folder, tmp_path / "home")
    with waiting(tmp_path / "home") as api:
        yield api


def address(route, prepared, filled):
    """Return the path of a route, of what the prepared home has."""
    open_still = route.name in ("acceptDecision", "rejectDecision", "withdrawDecision")
    ids = {
        "decisions": filled.proposed if open_still else prepared.decision,
        "experiments": filled.experiment if route.method == "GET" else CUT_OFF,
        "runs": filled.run,
        "criteria": "must-cite-sources",
        "jobs": prepared.job,
    }
    noun = route.path.split("/")[1]
    return route.path.format(
        id=ids.get(noun),
        name={"datasets": "triage", "models": "letters"}.get(noun),
        version=1,
        n=1,
        risk=prepared.risk,
        role="heldout",
        kind="facts",
    )


def test_every_write_shows_an_example_that_is_as_described():
    assert [route.name for route in WRITES if route.name not in BODIES] == []
    assert set(BODIES) - {route.name for route in WRITES} == set()
    for route in WRITES:
        Draft202012Validator(route.body_schema).validate(BODIES[route.name])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_takes_what_the_document_shows(route, api_there, prepared, filled):
    at, query = (
        address(route, prepared, filled),
        {
            **{"of": "letters@1", "to": "triage@2"},
            **{"kind": "criterion", "id": "must-cite-sources"},
        },
    )
    asked = {key: {**query, "q": "triage"}[key] for key in route.needs_query}

    if route.method == "POST":
        answered = api_there.post(at, BODIES[route.name])
    else:
        answered = api_there.get(at, query_string=asked)

    assert answered.status_code == route.status, answered.text[:500]
