import json
import shutil
from pathlib import Path

from tunewise import resources

from .conftest import Tunewise, mended

SCORE = {
    "n",
    "correct",
    "accuracy",
    "low",
    "high",
    "balanced",
    "always",
    "by_option",
    "misses",
    "unknown_facts",
    "rule_set",
}


def test_the_shipped_rule_set_is_checked(tunewise: Tunewise, home: Path) -> None:
    said = tunewise("rules", "check", "--json")

    assert (said.status, said.json["ok"]) == (0, True)
    text = tunewise("rules", "check").out
    assert "the rule set holds" in text
    assert "10,000 full sheets" in text
    assert not home.exists()


def test_a_rule_set_that_does_not_hold_says_no(
    tunewise: Tunewise, tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(resources.rules_dir(), folder)
    case = folder / "cases" / "policy-questions.toml"
    case.write_text(
        case.read_text().replace('recommended = "rag"', 'recommended = "prompt"')
    )

    said = tunewise("rules", "check", folder, "--json")

    assert said.status == 3
    assert not said.json["ok"]
    assert "the rule set has problems" in tunewise("rules", "check", folder).out


def test_coverage_is_a_table_with_what_is_missing(tunewise: Tunewise) -> None:
    view = tunewise("rules", "coverage", "--json").json

    said = tunewise("rules", "coverage")

    assert said.status == 0
    for missing in view["missing"]:
        line = f"line {missing['line']} never {missing['missing']}"
        assert line in said.out
    total = f"{view['criteria_matched']} of {view['criteria']} criteria matched by"
    assert total in said.out.splitlines()[-1]


def test_coverage_of_another_folder_is_its_own(
    tunewise: Tunewise, tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(resources.rules_dir(), folder)
    for case in (folder / "cases").glob("*.toml"):
        case.unlink()

    view = tunewise("rules", "coverage", folder, "--json").json

    assert (view["cases"], view["criteria_matched"], view["tests_held"]) == (0, 0, 0)


def test_a_rule_file_with_an_unknown_key_is_named_with_its_line(
    tunewise: Tunewise, tmp_path: Path
) -> None:
    shutil.copytree(resources.rules_dir(), tmp_path / "rules")
    criterion = tmp_path / "rules" / "criteria" / "must-cite-sources.toml"
    text = criterion.read_text()
    criterion.write_text(text.replace("weight = 3", "wieght = 3", 1))
    line = text[: text.index("weight = 3")].count("\n") + 1

    message = mended(tunewise("rules", "check", tmp_path / "rules"))

    assert f"criteria/must-cite-sources.toml:{line}: unknown key 'wieght'" in message


def test_criteria_are_listed_and_shown(tunewise: Tunewise) -> None:
    rows = tunewise("rules", "list", "--json").json
    table = tunewise("rules", "list").out
    shown = tunewise("rules", "show", "must-cite-sources")

    assert all(row["id"] in table for row in rows)
    assert shown.out.startswith("must-cite-sources: ")
    assert "finetune veto" in shown.out
    whole = tunewise("rules", "show", "must-cite-sources", "--json").json
    assert any(row.items() <= whole.items() for row in rows)


def test_an_unknown_criterion_is_met_with_the_nearest(tunewise: Tunewise) -> None:
    message = mended(tunewise("rules", "show", "must-cite-source"))

    assert "Did you mean 'must-cite-sources'?" in message


def test_published_cases_are_scored(tunewise: Tunewise, tmp_path: Path) -> None:
    case = {"facts": {"must_cite_sources": True, "moon": "full"}}
    rows = [
        {"id": "a", **case, "acceptable": ["rag"], "outcome": "rag"},
        {"id": "b", **case, "acceptable": ["finetune"], "outcome": "finetune"},
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))

    view = tunewise("rules", "score", path, "--json").json
    hidden = tunewise("rules", "score", path, "--without", "must_cite_sources")

    assert set(view) == SCORE
    assert (view["n"], view["correct"]) == (2, 1)
    assert [set(m) for m in view["misses"]] == [{"id", "acceptable", "got"}]
    assert view["unknown_facts"] == ["moon"]
    assert hidden.out.startswith("0 of 2 right")


def test_a_file_of_cases_that_cannot_be_read_is_named(
    tunewise: Tunewise, tmp_path: Path
) -> None:
    (tmp_path / "cases.jsonl").write_text('{"id": "a"}')

    missing = tunewise("rules", "score", tmp_path / "none.jsonl")
    bad = tunewise("rules", "score", tmp_path / "cases.jsonl")

    assert "cannot be read" in mended(missing)
    assert "cases.jsonl:1: not a published case" in mended(bad)
