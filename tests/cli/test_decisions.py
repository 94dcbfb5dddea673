import csv
import io
import json
from pathlib import Path

import pytest

from tracker import blobs
from tracker import decisions as records
from tracker.store import open_store

from .conftest import Measured, Tunewise, mended

# DESIGN section 5
REPLAY = {"rule_set", "as_recorded", "decisions", "changed", "n"}
REPLAYED = {
    "decision",
    "title",
    "status",
    "identical",
    "changed",
    "before",
    "after",
    "because",
    "differences",
    "ignored_facts",
    "error",
}
DUE = "2026-01-31"  # before today
DECISION = {
    "id",
    "status",
    "title",
    "facts",
    "verdict",
    "choice",
    "justification",
    "conditions",
    "signatures",
    "evidence",
    "experiments",
    "model",
    "supersedes",
    "superseded_by",
    "review_on",
    "by",
    "at",
    "accepted_by",
    "rule_set",
    "prices",
    "engine",
    "audit_head",
}


@pytest.fixture
def proposed(tunewise: Tunewise, facts: Path) -> str:
    """The id of a proposed decision."""
    words = ("decision", "propose", facts, "--title", "HR answers")
    return str(tunewise(*words, "--json").json["id"])


def test_a_proposal_is_one_json_document(
    tunewise: Tunewise, proposed: str, facts: Path, today: str
) -> None:
    view = tunewise("decision", "show", proposed, "--json").json

    assert set(view) >= DECISION
    advised = tunewise("advise", facts, "--json").json
    assert view["verdict"]["recommended"] == advised["recommended"]
    assert view["at"].startswith(today)


def test_a_decision_is_accepted_signed_and_superseded(
    tunewise: Tunewise, proposed: str, facts: Path
) -> None:
    accepted = tunewise(
        "decision",
        "accept",
        proposed,
        "--condition",
        "quotes its passage",
        "--condition",
        "reviewed by HR",
        "--review-on",
        "2100-01-31",
        "--by",
        "Bea",
        "--json",
    ).json
    signed = tunewise("decision", "sign", proposed, "--role", "owner", "--by", "Cy")
    new = tunewise("decision", "supersede", proposed, facts, "--json").json
    waiting = tunewise("decision", "show", proposed).out
    listed = tunewise("decision", "list").out
    tunewise("decision", "accept", new["id"])

    assert (accepted["status"], accepted["accepted_by"]) == ("accepted", "Bea")
    texts = [condition["text"] for condition in accepted["conditions"]]
    assert texts == ["quotes its passage", "reviewed by HR"]
    for line in (
        "1. quotes its passage: open, no owner, no due date",
        "Cy (not verified) agrees as owner",
        "by Bea (not verified)",
        "Review on: 2100-01-31",
    ):
        assert line in signed.out
    assert new["supersedes"] == proposed
    assert f"In force; to be superseded by {new['id']}, which is proposed" in waiting
    assert f"{proposed} is to be superseded by {new['id']}" in listed
    old = tunewise("decision", "show", proposed, "--json").json
    assert (old["status"], old["superseded_by"]) == ("superseded", new["id"])


def test_people_agree_and_dissent_on_what_they_saw(
    tunewise: Tunewise, proposed: str
) -> None:
    state = tunewise("decision", "show", proposed, "--json").json["state_digest"]
    sign = ("decision", "sign", proposed, "--role")

    assert "a dissent says why" in mended(tunewise(*sign, "security", "--dissent"))
    tunewise(*sign, "owner", "--seen", state, "--by", "Cy")
    tunewise(*sign, "security", "--dissent", "--comment", "no red team", "--by", "Di")
    shown = tunewise("decision", "accept", proposed).out

    assert shown.count(f"saw {state}") == 2
    assert "Di (not verified) dissents as security" in shown
    assert "no red team" in shown
    assert shown.count("signed an earlier state; since then accepted") == 2
    assert "is not what is on record now" in mended(
        tunewise(*sign, "x", "--seen", state)
    )


def test_a_decision_is_described_by_options_and_by_a_file(
    tunewise: Tunewise, proposed: str, tmp_path: Path
) -> None:
    file = tmp_path / "description.toml"
    file.write_text(
        'purpose = "From the file"\nowner = "Nobody"\ninformed = ["Legal"]\n'
    )
    describe = ("decision", "describe", proposed)

    before = tunewise("decision", "show", proposed).out
    said = tunewise(*describe, "--from", file, "--owner", "Ada [b]", "--by", "Bea").out
    tunewise(*describe, "--informed", "HR", "--informed", "Bo", "--cost-of-error", "1")
    view = tunewise(*describe, "--informed", "", "--json").json

    assert f"Nobody has described it: tunewise decision describe {proposed}" in before
    for line in ("- Owner: Ada [b]", "- Purpose: From the file", "- Informed: Legal"):
        assert line in said
    assert "Nobody has described it" not in said
    assert view["description"]["cost_of_error"] == "1"
    assert "informed" not in view["description"]
    assert view["described"][0]["by"] == "Bea"
    assert "nothing is said of it" in mended(tunewise(*describe))


