"""Datasets over HTTP: contents come in the body, and go out again as they are kept."""

from tunewise.workflow.datasets import records as datasets

V1 = "/api/v1"


def test_contents_become_a_version_with_what_is_said_of_them(api):
    made = api.register()

    assert made.headers["Location"] == f"{V1}/datasets/triage/1"
    shown = api.get("/datasets/triage/1").json
    assert shown == datasets.show(api.home, "triage@1")
    assert shown["provenance"]["owner"] == "Ines Okafor"
    assert shown["by"] == "Ada"
    assert api.register().json["new"] is False


def test_a_check_records_nothing_and_names_no_folder(api):
    checked = api.post("/dataset-check", files={"train": "{}\nno json\n"})

    assert checked.status_code == 200, checked.text
    files = {finding["file"] for finding in checked.json["findings"]}
    assert files == {"train.jsonl"}
    assert "/tmp" not in checked.text
    assert api.get("/datasets").json["items"] == []


def test_what_blocks_is_said_with_its_line_and_no_folder(api):
    refused = api.post("/datasets/triage", by="Ada", files={"train": "no json\n"})

    assert refused.status_code == 422
    assert refused.json["detail"].startswith("train.jsonl:1:")
    assert "/tmp" not in refused.text


def test_two_versions_are_compared_and_a_file_is_no_version(api, tmp_path, monkeypatch):
    api.register(20)
    api.register(22)
    (tmp_path / "triage@9").write_text('{"secret": 1}\n')
    monkeypatch.chdir(tmp_path)

    diff = api.get("/datasets/triage/1/diff?to=triage@2").json
    file = api.get("/datasets/triage/1/diff?to=triage@9")

    assert len(diff["added"]) == 2
    assert diff["removed"] == []
    assert file.status_code == 404


def test_a_version_goes_out_as_it_is_kept_and_is_deleted_with_a_reason(api):
    api.register()

    held = api.get("/datasets/triage/1/files/heldout")
    described = api.post(
        "/datasets/triage/1/describe", by="Ada", basis="consent", because="Asked them."
    )
    deleted = api.post("/datasets/triage/1/delete", by="Ada", because="They asked.")

    assert held.text.count("\n") == 8
    assert api.get("/datasets/triage/1/files/documents").status_code == 404
    assert described.json["provenance"]["basis"] == "consent"
    assert deleted.json["deleted"] == "They asked."
    assert api.get("/datasets/triage/1/files/heldout").status_code == 404


def test_the_facts_of_a_version_go_into_advice(api):
    api.register()
    facts = {"task_type": "classification"}

    advised = api.post("/advice", facts=facts, dataset="triage@1")
    unknown = api.post("/advice", facts=facts, dataset="triage@7")

    assert "training_examples" not in advised.json["unknown"]
    assert unknown.status_code == 422
    assert "triage@7" in unknown.json["detail"]
