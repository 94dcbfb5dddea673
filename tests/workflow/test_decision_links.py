"""Evidence that facts name is found among the records, kept, or said to be neither."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tracker import blobs, datasets, models
from tunewise.domain.errors import FactError, NotRecorded
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .on_heldout import begin, register, run


@pytest.fixture
def stocked(home: Home) -> Home:
    """A home with a record of every kind: desk@1, e-1, its run, bot@1."""
    register(home)
    run(home, begin(home, "e-1", "desk@1"), score=0.8)
    with home.store() as store:
        models.register(store, "bot", body={}, actor=home.actor, at=home.now())
    return home


def propose(home: Home, evidence: str, **more: Any) -> dict[str, Any]:
    facts = {"must_cite_sources": {"value": True, "evidence": evidence}}
    return decisions.propose(home, facts, title="Desk", **more)


def link(view: dict[str, Any]) -> tuple[str, str, str, list[str]]:
    (found,) = view["evidence_links"]
    return found["kind"], found["reference"], found["found"], found["facts"]


@pytest.mark.parametrize(
    "evidence", ["run:r-e-1-rag-0", "experiment:e-1", "dataset:desk@1", "model:bot@1"]
)
def test_evidence_that_is_a_record_is_found(stocked: Home, evidence: str) -> None:
    view = propose(stocked, evidence)

    kind, _, reference = evidence.partition(":")
    assert link(view) == (kind, reference, "recorded here", ["must_cite_sources"])
    assert view["evidence"] == [evidence]


def test_another_decision_is_evidence(stocked: Home) -> None:
    first = propose(stocked, "person:Ada")["id"]

    assert link(propose(stocked, f"decision:{first}"))[2] == "recorded here"


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        ("run:r-none", "the run 'r-none' is not recorded here"),
        ("experiment:e-none", "the experiment 'e-none' is not recorded here"),
        ("experiment:e-2", "the experiment 'e-2' is .* here; did you mean e-1"),
        ("dataset:none@1", "the dataset 'none@1' is not recorded here"),
        ("dataset:desk@2", "the dataset 'desk@2' is not recorded here; did you mean"),
        ("dataset:desk", "the dataset 'desk' is no version; .* as in desk@1"),
        ("model:bot@7", "the model 'bot@7' is not recorded here"),
        ("model:bot", "the model 'bot' is no version; .* as in bot@1"),
        ("decision:d-none", "the decision 'd-none' is not recorded here"),
    ],
)
def test_evidence_that_is_not_recorded_is_refused_by_the_facts_name(
    stocked: Home, evidence: str, message: str
) -> None:
    with pytest.raises(FactError, match=f"^must_cite_sources: {message}"):
        propose(stocked, evidence)

    assert decisions.list_all(stocked) == []


def test_all_that_is_missing_is_said_in_one_error(stocked: Home) -> None:
    facts = {
        "prompt_score": {"value": 0.7, "evidence": "run:r-none"},
        "prompt_tried": {"value": True, "evidence": "run:r-none"},
        "training_examples": {"value": 9, "evidence": "dataset:zzzzzz@9"},
    }

    with pytest.raises(FactError) as told:
        decisions.propose(stocked, facts, title="Desk")

    assert str(told.value).splitlines()[:2] == [
        "prompt_score, prompt_tried: the run 'r-none' is not recorded here",
        "training_examples: the dataset 'zzzzzz@9' is not recorded here",
    ]


def test_nothing_recorded_cannot_be_evidence_and_no_database_is_left(
    home: Home,
) -> None:
    for evidence in ("run:r-1", "dataset:desk@1", "decision:d-1"):
        with pytest.raises(FactError, match="is not recorded here"):
            propose(home, evidence)
    with pytest.raises(NotRecorded, match="No decision 'd-1' is recorded"):
        propose(home, "person:Ada", supersedes="d-1")

    assert not home.path.exists()


def test_a_document_that_is_a_file_is_kept(home: Home, tmp_path: Path) -> None:
    (tmp_path / "eval.pdf").write_bytes(b"%PDF")

    view = propose(home, "document:eval.pdf", documents=tmp_path)

    assert link(view)[2] == "kept here"
    digest = view["evidence_links"][0]["digest"]
    with home.store() as store:
        assert blobs.read(store.blobs, digest) == b"%PDF"
    blobs.path(home.path / "blobs", digest).unlink()
    (problem,) = integrity.verify(home)["problems"]
    assert view["id"] in problem["message"]


@pytest.mark.parametrize(
    "reference",
    [
        "https://wiki.example/eval",
        "mailto:ada@example.org",
        "The eval of 2026",
        "Apache-2.0 licence",
        ".",
        "x" * 5000,
    ],
)
def test_any_other_document_stays_as_it_was_written(
    home: Home, tmp_path: Path, reference: str
) -> None:
    view = propose(home, f"document:{reference}", documents=tmp_path)

    assert link(view)[1:3] == (reference, "not checked")


@pytest.mark.parametrize(
    "reference",
    [
        "none.pdf",
        "evals/none",
        "../none",
        "/none/at/all",
        "Our eval.docx",
        "~/x",
        "a\\b",
    ],
)
def test_a_document_that_looks_like_a_path_must_exist(
    home: Home, tmp_path: Path, reference: str
) -> None:
    with pytest.raises(FactError, match=r"^must_cite_sources: there is no file") as e:
        propose(home, f"document:{reference}", documents=tmp_path)

    assert "a URL with https://, or a title in words" in str(e.value)
    assert not home.path.exists()


@pytest.mark.parametrize(
    ("reference", "checked"),
    [
        ("eval.pdf", "the file exists, kept here"),
        ("https://wiki.example/eval", "not checked: a URL"),
        ("The eval of 2026", "not checked: no file has this name"),
        (".", "the folder exists, not read"),
        ("../outside.md", "it exists, not read: outside the folder of the fact file"),
    ],
)
def test_it_is_said_what_was_looked_at_of_a_document(
    home: Home, tmp_path: Path, reference: str, checked: str
) -> None:
    (tmp_path / "outside.md").write_text("x")
    folder = tmp_path / "facts"
    folder.mkdir()
    (folder / "eval.pdf").write_bytes(b"%PDF")

    view = propose(home, f"document:{reference}", documents=folder)

    assert view["evidence_links"][0]["checked"] == checked


@pytest.mark.parametrize(
    ("evidence", "checked"),
    [
        ("run:r-e-1-rag-0", "recorded here"),
        ("person:Ada", "not checked: said by a person"),
        ("imported:scores.csv", "not checked: measured elsewhere"),
    ],
)
def test_it_is_said_what_was_looked_at_of_other_evidence(
    stocked: Home, evidence: str, checked: str
) -> None:
    assert propose(stocked, evidence)["evidence_links"][0]["checked"] == checked


def test_facts_that_an_experiment_wrote_name_documents_as_it_does(
    stocked: Home, tmp_path: Path
) -> None:
    said = {"must_cite_sources": {"value": True, "evidence": "document:README.md"}}
    cited = run(stocked, begin(stocked, "e-2", "desk@1", facts=said), score=0.8)
    score = {"rag_score": {"value": 0.8, "evidence": f"run:{cited}"}}

    view = decisions.propose(stocked, said | score, title="Desk", documents=tmp_path)

    (readme,) = [e for e in view["evidence_links"] if e["kind"] == "document"]
    assert readme["checked"] == "not checked: as e-2 names it"
    with pytest.raises(FactError, match=r"there is no file 'README.md'"):
        decisions.propose(stocked, said, title="Desk", documents=tmp_path)


def test_a_dataset_that_was_deleted_since_is_shown_so(stocked: Home) -> None:
    id = propose(stocked, "dataset:desk@1")["id"]
    decisions.accept(
        stocked, id, choice="prompt", because="cheap", conditions=["look at desk"]
    )
    decisions.close_condition(stocked, id, 1, evidence="dataset:desk@1", because="seen")

    with stocked.store() as store:
        who = {"actor": stocked.actor, "at": stocked.now()}
        datasets.delete(store, "desk@1", because="consent withdrawn", **who)

    view = decisions.show(stocked, id)
    assert link(view)[2] == "recorded here, deleted on 2026-11-22"
    closed = view["conditions"][0]["closed"]
    assert closed["checked"] == "recorded here, deleted on 2026-11-22"


@pytest.mark.parametrize("how", ["absolute", "above", "link", "linked folder"])
def test_a_file_outside_the_folder_of_the_fact_file_is_not_kept(
    home: Home, tmp_path: Path, how: str
) -> None:
    folder, outside = tmp_path / "facts", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    secret = outside / "secret"
    secret.write_text("s")
    (folder / "link").symlink_to(secret)
    (folder / "linked folder").symlink_to(outside)
    named = {
        "absolute": str(secret),
        "above": "../outside/secret",
        "link": "link",
        "linked folder": "linked folder/secret",
    }

    view = propose(home, f"document:{named[how]}", documents=folder)

    assert (link(view)[2], view["evidence_links"][0]["digest"]) == ("not checked", "")


def test_a_file_below_the_folder_of_the_fact_file_is_kept(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals" / "one.pdf").write_bytes(b"%PDF")

    view = propose(home, "document:evals/one.pdf", documents=tmp_path)

    assert link(view)[2] == "kept here"


@pytest.mark.parametrize(
    ("size", "found"), [(64_000_000, "kept here"), (64_000_001, "not checked")]
)
def test_a_document_has_at_most_64_megabytes(
    home: Home, tmp_path: Path, size: int, found: str
) -> None:
    with (tmp_path / "film").open("wb") as file:
        file.truncate(size)

    view = propose(home, "document:film", documents=tmp_path)

    assert link(view)[2] == found
    digest = hashlib.sha256(bytes(size)).hexdigest()
    (checked,) = [e["checked"] for e in view["evidence_links"]]
    assert digest in (view["evidence_links"][0]["digest"] or checked)


@pytest.mark.parametrize("key", ["evidence", "model"])
def test_what_a_terminal_would_obey_is_no_evidence(home: Home, key: str) -> None:
    said = {"value": 0.7, "evidence": "person:Ada", key: "person:\x1b[2J"}

    with pytest.raises(FactError, match=r"prompt_score: .*control character"):
        decisions.propose(home, {"prompt_score": said}, title="Desk")

    assert not home.path.exists()


def test_a_service_reads_no_file_that_facts_name(home: Home, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")

    view = propose(home, f"document:{tmp_path / 'secret'}")

    assert (link(view)[2], view["evidence_links"][0]["digest"]) == ("not checked", "")


def test_a_dataset_version_that_is_named_as_a_document_is_found(stocked: Home) -> None:
    # so do the facts that an experiment establishes of its dataset
    assert link(propose(stocked, "document:desk@1"))[2] == "recorded here"


@pytest.mark.parametrize("evidence", ["person:Ada", "imported:scores.csv"])
def test_people_and_imports_are_not_checked(home: Home, evidence: str) -> None:
    assert link(propose(home, evidence))[2] == "not checked"


def test_the_source_of_a_decision_recorded_later_is_kept(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "minutes.txt").write_text("We decided.")
    monkeypatch.chdir(tmp_path)

    view = propose(
        home,
        "person:Ada",
        documents=Path("elsewhere"),
        retrospective=True,
        decided_at="2025-03-01",
        source="document:minutes.txt",
    )

    assert view["retrospective"]["source"] == "minutes.txt"
    assert view["retrospective"]["source_checked"] == "the file exists, kept here"
    with home.store() as store:
        kept = blobs.read(store.blobs, view["retrospective"]["source_digest"])
    assert kept == b"We decided."


@pytest.mark.parametrize("source", ["minutes.pdf", "document:minutes.pdf"])
def test_the_source_of_a_decision_recorded_later_must_exist(
    home: Home, tmp_path: Path, source: str
) -> None:
    earlier = {"retrospective": True, "decided_at": "2025-03-01", "source": source}

    with pytest.raises(FactError, match=r"^source: there is no file 'minutes.pdf'"):
        propose(home, "person:Ada", documents=tmp_path, **earlier)


def test_what_closes_a_condition_must_exist(home: Home) -> None:
    id = propose(home, "person:Ada")["id"]
    decisions.accept(home, id, conditions=["ask legal"])
    closing = {"n": 1, "because": "they agree"}

    with pytest.raises(FactError, match=r"^evidence: there is no file 'opinion.pdf'"):
        decisions.close_condition(home, id, evidence="document:opinion.pdf", **closing)
    view = decisions.close_condition(
        home, id, evidence="document:https://legal.example/1", **closing
    )

    assert view["conditions"][0]["closed"]["checked"] == "not checked: a URL"
