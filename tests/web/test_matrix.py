"""The matrix of held-out examples by arms: filtered, searched, linked to a cell."""

import json

import pytest

from tracker import blobs
from tracker import experiments as experiment_records
from tracker import runs as run_records
from tunewise.web.app import create_app
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import matrix
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home

from .conftest import INES, register

# the held-out references are card, refund, transfer, three times over (conftest)
RIGHT = ["card", "refund", "transfer"] * 3
ANSWERS = {
    "prompt": ["card", "refund", "Lost CARD"] * 3,
    "rag": [*RIGHT[:8], "moved"],
}


@pytest.fixture
def desk(tmp_path):
    """Return a home with an experiment of two arms, and a client."""
    home = Home(tmp_path / "home", INES)
    dataset = register(home, tmp_path / "data", 30)
    record(home, dataset)
    return home, create_app(home).test_client()


def record(home, dataset):
    at = {"actor": home.actor, "at": home.now()}
    lease = {"owner": "test", "lease_until": "2099-01-01T00:00:00.000+00:00"}
    spec = {
        "task": {"metric": "accuracy", "target_score": None},
        "limits": {"heldout": 0},
        "arms": list(ANSWERS),
    }
    with home.store(create=True) as store:
        experiment_records.create(
            store,
            "e-desk",
            title="Desk",
            dataset=dataset,
            body={"spec": spec, "heldout_digest": "sha256:" + "0" * 64},
            **at,
        )
        experiment_records.start(store, "e-desk", **at)
        for arm, said in ANSWERS.items():
            lines = "\n".join(json.dumps({"answer": text}) for text in said)
            digest = blobs.put_bytes(store.blobs, lines.encode())
            run_records.create(
                store, f"r-{arm}", experiment="e-desk", arm=arm, seed=0, body={}, **at
            )
            run_records.claim(store, f"r-{arm}", **lease, **at)
            result = {"status": "finished", "answers_blob": digest}
            run_records.finish(
                store, f"r-{arm}", attempt=1, result=result, blobs=[digest], **at
            )


def shown(client, query=""):
    return client.get(f"/experiments/e-desk/answers.json?{query}").json


def ids(client, query=""):
    return [row["id"] for row in shown(client, query)["rows"]]


def test_every_example_has_every_arms_answer_and_mark(desk):
    home, client = desk

    found = shown(client)

    assert (found["arms"], found["total"], found["found"]) == (["prompt", "rag"], 9, 9)
    assert found["rows"][2]["arms"]["prompt"]["correct"] is False
    assert found["rows"][2]["arms"]["rag"] == {
        "answer": "transfer",
        "score": 1.0,
        "correct": True,
        "imported": False,
    }
    slow = experiments.answers(home, "e-desk")
    assert [
        {arm: cell["score"] for arm, cell in row["arms"].items()} for row in slow
    ] == [
        {arm: cell["score"] for arm, cell in row["arms"].items()}
        for row in found["rows"]
    ]


def test_only_where_arms_differ(desk):
    # by hand: prompt is wrong on the 3rd, 6th and 9th, rag on the 9th alone
    assert ids(desk[1], "differ=1") == ["t-2002", "t-2005"]


def test_only_failures_of_an_arm_or_of_any(desk):
    _, client = desk

    assert ids(client, "failed=1") == ["t-2002", "t-2005", "t-2008"]
    assert ids(client, "failed=1&arm=rag") == ["t-2008"]
    assert shown(client, "failed=1&arm=rag")["arms"] == ["rag"]
    assert shown(client, "failed=1&arm=rag")["every_arm"] == ["prompt", "rag"]


def test_search_reads_questions_references_and_answers(desk):
    _, client = desk

    assert ids(client, "q=lost+card") == ["t-2002", "t-2005", "t-2008"]
    assert ids(client, "q=MOVED") == ["t-2008"]
    assert ids(client, "q=message+2004") == ["t-2004"]
    assert ids(client, "q=lost+card&arm=rag") == []


def test_pages_follow_the_filters_and_a_cell_has_an_address(desk):
    _, client = desk

    page = client.get("/experiments/e-desk/answers?failed=1&limit=2").text

    assert "failed=1&amp;limit=2&amp;offset=2" in page
    assert 'id="x-t-2005-rag"' in page
    assert "at=t-2005#x-t-2005-rag" in page
    there = client.get("/experiments/e-desk/answers?failed=1&limit=2&at=t-2008").text
    assert 'id="x-t-2008-rag"' in there
    assert 'id="x-t-2005-rag"' not in there


def test_an_example_that_the_filters_hide_is_said(desk):
    response = desk[1].get("/experiments/e-desk/answers?failed=1&at=t-2001")

    assert response.status_code == 404
    assert "Take the filters away" in response.text


def test_an_example_without_an_id_goes_by_its_number(tmp_path):
    home = Home(tmp_path / "home", INES)
    rows = [{"role": "user", "content": 'a "word"'}], [{"role": "user", "content": "b"}]
    files = {}
    for split in ("train", "validation", "heldout"):
        files[split] = tmp_path / f"{split}.jsonl"
        lines = [
            {"messages": [{"role": "user", "content": f"{split} {m[0]['content']}"},
                          {"role": "assistant", "content": "card"}]}
            for m in rows
        ]  # fmt: skip
        files[split].write_text("\n".join(json.dumps(line) for line in lines))
    record(home, datasets.register(home, "desk", files, accept_because="x")["dataset"])
    client = create_app(home).test_client()

    assert ids(client) == ["1", "2"]
    assert ids(client, "at=2&limit=1") == ["2"]
    assert ids(client, 'q=A+"Word') == ["1"]


def test_marks_are_said_in_words(desk):
    page = desk[1].get("/experiments/e-desk/answers").text

    assert page.count("✓ right") == 6 + 8
    assert page.count("✗ wrong") == 3 + 1


def test_a_later_page_reads_no_more_than_its_lines(desk, monkeypatch):
    home, client = desk
    shown(client)  # makes the index
    monkeypatch.setattr(matrix, "_made", None)  # would be called, were it not kept

    assert ids(client, "offset=7") == ["t-2007", "t-2008"]
    kept = (home.runs / "e-desk" / "matrix.json").read_text()
    assert "message" not in kept
    assert "t-2007" not in kept


def test_a_damaged_index_is_made_anew(desk):
    home, client = desk
    shown(client)
    (home.runs / "e-desk" / "matrix.json").write_text("{")

    assert len(ids(client)) == 9


def test_of_a_deleted_dataset_nothing_is_shown(desk):
    home, client = desk
    shown(client)
    datasets.delete(home, "triage@1", because="asked to")

    response = client.get("/experiments/e-desk/answers")

    assert response.status_code == 404
    assert "asked to" in response.text


@pytest.mark.parametrize("query", ["offset=-3", "limit=x", "arm=nobody", "offset=99"])
def test_odd_questions_get_a_page(query, desk):
    assert desk[1].get(f"/experiments/e-desk/answers?{query}").status_code == 200
