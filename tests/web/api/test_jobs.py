"""Heavy work over HTTP: taken at once, done later, looked at and ended meanwhile."""

import shutil

import pytest
from filelock import FileLock

V1 = "/api/v1"
SPEC = {
    "title": "Triage",
    "dataset": "triage@1",
    "task": {"type": "classification", "metric": "accuracy"},
    "arms": ["prompt"],
}


@pytest.fixture
def held(api):
    """Return the API while another process works on its queues: nothing begins."""
    (api.home.path / "jobs").mkdir(parents=True)
    locks = [
        FileLock(api.home.path / "jobs" / f"{lane}.lock") for lane in ("heavy", "light")
    ]
    for lock in locks:
        lock.acquire()
    yield api
    for job in (api.home.path / "jobs").glob("j-*"):  # else they would begin now
        shutil.rmtree(job)
    for lock in locks:
        lock.release()


def test_an_experiment_is_taken_at_once_and_can_be_looked_at_and_ended(held):
    held.register()

    asked = held.post("/experiments", by="Ada", spec=SPEC)
    at = asked.headers["Location"].removeprefix(V1)
    waiting = held.get(at).json
    ended = held.post(f"{at}/cancel", by="Tomas", because="Not now.")

    assert asked.status_code == 202, asked.text
    assert (waiting["kind"], waiting["status"], waiting["by"]) == (
        "run", "queued", "Ada",
    )  # fmt: skip
    assert waiting["experiment"].startswith("e-triage")
    assert ended.json["status"] == "cancelled"
    assert "Not now." in ended.json["because"]
    assert held.post(f"{at}/cancel", by="Ada").status_code == 409
    assert [job["job"] for job in held.get("/jobs").json["items"]] == [waiting["job"]]


def test_a_specification_comes_as_tables_or_as_its_file(held):
    held.register()
    file = (
        'title = "Triage"\ndataset = "triage@1"\narms = ["prompt"]\n'
        '[task]\ntype = "classification"\nmetric = "accuracy"\n'
    )

    tables = held.post("/estimates", by="Ada", spec=SPEC)
    text = held.post("/estimates", by="Ada", spec=file)

    assert (tables.status_code, text.status_code) == (202, 202), text.text
    assert tables.json["kind"] == "estimate"


@pytest.mark.parametrize(
    "change",
    [
        {"dataset": {"train": "/etc/passwd"}},
        {"dataset": "../secret"},
        {"facts": "/etc/passwd"},
        {"base_model": "/models/secret"},
        {"task": {**SPEC["task"], "schema": "/etc/passwd"}},
    ],
)
def test_no_path_in_a_specification_is_followed(held, change):
    held.register()

    refused = held.post("/experiments", by="Ada", spec={**SPEC, **change})

    assert refused.status_code in (400, 422)
    assert held.get("/jobs").json["items"] == []


def test_what_has_finished_is_not_resumed_and_what_is_not_there_is_404(read, filled):
    refused = read.post(f"/experiments/{filled.experiment}/resume", by="Ada")

    assert refused.status_code == 409
    assert "nothing to go on with" in refused.json["detail"]
    assert read.post("/experiments/e-none/resume", by="Ada").status_code == 404
    assert read.get("/jobs/j-none").status_code == 404
