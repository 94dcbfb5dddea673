import json
from pathlib import Path

import pytest

from .conftest import Measured, Said, Tunewise, mended, write_toy

# DESIGN section 5
WHY = {
    "model",
    "decision",
    "run",
    "dataset",
    "base_model",
    "alternatives",
    "people",
    "events",
    "missing",
    "completeness",
    # added since
    "asked",
    "audit_head",
    "deployments",
    "expected",
    "in_force",
    "runs_today",
    "successor",
}


UNKNOWN_DECISION = [
    *["register", "x", "--experiment", "ID", "--arm", "rag"],
    *["--decision", "d-x"],
]


@pytest.fixture
def decided(tunewise: Tunewise, measured: Measured) -> str:
    """The decision that the experiment led to; its model version is toy-desk@1."""
    facts = measured.home / "runs" / measured.id / "facts.json"
    words = ("decision", "propose", facts, "--title", "Toy desk", "--json")
    id = tunewise(*words, "--by", "Ada").json["id"]
    chosen = ("--choice", "prompt", "--because", "The pilot runs on it")
    tunewise("decision", "accept", id, *chosen, "--by", "Bea")
    return str(id)


def test_an_accepted_decision_has_a_model_version_and_its_experiment(
    tunewise: Tunewise, measured: Measured, decided: str
) -> None:
    view = tunewise("decision", "show", decided, "--json").json

    assert (view["model"], view["experiments"]) == ("toy-desk@1", [measured.id])
    shown = tunewise("experiment", "show", measured.id, "--json").json
    assert shown["decision"] == decided


def test_why_answers_with_the_whole_lineage(tunewise: Tunewise, decided: str) -> None:
    view = tunewise("why", "toy-desk@1", "--json").json
    text = tunewise("why", "toy-desk@1").out

    assert set(view) == WHY
    assert view["decision"]["id"] == decided
    assert [a["arm"] for a in view["alternatives"]] == ["rag"]
    assert 0 < view["completeness"] < 1
    assert view["missing"]  # of a hosted model neither digest nor licence is known
    assert "Bea (not verified) chose prompt" in text.splitlines()[1]
    assert "It does not run today" in text.splitlines()[2]
    assert "not taken" in text
    assert all(name in text for name in view["missing"])


def test_model_versions_and_base_models_are_listed(
    tunewise: Tunewise, decided: str
) -> None:
    view = tunewise("model", "list", "--json").json
    text = tunewise("model", "list").out

    assert view["base_models"] == []
    assert [m["model"] for m in view["model_versions"]] == ["toy-desk@1"]
    assert decided in text


def test_a_home_without_records_lists_no_model(tunewise: Tunewise, home: Path) -> None:
    said = tunewise("model", "list", "--json")

    assert said.json == {"base_models": [], "model_versions": []}
    assert not home.exists()