def test_a_risk_is_shown_until_it_is_controlled(
    tunewise: Tunewise, proposed: str
) -> None:
    risk = ("decision", "risk", proposed, "stale-index")

    before = tunewise("decision", "show", proposed).out
    after = tunewise(*risk, "--control", "Weekly", "--owner", "Lena").out

    assert "Risks of the option (4 of 4 open)" in before
    assert "stale-index: The documents are out of date or contradict" in before
    assert f"tunewise decision risk {proposed} RISK" in before
    assert "Risks of the option (3 of 4 open)" in after
    assert "contradict each other. Weekly, Lena" in after
    assert "nothing is said" in mended(tunewise(*risk))
    assert "Its risks: " in mended(tunewise(*risk[:3], "x", "--owner", "y"))


def test_a_condition_has_an_owner_a_date_and_an_end(
    tunewise: Tunewise, proposed: str, tmp_path: Path
) -> None:
    tunewise("decision", "accept", proposed, "--condition", "ask legal")
    opinion = tmp_path / "opinion.txt"
    opinion.write_text("We agree.")

    unowned = tunewise("decision", "check")
    tunewise("decision", "condition", proposed, 1, "--owner", "Lena", "--due", DUE)
    overdue = tunewise("decision", "check")
    shown = tunewise("decision", "show", proposed).out
    closing = ("decision", "close-condition", proposed, 1, "--because", "They agree.")
    closed = tunewise(*closing, "--evidence", f"document:{opinion}").out

    assert (unowned.status, overdue.status) == (3, 3)
    assert "condition 1 (ask legal) has no owner and no due date" in unowned.out
    assert f"condition 1 (ask legal) was due on {DUE}, Lena sees to it" in overdue.out
    assert f"1. ask legal: open, owner Lena, due {DUE}" in shown
    assert "1. ask legal: closed by" in closed
    assert "kept here as sha256:" in closed
    assert tunewise("decision", "check").status == 0


def test_a_decision_recorded_later_is_marked_everywhere(
    tunewise: Tunewise, facts: Path, today: str, tmp_path: Path
) -> None:
    id = tunewise(
        *("decision", "propose", facts, "--title", "HR answers", "--retrospective"),
        *("--decided-at", "2025-03-01", "--source", "minutes", "--json"),
    ).json["id"]
    mark = f"recorded {today}, decided 2025-03-01, source minutes"

    accepted = tunewise("decision", "accept", id).out
    listed = tunewise("decision", "list").out
    then = tunewise("history", "--at", "2025-06-01")
    tunewise("decision", "report", id, "-o", tmp_path / "r.html")

    for text in (accepted, listed, then.out, (tmp_path / "r.html").read_text()):
        assert mark in text
    assert "What was on record on 2025-06-01\n  none" in then.out
    assert "(recorded later: decided 2025-03-01)" in tunewise("history").out
    view = tunewise("history", "--at", "2025-06-01", "--json").json
    assert [d["id"] for d in view["state"]["decisions"]] == [id]
    assert view["on_record"]["decisions"] == []


def test_a_proposal_takes_the_facts_of_a_dataset_version(
    tunewise: Tunewise, facts: Path, tmp_path: Path
) -> None:
    rows = [
        {
            "messages": [
                {"role": r, "content": f"{r} {n}"} for r in ("user", "assistant")
            ]
        }
        for n in range(20)
    ]
    examples = tmp_path / "examples.jsonl"
    examples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    tunewise("dataset", "register", "desk", "--train", examples)
    words = ("decision", "propose", facts, "--title", "HR answers")

    view = tunewise(*words, "--dataset", "desk@1", "--json").json
    version = tunewise("dataset", "show", "desk@1", "--json").json

    training = view["facts"]["training_examples"]
    assert training["value"] == version["splits"]["train"]["examples"]
    assert training["evidence"] == {"kind": "dataset", "reference": "desk@1"}
    assert view["facts"]["data_quality"]["value"] == version["quality"]["grade"]
    assert {c["standing"] for c in view["claims"]} == {"agrees"}
    assert "desk@2" in mended(tunewise(*words, "--dataset", "desk@2"))


