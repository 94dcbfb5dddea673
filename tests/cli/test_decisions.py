import csv
import io
import json
from pathlib import Path

import pytest

from .conftest import Measured, Tunewise, mended

# DESIGN section 5
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

    assert (accepted["status"], accepted["accepted_by"]) == ("accepted", "Bea")
    assert accepted["conditions"] == ["quotes its passage", "reviewed by HR"]
    for line in (
        "Condition: quotes its passage",
        "Signed by Cy as owner",
        "by Bea (not verified)",
        "Review on: 2100-01-31",
    ):
        assert line in signed.out
    assert new["supersedes"] == proposed
    old = tunewise("decision", "show", proposed, "--json").json
    assert (old["status"], old["superseded_by"]) == ("superseded", new["id"])


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
        (["accept", "ID", "--review-on", "soon"], "review-on: 'soon' is not a date"),
        (["reject", "ID", "--because", " "], "because: nothing is said"),
        (["sign", "ID", "--role", ""], "role: nothing is said"),
        (["show", "d-none"], "No decision 'd-none' is recorded"),
        (["report", "d-none", "-o", "x.html"], "No decision 'd-none' is recorded"),
        (["report", "ID", "-o", "none/x.html"], "none/x.html: cannot be written"),
        (["report", "ID", "-o", "x", "--format", "pdf"], "'pdf' is not one of"),
        (["supersede", "ID", "none.toml"], "none.toml: there is no such file"),
        (["supersede", "d-none", "FACTS"], "No decision 'd-none' is recorded"),
        (["propose", "FACTS", "--title", " "], "title: nothing is said"),
        (["propose", "FACTS", "--title", "x", "--review-on", "1.2.27"], "not a date"),
        (["list", "--csv", "--json"], "--csv or --json, not both"),
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
    tunewise: Tunewise, proposed: str
) -> None:
    assert tunewise("decision", "check").status == 0
    tunewise("decision", "accept", proposed, "--review-on", "2020-01-31")

    said = tunewise("decision", "check", "--json")

    assert said.status == 3
    assert set(said.json) == {"ok", "decisions", "problems"}
    assert said.json["problems"][0]["decision"] == proposed
    assert "review was due on 2020-01-31" in tunewise("decision", "check").out


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