def test_a_version_is_registered_aliased_and_retired(
    tunewise: Tunewise, measured: Measured
) -> None:
    made = tunewise(
        "model", "register", "desk", "--experiment", measured.id, "--arm", "rag"
    )
    moved = tunewise(
        "model", "alias", "desk@1", "production", "--because", "passed", "--json"
    )
    shown = tunewise("model", "show", "desk@production")
    retired = tunewise("model", "retire", "desk@1", "--because", "replaced")

    assert made.out.startswith("desk@1 (rag)")
    assert moved.json["aliases"] == ["candidate", "production"]
    assert "[candidate, production]" in shown.out
    assert "Retired: replaced" in retired.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["register", "x", "--experiment", "ID", "--arm", "hybrid"], "prompt, rag"),
        (["register", "x", "--experiment", "e-x", "--arm", "rag"], "No experiment"),
        (UNKNOWN_DECISION, "No decision 'd-x'"),
        (["show", "toy-dask@1"], "Did you mean toy-desk@1"),
        (["alias", "toy-desk@1", "7", "--because", "x"], "cannot be an alias"),
        (["alias", "toy-desk@1", "best", "--because", ""], "nothing is said"),
        (["retire", "toy-desk@1"], "Missing option '--because'"),
        (["export", "toy-desk@1", "FILE"], "not an empty folder"),
        (["export", "toy-desk@1", "NEW", "--merged"], "no trained weights to merge"),
        (["export", "toy-desk@1", "NEW", "--dtype", "bfloat16"], "goes with --merged"),
        (["export", "toy-desk@1", "NEW", "--base", "FOLDER"], "no base model here"),
        (["fetch", "smollm3"], "'smollm3': no such folder, and no known id"),
        (["fetch", "/none/model"], "'/none/model': no such folder"),
        (["fetch", "FOLDER"], "not a base model"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_what_cannot_be_done_is_said_in_one_message(
    tunewise: Tunewise,
    measured: Measured,
    decided: str,
    tmp_path: Path,
    words: list[str],
    message: str,
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    names = {
        "ID": measured.id,
        "FILE": file,
        "FOLDER": tmp_path,
        "NEW": tmp_path / "new",
    }

    said = tunewise("model", *(names.get(word, word) for word in words))

    assert message in mended(said)
    assert tunewise("model", "show", "toy-desk@1", "--json").json["retired"] == ""


def test_a_version_is_exported_with_a_card(
    tunewise: Tunewise, decided: str, tmp_path: Path
) -> None:
    out = tmp_path / "out[1]"

    said = tunewise("model", "export", "toy-desk@1", out)

    names = ("README.md", "setup.json", "tunewise.json")
    assert said.out.splitlines() == [str(out / name) for name in names]
    assert "toy-desk@1" in (out / "README.md").read_text()


def test_a_local_folder_is_a_base_model(tunewise: Tunewise, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text("{}")
    no_tensor = (2).to_bytes(8, "little") + b"{}"
    (tmp_path / "mine" / "model.safetensors").write_bytes(no_tensor)

    view = tunewise("model", "fetch", tmp_path / "mine", "--json").json

    assert (view["id"], view["source"]) == ("mine", "folder")
    assert view["digest"].startswith("sha256:")


def test_a_hosted_version_keeps_what_answered_and_what_was_retrieved(
    tunewise: Tunewise, measured: Measured
) -> None:
    words = ("--experiment", measured.id, "--arm", "rag", "--json")
    view = tunewise("model", "register", "desk", *words).json

    # the endpoint names itself; the defaults of bm25s; the toy's two documents
    assert view["endpoint"]["snapshot"] == "toy-large"
    assert view["retrieval"]["index"].items() >= {"k1": 1.5, "b": 0.75}.items()
    assert view["retrieval"]["index"]["digest"].startswith("sha256:")
    assert view["retrieval"]["documents"]["examples"] == 2
    assert view["prompt"] == {"system": "", "systems": 0, "shots": 0}
    text = tunewise("model", "show", "desk@1").out
    assert "toy-large" in text
    assert "index bm25 sha256:" in text


def deploy(tunewise: Tunewise, model: str, *more: str) -> Said:
    place = ("--product", "Help desk", "--environment", "production")
    name = ("--as", "desk-llm", "--because", "it won")
    return tunewise("model", "deploy", model, *place, *name, *more)


def test_why_is_answered_by_what_runs(tunewise: Tunewise, decided: str) -> None:
    deploy(tunewise, "toy-desk@1", "--from", "2026-01-01")

    view = tunewise("why", "desk-llm", "--json").json
    text = tunewise("why", "Help desk").out

    assert (view["model"]["model"], view["runs_today"]) == ("toy-desk@1", True)
    assert view["asked"]["kind"] == "outside name"
    first, second, third = text.splitlines()[:3]
    assert first.startswith("toy-desk@1 answers from a prompt because")
    assert second.startswith("Bea (not verified) chose prompt on")
    assert third == (
        "It runs today as desk-llm in production (Help desk), from 2026-01-01 on."
    )


def test_a_deployment_is_listed_replaced_and_ended(
    tunewise: Tunewise, measured: Measured, decided: str
) -> None:
    register = ("model", "register", "desk", "--experiment", measured.id)
    tunewise(*register, "--arm", "rag")
    deploy(tunewise, "toy-desk@1", "--from", "2026-01-01")
    replaced = deploy(tunewise, "desk@1", "--from", "2026-02-01")
    ended = tunewise("model", "undeploy", "desk@1", "--because", "too slow", "--json")
    at = tunewise("model", "deployments", "--at", "2026-01-15", "--json").json
    table = tunewise("model", "deployments").out
    why = tunewise("why", "toy-desk@1").out
    nothing = mended(tunewise("why", "desk-llm"))

    assert "Ended: toy-desk@1" in replaced.out
    assert (ended.json["ended_because"], ended.json["runs"]) == ("too slow", False)
    assert [d["model"] for d in at] == ["toy-desk@1"]
    assert "no end known" not in table
    assert "until 2026-02-01: replaced by desk@1" in why
    assert "nothing runs under the outside name 'desk-llm' now" in nothing


def test_a_retired_version_stops_running_and_stays_out(
    tunewise: Tunewise, decided: str
) -> None:
    deploy(tunewise, "toy-desk@1", "--from", "2026-01-01")

    retired = tunewise("model", "retire", "toy-desk@1", "--because", "drifted")

    assert "retired: drifted" in retired.out
    assert "retired and cannot be deployed" in mended(deploy(tunewise, "toy-desk@1"))
    assert "retired on" in tunewise("why", "toy-desk@1").out.splitlines()[2]


def test_an_alias_is_taken_away(tunewise: Tunewise, decided: str) -> None:
    words = ("model", "alias", "toy-desk@1")
    gone = tunewise(*words, "candidate", "--remove", "--because", "paused")
    again = tunewise(*words, "candidate", "--remove", "--because", "paused")

    assert "candidate: toy-desk@1 → none" in gone.out
    assert "does not have the alias 'candidate'" in mended(again)


def test_a_model_made_elsewhere_is_registered_from_a_file(
    tunewise: Tunewise, tmp_path: Path
) -> None:
    path = tmp_path / "model.toml"
    path.write_text('option = "prompt"\nbase_model.id = "gpt[4]"\nprompt = "Say."\n')

    made = tunewise("model", "register", "mail", "--from", path)
    said = tunewise("model", "describe", "mail@1", "--limits", "x", "--because", "y")
    why = tunewise("why", "mail")

    assert made.out.startswith("mail@1 (prompt)")
    assert "gpt[4]" in made.out
    assert "complete; missing" in made.out
    assert "limits" in said.out
    assert why.out.startswith("Why mail@1 answers from a prompt is not on record")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name --experiment and --arm, or a file with --from"),
        (["--experiment", "e"], "name --experiment and --arm"),
        (["--from", "x.toml", "--arm", "rag"], "--from stands alone"),
        (["--from", "none.toml"], "there is no such file"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_registering_needs_one_source(
    tunewise: Tunewise, home: Path, words: list[str], message: str
) -> None:
    assert message in mended(tunewise("model", "register", "mail", *words))
    assert not home.exists()


def test_drift_is_checked_against_what_the_version_was_made_from(
    tunewise: Tunewise, decided: str, tmp_path: Path
) -> None:
    same = write_toy(tmp_path / "same") / "train.jsonl"
    other = tmp_path / "later.jsonl"
    rows = [
        {
            "messages": [
                {"role": "user", "content": f"Où est mon colis numéro {n} ?" * 20},
                {"role": "assistant", "content": "parcel"},
            ]
        }
        for n in range(60)
    ]
    other.write_text("\n".join(json.dumps(row) for row in rows))

    quiet = tunewise("drift", "check", "toy-desk@1", same, "--json")
    loud = tunewise("drift", "check", "toy-desk@1", other, "--json")

    assert (quiet.status, quiet.json["drifted"]) == (0, False)
    assert (loud.status, loud.json["drifted"]) == (3, True)
    assert set(loud.json) >= {"drifted", "findings", "before", "after"}
    assert set(loud.json["findings"][0]) >= {
        "code",
        "value",
        "low",
        "high",
        "threshold",
        "fact",
    }
    assert "drifted" in tunewise("drift", "check", "toy-desk@1", other).out


def test_drift_of_a_file_that_cannot_be_read_is_refused(
    tunewise: Tunewise, decided: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.jsonl").write_text("{broken")

    missing = tunewise("drift", "check", "toy-desk@1", tmp_path / "none.jsonl")
    bad = tunewise("drift", "check", "toy-desk@1", tmp_path / "bad.jsonl")

    assert "there is no such file" in mended(missing)
    assert "no example that can be read" in mended(bad)