def test_a_score_that_the_run_contradicts_needs_a_reason(
    tunewise: Tunewise, measured: Measured, tmp_path: Path
) -> None:
    run = measured.said.json["arms"]["rag"]["run"]
    facts = tmp_path / "typed.toml"
    facts.write_text(f'rag_score = {{ value = 0.123, evidence = "run:{run}" }}\n')
    words = ("decision", "propose", facts, "--title", "Desk")

    refused = mended(tunewise(*words))
    kept = tunewise(*words, "--accept-because", "another scorer").out

    assert f"rag_score: the facts say 0.123, run:{run} holds " in refused
    assert f"Contradicted: rag score 0.123, but run:{run} holds" in kept
    assert "Kept all the same, because: another scorer" in kept


def test_a_first_proposal_that_fails_leaves_no_database(
    tunewise: Tunewise, tmp_path: Path, home: Path
) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text('prompt_score = { value = 0.9, evidence = "run:r-none" }')

    message = mended(tunewise("decision", "propose", facts, "--title", "HR"))

    assert message.startswith("prompt_score: the run 'r-none' is not recorded here")
    assert not home.exists()


def test_a_choice_of_its_own_needs_a_reason(tunewise: Tunewise, proposed: str) -> None:
    words = ("decision", "accept", proposed, "--choice", "prompt")

    assert "Say why: --because" in mended(tunewise(*words))
    done = tunewise(*words, "--because", "the pilot ends in May").out
    assert "Because: the pilot ends in May" in done


