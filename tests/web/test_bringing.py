"""Data, answers and models that people bring through forms."""

import csv
import io
import json

import pytest

from tunewise.web import uploads
from tunewise.web.app import create_app
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.datasets.uploads import as_chat
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import records
from tunewise.workflow.models import versions as models

from .conftest import INES, register
from .test_jobs import OURS, ended

LABELS = ("card", "refund")
ROWS = [(f"t-{i}", f"message {i}, about {LABELS[i % 2]}", LABELS[i % 2])
        for i in range(60)]  # fmt: skip
CSV = "id,prompt,answer\n" + "".join(f'{i},"{q}",{a}\n' for i, q, a in ROWS)


@pytest.fixture
def bare(tmp_path):
    home = Home(tmp_path / "home", INES)
    return home, create_app(home).test_client()


def upload(client, path, **fields):
    files = {
        key: (io.BytesIO(value[1]), value[0]) if isinstance(value, tuple) else value
        for key, value in fields.items()
    }
    return client.post(
        path,
        data={"by": "Ada", **files},
        headers=OURS,
        content_type="multipart/form-data",
    )


def heldout(home, reference):
    examples = datasets.load(home, reference).splits["heldout"]
    return [(e.id, e.reference) for e in examples]


def test_an_uploaded_csv_becomes_a_version_with_its_findings(bare):
    home, client = bare

    sent = upload(
        client, "/datasets/new",
        name="desk", licence="CC0-1.0", owner="Ada", classification="internal",
        train=("../../etc/train.csv", CSV.encode()),
    )  # fmt: skip
    view = ended(client, sent.headers["Location"])

    assert view["status"] == "finished", view["because"]
    assert view["result"]["dataset"] == "desk@1"
    version = datasets.show(home, "desk@1")
    assert version["provenance"]["licence"] == "CC0-1.0"
    assert sum(s["examples"] for s in version["splits"].values()) == 60
    assert 'href="/datasets/desk/1"' in client.get(sent.headers["Location"]).text
    left = [p.name for p in (home.path / "jobs").rglob("given-*")]
    assert left == []


def test_what_blocks_is_said_and_nothing_is_registered(bare):
    home, client = bare
    twice = json.dumps({"messages": [{"role": "user", "content": "a"}]}) + "\n"

    sent = upload(client, "/datasets/new", name="desk", pasted=twice)
    view = ended(client, sent.headers["Location"])

    assert view["status"] == "failed"
    assert view["because"].startswith("train.jsonl:1: ")
    assert str(home.path) not in view["because"]  # nobody saw where it lies
    assert "“Register despite what blocks, because”" in view["because"]
    assert datasets.list_all(home) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "desk"}, "Choose a file"),
        ({"name": "", "pasted": "{}"}, "This is needed"),
        ({"name": "desk", "pasted": "a,b\n1,2\n"}, "is missing"),
        ({"name": "desk", "train": ("a", b"\xff\xfe")}, "not UTF-8"),
    ],
)
def test_an_upload_that_cannot_be_read_says_why(fields, said, bare):
    home, client = bare

    response = upload(client, "/datasets/new", **fields)

    assert response.status_code == 422
    assert said in response.text
    assert records.list_all(home) == []


def test_an_upload_that_is_too_large_is_a_page_that_helps(bare, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 2000)  # a real one would fill the disk

    response = upload(bare[1], "/datasets/new", name="d", train=("a", b"x" * 2001))

    assert response.status_code == 413
    assert "64 MB" in response.text


def test_a_csv_says_where_it_is_wrong():
    with pytest.raises(Exception, match=r"a.csv:3: 1 cells, the head has 2"):
        as_chat(b"prompt,answer\nx,y\nz\n", name="a.csv")

    line = json.loads(as_chat(b"question;label\nx;y\n", name="a.csv"))
    assert [m["content"] for m in line["messages"]] == ["x", "y"]


