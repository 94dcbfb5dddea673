"""What is brought over HTTP and taken by a job: done in a child, watched, told."""

import json
import time

import pytest

V1 = "/api/v1"
SPEC = {
    "title": "Answers of our vendor",
    "dataset": "triage@1",
    "task": {"type": "classification", "metric": "accuracy"},
}
MADE = {"option": "finetune", "base_model": {"id": "acme/small"}}


def ended(api, asked):
    """Return a job at its end, once its child has done it."""
    assert asked.status_code == 202, asked.text
    at = asked.headers["Location"].removeprefix(V1)
    until = time.monotonic() + 120
    while (job := api.get(at).json)["open"]:
        assert time.monotonic() < until, job
        time.sleep(0.1)
    return job


@pytest.fixture
def deployed(api):
    """Return the API over a home with mail@1, made of triage@1."""
    api.register(60)
    described = {**MADE, "dataset": "triage@1"}
    made = api.post("/models/mail", by="Ada", described=described)
    assert made.status_code == 201, made.text
    return api


@pytest.mark.parametrize(
    ("words", "drifted"), [("my", False), ("my loan or rent and", True)]
)
def test_later_data_are_held_against_a_version_by_a_job(deployed, words, drifted):
    later = deployed.chats(60).replace("about my", f"about {words}")

    asked = deployed.post("/models/mail/1/drift-checks", by="Tomas", data=later)
    job = ended(deployed, asked)

    assert (job["kind"], job["status"]) == ("drift", "finished"), job["because"]
    assert (job["result"]["model"], job["result"]["check"]) == ("mail@1", 1)
    assert job["result"]["drifted"] is drifted
    assert "loan" not in json.dumps(job["result"])  # words stay where they can go
    page = deployed.client.get(f"/jobs/{job['job']}").text
    assert ("It has drifted" in page) is drifted
    forgotten = deployed.post(
        "/models/mail/1/drift-checks/1/forget", by="Ada", because="They asked."
    )
    assert forgotten.status_code == 200, forgotten.text


def test_a_drift_check_that_cannot_be_made_says_why_and_names_no_folder(deployed):
    job = ended(
        deployed, deployed.post("/models/mail/1/drift-checks", by="Ada", data="{}\n")
    )
    unknown = deployed.post("/models/none/1/drift-checks", by="Ada", data="{}\n")
    which = deployed.post(
        "/models/mail/1/drift-checks", by="Ada", data="{}\n", prompts=["a"]
    )

    assert job["status"] == "failed"
    assert "given-data.jsonl" in job["because"]
    assert str(deployed.home.path) not in job["because"]
    assert unknown.status_code == 404
    assert which.status_code == 422


def test_answers_from_elsewhere_begin_an_experiment(api):
    api.register()
    rows = [
        {"id": f"t-{n}", "answer": ("card", "refund")[n % 2]} for n in range(900, 908)
    ]
    answers = "".join(f"{json.dumps(row)}\n" for row in rows)

    job = ended(
        api,
        api.post("/imports", by="Ada", spec=SPEC, arm="prompt", answers=answers),
    )

    assert job["status"] == "finished", job["because"]
    made = api.get(f"/experiments/{job['experiment']}").json
    assert made["title"] == SPEC["title"]
    assert made["arms"]["prompt"]["metrics"]["accuracy"]["value"] == 1.0


def test_a_specification_of_an_import_follows_no_path(api):
    refused = api.post(
        "/imports",
        by="Ada",
        spec={**SPEC, "dataset": "/etc/passwd"},
        arm="prompt",
        answers="{}",
    )

    assert refused.status_code == 422
    assert api.get("/jobs").json["items"] == []


def test_large_contents_become_a_version_by_a_job_and_small_ones_at_once(api):
    files = {"train": api.chats(20), "heldout": api.chats(8, start=900)}
    said = {"by": "Ada", "accept_because": "a test", "owner": "Ines Okafor"}
    large = "x" * (9 << 20)

    refused = api.post("/datasets/triage", {**said, "files": {"train": large}})
    job = ended(api, api.post("/datasets/triage/upload", {**said, "files": files}))
    again = api.post("/datasets/triage", {**said, "files": files})

    assert refused.status_code == 413
    assert "/upload" in json.dumps(refused.json)
    assert job["result"]["dataset"] == "triage@1"
    assert again.json["new"] is False  # the same, whichever way it came
    assert api.get("/datasets/triage/1").json["provenance"]["owner"] == "Ines Okafor"
    assert {f["file"] for f in job["result"]["findings"]} <= {
        "", "train.jsonl", "heldout.jsonl",
    }  # fmt: skip