@pytest.mark.parametrize("step", ["reject", "withdraw"])
def test_a_decision_is_closed_with_a_reason(
    tunewise: Tunewise, proposed: str, step: str
) -> None:
    assert "--because" in mended(tunewise("decision", step, proposed))

    said = tunewise("decision", step, proposed, "--because", "no budget")

    assert "Closed because: no budget" in said.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["accept", "ID", "--choice", "tuning"], "'tuning' is not an option"),
        (["accept", "ID", "--review-on", "2020-01-31"], "2020-01-31 is in the past"),
        (
            ["accept", "ID", "--condition", "x", "--condition", "X"],
            "'X' is named twice",
        ),
        (["accept", "ID", "--review-on", "soon"], "review-on: 'soon' is not a date"),
        (["reject", "ID", "--because", " "], "because: nothing is said"),
        (["sign", "ID", "--role", ""], "role: nothing is said"),
        (["condition", "ID", "1", "--owner", "Lena"], "is proposed and cannot have"),
        (["condition", "ID", "1"], "condition 1: nothing is said"),
        (["condition", "ID", "one"], "'one' is not a valid integer"),
        (
            ["close-condition", "ID", "1", "--evidence", "x", "--because", "y"],
            "evidence: 'x' does not say what it is",
        ),
        (
            ["propose", "FACTS", "--title", "x", "--decided-at", "2025-03-01"],
            "needs all three",
        ),
        (["accept", "ID", "--decided-at", "2025-03-01"], "was not recorded as decided"),
        (["show", "d-none"], "No decision 'd-none' is recorded"),
        (["report", "d-none", "-o", "x.html"], "No decision 'd-none' is recorded"),
        (["report", "ID", "-o", "none/x.html"], "none/x.html: cannot be written"),
        (["report", "ID", "-o", "x", "--format", "pdf"], "'pdf' is not one of"),
        (["supersede", "ID", "none.toml"], "none.toml: there is no such file"),
        (["supersede", "d-none", "FACTS"], "No decision 'd-none' is recorded"),
        (["propose", "FACTS", "--title", " "], "title: nothing is said"),
        (["propose", "FACTS", "--title", "x", "--review-on", "1.2.27"], "not a date"),
        (["list", "--csv", "--json"], "--csv or --json, not both"),
        (["replay", "ID", "d-none"], "No decision 'd-none' is recorded"),
        (["replay", "--rules", "none"], "none: there is no folder of rules here"),
        (["replay", "--rules", ".", "--as-recorded"], "--rules or --as-recorded"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_what_cannot_be_done_is_said_in_one_message(
    tunewise: Tunewise,
    proposed: str,
    facts: Path,
    words: list[str],
    message: str,
) -> None:
    given = [{"ID": proposed, "FACTS": facts}.get(word, word) for word in words]

    assert message in mended(tunewise("decision", *given))

    (row,) = tunewise("decision", "list", "--json").json
    assert row["status"] == "proposed"


def test_an_accepted_decision_is_not_accepted_again(
    tunewise: Tunewise, proposed: str
) -> None:
    tunewise("decision", "accept", proposed)

    message = mended(tunewise("decision", "accept", proposed))

    assert f"{proposed} is accepted and cannot be accepted" in message
    assert "supersede" in message


def test_a_list_is_a_table_json_or_csv(tunewise: Tunewise, proposed: str) -> None:
    rows = tunewise("decision", "list", "--json").json
    table = tunewise("decision", "list").out
    sheet = tunewise("decision", "list", "--csv").out

    assert [row["id"] for row in rows] == [proposed]
    assert proposed in table
    (read,) = csv.DictReader(io.StringIO(sheet))
    assert (read["id"], read["status"]) == (proposed, "proposed")


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_a_report_is_written_and_belongs_to_its_home(
    tunewise: Tunewise, proposed: str, tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"report.{form}"

    said = tunewise(
        "decision", "report", proposed, "-o", path, "--format", form, "--json"
    )

    assert said.json == {"file": str(path)}
    assert "HR answers" in path.read_text()
    assert tunewise("verify", path).status == 0


def test_the_check_says_no_when_a_review_is_due(
    tunewise: Tunewise, proposed: str, today: str
) -> None:
    assert tunewise("decision", "check").status == 0
    tunewise("decision", "accept", proposed, "--review-on", today)

    said = tunewise("decision", "check", "--json")

    assert said.status == 3
    assert set(said.json) == {"ok", "decisions", "problems"}
    assert said.json["problems"][0]["decision"] == proposed
    assert f"review was due on {today}" in tunewise("decision", "check").out


def test_evidence_of_a_run_of_another_home_is_refused(
    tunewise: Tunewise, measured: Measured, tmp_path: Path
) -> None:
    facts = tmp_path / "facts.json"
    after = json.loads((measured.home / f"runs/{measured.id}/facts.json").read_text())
    facts.write_text(json.dumps(after))

    said = tunewise(
        "--home", tmp_path / "other", "decision", "propose", facts, "--title", "x"
    )

    assert "is not recorded here" in mended(said)


def test_a_measured_decision_recorded_later_is_marked_in_its_lineage_too(
    tunewise: Tunewise, measured: Measured, tmp_path: Path
) -> None:
    facts = measured.home / f"runs/{measured.id}/facts.json"
    view = tunewise(
        *("decision", "propose", facts, "--title", "Desk", "--retrospective"),
        *("--decided-at", "2025-03-01", "--source", "minutes", "--json"),
    ).json
    accepting = ("decision", "accept", view["id"], "--choice", "rag", "--because", "x")
    accepted = tunewise(*accepting, "--json").json

    said = tunewise("why", accepted["model"])
    shown = tunewise("decision", "show", view["id"]).out

    cited = {run["run"]: run["cited"] for run in view["runs_on_heldout"]}
    arms = measured.said.json["arms"]
    assert all(cited[arms[arm]["run"]] for arm in ("prompt", "rag"))
    assert len(cited) > len(arms)  # the diagnostics looked at the split too
    assert sum(cited.values()) == 3  # and the best lookup is evidence, too
    assert {link["found"] for link in view["evidence_links"]} == {"recorded here"}
    assert f"Every run on its held-out split ({len(cited)}, 3 of them cited)" in shown
    assert "decided 2025-03-01, source minutes" in said.out


HOUSE = """title = "Prompt first"
since = 2026-11-22
source = "A test"
[when]
must_cite_sources = true
[[then]]
option = "prompt"
weight = 3
because = "A test."
[[then]]
option = "rag"
weight = -3
because = "A test."
[[then]]
option = "hybrid"
weight = -3
because = "A test."
"""


def test_a_replay_names_the_criterion_that_would_flip_a_decision(
    tunewise: Tunewise, proposed: str, home: Path
) -> None:
    assert "0 of 1 decisions would change" in tunewise("decision", "replay").out
    house = home / "house" / "criteria"
    house.mkdir(parents=True)
    (house / "prompt-first.toml").write_text(HOUSE)

    said = tunewise("decision", "replay")
    view = tunewise("decision", "replay", proposed, "--json")

    assert said.status == view.status == 0
    assert f"1 of 1 decisions would change: {proposed} (rag → prompt)" in said.out
    assert "prompt    – → +3      Prompt first (prompt-first, new)" in said.out
    assert set(view.json) == REPLAY
    (entry,) = view.json["decisions"]
    assert set(entry) >= REPLAYED
    assert [c["criterion"] for c in entry["because"]] == ["prompt-first"] * 2


def test_a_replay_as_recorded_says_no_where_a_verdict_is_not_identical(
    tunewise: Tunewise, proposed: str, home: Path
) -> None:
    same = tunewise("decision", "replay", "--as-recorded")
    assert same.status == 0
    assert "identical to the record" in same.out
    assert "1 of 1 verdicts are identical to the record" in same.out
    with open_store(home / "tunewise.db") as store:
        row = records.get(store, proposed)
        other = {**row.body["verdict"], "lead": "clear", "margin": 9.0}
        records.propose(
            store,
            "d-other",
            title=row.title,
            recommended=row.recommended,
            body={**row.body, "verdict": other},
            actor=row.by,
            at=row.at,
        )

    said = tunewise("decision", "replay", "--as-recorded")

    assert said.status == 3
    assert "not identical: margin, lead" in said.out
    assert "1 of 2 verdicts are identical to the record; not identical: d-other" in (
        said.out
    )
    assert tunewise("decision", "replay", proposed, "--as-recorded").status == 0


def test_a_replay_of_damaged_rule_files_is_one_message(
    tunewise: Tunewise, proposed: str, home: Path
) -> None:
    files = tunewise("decision", "show", proposed, "--json").json["rule_files"]
    blobs.path(home / "blobs", files["facts.toml"]).unlink()

    message = mended(tunewise("decision", "replay", "--as-recorded"))

    assert f"decision {proposed}, facts.toml" in message


def test_a_replay_says_which_decisions_cannot_be_asked_again(
    tunewise: Tunewise, proposed: str, tmp_path: Path
) -> None:
    (tmp_path / "draft").mkdir()
    (tmp_path / "draft" / "facts.toml").write_text(
        '[must_cite_sources]\ntype = "date"\nquestion = "When?"\nwhy = "A test."\n'
    )

    said = tunewise("decision", "replay", "--rules", tmp_path / "draft")

    assert said.status == 0
    assert "Cannot be asked again: must_cite_sources = true is not a date" in said.out
    assert f"0 of 1 decisions would change; cannot be asked again: {proposed}" in (
        said.out
    )


def test_there_is_nothing_to_replay_before_something_is_recorded(
    tunewise: Tunewise, home: Path
) -> None:
    assert "nothing is recorded here" in mended(tunewise("decision", "replay"))
    home.mkdir()
    open_store(home / "tunewise.db", create=True).close()

    said = tunewise("decision", "replay", "--as-recorded")

    assert (said.status, said.out) == (0, "No decision is recorded here.\n")


def test_what_was_realised_stands_beside_what_was_promised(
    tunewise: Tunewise, tmp_path: Path
) -> None:
    path = tmp_path / "promise.toml"
    path.write_text("target_score = 0.8\nrequest_volume_per_day = 500\n")
    propose = ("decision", "propose", path, "--title", "Desk", "--json")
    id = tunewise(*propose).json["id"]
    tunewise("decision", "accept", id, "--choice", "prompt", "--because", "It is cheap")
    review = ("decision", "review", id, "--score", "0.71", "--because", "March's logs")

    said = tunewise(*review, "--volume", "500", "--by", "Bea").out

    assert "Promised: score at least 0.80, by target_score" in said
    assert "Bea (not verified): score 0.71, promised at least 0.80: worse; " in said
    assert "volume 500 requests a day, promised 500 requests a day: as promised" in said
    assert "March's logs" in said
    assert "must be between 0 and 1" in mended(
        tunewise("decision", "review", id, "--score", "81", "--because", "x")
    )


def test_what_rests_on_a_criterion_says_what_would_alter(
    tunewise: Tunewise, proposed: str
) -> None:
    findings = tunewise("decision", "show", proposed, "--json").json["verdict"]
    criterion = findings["findings"][0]["criterion"]

    asked = ("decision", "rests-on", "criterion", criterion)
    view = tunewise(*asked, "--json").json
    said = tunewise(*asked).out

    assert (view["total"], view["decisions"][0]["id"]) == (1, proposed)
    assert "a finding of it matched" in said
    altered = int(view["decisions"][0]["alters"])
    assert f"by the rules of today {altered} would alter without it." in said


def test_nothing_rests_on_what_no_decision_names(
    tunewise: Tunewise, proposed: str
) -> None:
    said = tunewise("decision", "rests-on", "run", "r-unknown").out
    assert said.startswith("No decision that is proposed or in force rests on run")

    wrong = mended(tunewise("decision", "rests-on", "people", "Ada"))
    assert "criterion" in wrong