def test_answers_from_elsewhere_end_on_the_experiments_page(bare, tmp_path):
    home, client = bare
    register(home, tmp_path / "data", 12)
    lines = [{"id": i, "answer": a} for i, a in heldout(home, "triage@1")]
    text = "\n".join(json.dumps(line) for line in lines)

    sent = upload(
        client, "/experiments/import",
        arm="prompt", answers=("a.jsonl", text.encode()), model="gpt-x",
        title="Desk", dataset="triage@1", type="classification", metric="accuracy",
    )  # fmt: skip
    first = ended(client, sent.headers["Location"])
    wrong = text.replace('"card"', '"lost"')
    sent = upload(
        client, "/experiments/import",
        arm="rag", pasted=wrong, into=first["experiment"],
    )  # fmt: skip
    second = ended(client, sent.headers["Location"])

    assert (first["status"], second["status"]) == ("finished", "finished"), second
    assert second["experiment"] == first["experiment"]
    view = experiments.show(home, first["experiment"])
    # 9 held-out examples, 3 of them card
    assert view["arms"]["prompt"]["metrics"]["accuracy"]["value"] == 1.0
    assert view["arms"]["rag"]["metrics"]["accuracy"]["value"] == pytest.approx(6 / 9)
    assert "imported" in client.get(f"/experiments/{first['experiment']}").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"arm": "prompt"}, "Choose a file"),
        ({"arm": "nothing", "pasted": "x"}, "Choose one of"),
        ({"arm": "prompt", "pasted": "x", "into": "e-none"}, "Choose one of"),
        ({"arm": "prompt", "pasted": "x"}, "This is needed"),
    ],
)
def test_answers_that_belong_nowhere_are_not_taken(fields, said, bare):
    home, client = bare

    response = upload(client, "/experiments/import", **fields)

    assert response.status_code == 422
    assert said in response.text
    assert records.list_all(home) == []


def explain(client, **fields):
    known = {"name": "old", "option": "finetune", "base": "gpt-x", "by": "Ada"}
    return client.post("/models/explain", data={**known, **fields}, headers=OURS)


def test_a_model_that_is_there_already_gets_its_lineage(bare):
    home, client = bare

    sent = explain(
        client,
        decision="We had no time to compare.",
        metric="accuracy",
        score="0.81",
        trained_at="2025-02-01",
        purpose="Routes <script>mail",
    )

    assert sent.status_code == 303
    assert sent.headers["Location"] == "/models/old/1"
    page = client.get("/models/old/1").text
    assert "Routes &lt;script&gt;mail" in page
    view = models.show(home, "old@1")
    assert view["metrics"]["accuracy"]["value"] == 0.81
    assert view["decision_text"] == "We had no time to compare."


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "Ö/.."}, "name of a model"),
        ({"base": ""}, "This is needed"),
        ({"score": "0.8"}, "A score needs its metric"),
        ({"score": "80", "metric": "accuracy"}, "is not from 0 to 1"),
        ({"decision": "d-none"}, "d-none"),
        ({"trained_at": "2999-01-01"}, "has not come yet"),
    ],
)
def test_what_cannot_be_known_of_a_model_is_not_recorded(fields, said, bare):
    home, client = bare

    response = explain(client, **fields)

    assert response.status_code == 422
    assert said in response.text
    assert "/tmp" not in response.text
    assert models.list_all(home) == []


def test_any_two_versions_are_compared(filled, client):
    page = client.get("/datasets/triage").text

    assert 'action="/datasets/triage/diff"' in page
    there = client.get("/datasets/triage/diff?before=2&after=1")
    assert (there.status_code, there.headers["Location"]) == (
        303,
        "/datasets/triage/2/diff/1",
    )
    assert client.get("/datasets/triage/2/diff/1").status_code == 200
    assert client.get("/datasets/triage/diff?before=x").status_code == 400


def test_a_small_upload_leaves_room_for_a_large_one_beside_it():
    """The limit is of the whole process, and the service reads several at once."""
    as_chat(b"prompt,answer\na,b\n", name="small.csv")

    assert csv.field_size_limit() >= uploads.LARGEST
