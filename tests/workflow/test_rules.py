import json
import shutil
from pathlib import Path

import pytest

from tunewise import resources
from tunewise.domain.errors import (
    EnvironmentProblem,
    FactError,
    NotRecorded,
    RuleFileError,
)
from tunewise.workflow.advice import give_advice
from tunewise.workflow.home import Home
from tunewise.workflow.rules import records as rules


def test_the_shipped_rule_set_holds(home: Home) -> None:
    view = rules.check(home)

    assert view["ok"]
    assert view["criteria"] == len(rules.list_all(home))
    assert view["facts"] == len(home.rules().facts)
    covered = view["covered"]
    assert covered["criteria"] == view["criteria"]
    assert covered["full_sheets"]["sheets"] == 10_000
    assert covered["undecided"] == []
    for outcomes in (covered["sheets_of_two"], covered["full_sheets"]):
        ended = outcomes["nothing"] + sum(outcomes["wins"].values())
        assert ended == outcomes["sheets"]


def test_coverage_names_each_test_that_no_worked_case_exercises(
    home: Home, tmp_path: Path
) -> None:
    shutil.copytree(resources.rules_dir(), tmp_path / "rules")
    for case in (tmp_path / "rules" / "cases").glob("*.toml"):
        if "must-cite-sources" in case.read_text():
            case.unlink()

    view = rules.coverage(home, tmp_path / "rules")

    lacking = [m for m in view["missing"] if m["criterion"] == "must-cite-sources"]
    text = (tmp_path / "rules" / "criteria" / "must-cite-sources.toml").read_text()
    assert lacking[0] == {
        "criterion": "must-cite-sources",
        "line": text.split("\n").index("must_cite_sources = true") + 1,
        "test": "must_cite_sources is true",
        "missing": "holds",
    }
    assert "must-cite-sources" in view["criteria_not_matched"]
    assert (
        view["criteria"] - len(view["criteria_not_matched"])
        == (view["criteria_matched"])
    )
    for side, key in (("holds", "tests_held"), ("fails", "tests_failed")):
        missing = sum(m["missing"] == side for m in view["missing"])
        assert view[key] == view["tests"] - missing


def test_a_rule_set_whose_case_fails_does_not_hold(home: Home, tmp_path: Path) -> None:
    shutil.copytree(resources.rules_dir(), tmp_path / "rules")
    case = next((tmp_path / "rules" / "cases").glob("*.toml"))
    text = case.read_text()
    wrong = "defer" if 'recommended = "defer"' not in text else "rag"
    lines = [
        f'recommended = "{wrong}"' if line.startswith("recommended") else line
        for line in text.splitlines()
    ]
    case.write_text("\n".join(lines))

    view = rules.check(home, tmp_path / "rules")

    assert not view["ok"]
    assert case.stem in str([p for p in view["problems"] if p["code"] == "case"])


def test_a_criterion_is_shown_with_its_source_and_cases(home: Home) -> None:
    view = rules.show(home, "must-cite-sources")

    assert (view["id"], view["origin"]) == ("must-cite-sources", "shipped")
    assert view["source"]
    assert view["cases"]
    assert {c["option"] for c in view["consequences"] if c["veto"]} == {"finetune"}


def test_an_unknown_criterion_is_met_with_the_nearest(home: Home) -> None:
    with pytest.raises(NotRecorded, match="Did you mean 'must-cite-sources'"):
        rules.show(home, "must-cite-source")


def test_criteria_of_the_house_say_so(home: Home) -> None:
    house = home.path / "house" / "criteria"
    house.mkdir(parents=True)
    shutil.copy(resources.rules_dir() / "criteria/must-cite-sources.toml", house)

    origins = {c["id"]: c["origin"] for c in rules.list_all(home)}

    assert origins.pop("must-cite-sources") == "house"
    assert set(origins.values()) == {"shipped"}


def write_house(home: Home, name: str, text: str) -> Path:
    path = home.path / "house" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


NO_RAG = """
title = "No search here"
since = 2026-11-26
source = "A test"
[when]
must_cite_sources = true
[[then]]
option = "rag"
veto = true
because = "We have no search."
"""


def own_case(home: Home, recommended: str = "") -> str:
    """Return a case of what today's rules say where sources must be cited."""
    view = give_advice(home, {"must_cite_sources": True})
    matched = sorted({f["criterion"] for f in view["findings"]})
    return (
        'title = "Sources without a search"\n'
        "[facts]\nmust_cite_sources = true\n"
        f"[expect]\nmatched = {json.dumps(matched)}\n"
        f'recommended = "{recommended or view["recommended"]}"\n'
    )


def test_a_house_criterion_that_changes_shipped_cases_is_warned_of(home: Home) -> None:
    write_house(home, "criteria/no-rag.toml", NO_RAG)
    write_house(home, "cases/no-rag.toml", own_case(home))

    view = rules.check(home)

    assert view["ok"]
    changed = [p for p in view["problems"] if p["code"] == "case"]
    assert {p["severity"] for p in changed} == {"warn"}
    assert any(p["where"].startswith("cases/policy-questions") for p in changed)
    assert not any(p["where"].startswith("cases/no-rag") for p in changed)

    write_house(home, "cases/no-rag.toml", own_case(home, "rag"))
    wrong = rules.check(home)

    assert not wrong["ok"]
    [blocking] = [p for p in wrong["problems"] if p["severity"] == "block"]
    assert blocking["where"].startswith("cases/no-rag.toml:")
    assert blocking["message"].endswith(", not rag")


def test_a_house_criterion_without_a_case_blocks(home: Home) -> None:
    write_house(home, "criteria/no-rag.toml", NO_RAG)

    view = rules.check(home)

    assert not view["ok"]
    [blocking] = [p for p in view["problems"] if p["severity"] == "block"]
    assert (blocking["code"], blocking["where"]) == (
        "uncovered",
        "criteria/no-rag.toml:6",
    )


def test_a_criterion_that_is_switched_off_is_no_criterion_and_its_cases_warn(
    home: Home,
) -> None:
    write_house(
        home,
        "switched-off.toml",
        '[must-cite-sources]\nby = "Ada"\nbecause = "We quote by hand."\n',
    )

    view = rules.check(home)

    off = {c["id"]: c["switched_off"] for c in rules.list_all(home)}
    assert off.pop("must-cite-sources") == {"by": "Ada", "because": "We quote by hand."}
    assert set(off.values()) == {None}
    assert view["criteria"] == len(off)
    assert rules.show(home, "must-cite-sources")["switched_off"]["by"] == "Ada"
    assert view["ok"]
    cases = [p for p in view["problems"] if p["code"] == "case"]
    assert cases
    assert all(p["severity"] == "warn" for p in cases)
    assert all("must-cite-sources" in p["message"] for p in cases)


def published(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text("\n\n".join(json.dumps(row) for row in rows))
    return path


CITED = {"id": "a", "facts": {"must_cite_sources": True}, "acceptable": ["rag"]}
MISSED = {
    "id": "b",
    "facts": {"must_cite_sources": True, "phase_of_the_moon": "full"},
    "acceptable": ["finetune", "prompt"],
    "outcome": "prompt",
}


def test_published_cases_are_counted_by_what_came_out(
    home: Home, tmp_path: Path
) -> None:
    view = rules.score(home, published(tmp_path, CITED, MISSED))

    assert (view["n"], view["correct"], view["accuracy"]) == (2, 1, 0.5)
    # Wilson, 95 %: z = 1.96, centre (1 + z²/2) / (2 + z²) = 0.5, half width
    # z / (2 + z²) * sqrt(0.5 + z²/4) = 0.4055
    assert (view["low"], view["high"]) == pytest.approx((0.0945, 0.9055), abs=1e-3)
    # Of one: 0 or 1 to the side that was seen, z² / (1 + z²) = 0.7935 to the other.
    assert view["by_option"] == {
        "prompt": pytest.approx(
            {"n": 1, "correct": 0, "low": 0, "high": 0.7935}, abs=1e-4
        ),
        "rag": pytest.approx(
            {"n": 1, "correct": 1, "low": 0.2065, "high": 1}, abs=1e-4
        ),
    }
    # Half of the options' cases each; finetune and prompt are accepted once, rag once.
    assert view["balanced"] == 0.5
    assert view["always"] == {
        "prompt": 0.5,
        "rag": 0.5,
        "finetune": 0.5,
        "hybrid": 0,
        "defer": 0,
    }
    assert view["misses"] == [
        {"id": "b", "acceptable": ["finetune", "prompt"], "got": "rag"}
    ]
    assert view["unknown_facts"] == ["phase_of_the_moon"]


def test_a_published_case_that_contradicts_itself_is_scored_all_the_same(
    home: Home, tmp_path: Path
) -> None:
    facts = {**CITED["facts"], "prompt_tried": False, "prompt_score": 0.5}

    view = rules.score(home, published(tmp_path, {**CITED, "facts": facts}))

    assert view["n"] == 1
    assert view["unknown_facts"] == []


def test_a_hidden_fact_does_not_count(home: Home, tmp_path: Path) -> None:
    view = rules.score(home, published(tmp_path, CITED), without=["must_cite_sources"])

    assert [m["got"] for m in view["misses"]] != ["rag"]
    assert view["correct"] == 0


@pytest.mark.parametrize(
    "row",
    [
        [],
        {"facts": {}, "acceptable": ["rag"]},
        {"id": "a", "facts": [], "acceptable": ["rag"]},
        {"id": "a", "facts": {}, "acceptable": []},
        {"id": "a", "facts": {}, "acceptable": "rag"},
    ],
    ids=["a list", "no id", "facts no table", "nothing acceptable", "a text"],
)
def test_a_line_that_is_no_case_is_named(
    home: Home, tmp_path: Path, row: object
) -> None:
    with pytest.raises(RuleFileError, match=r"cases\.jsonl:3: not a published case"):
        rules.score(home, published(tmp_path, CITED, row))


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"{broken"])
def test_a_file_that_holds_no_case_is_named(
    home: Home, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "cases.jsonl"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RuleFileError, match=r"cases\.jsonl"):
        rules.score(home, path)


def test_a_case_with_an_impossible_fact_is_named(home: Home, tmp_path: Path) -> None:
    bad = {**CITED, "id": "c-7", "facts": {"must_cite_sources": "perhaps"}}

    with pytest.raises(FactError, match=r"cases\.jsonl: c-7: must_cite_sources"):
        rules.score(home, published(tmp_path, bad))


def test_a_folder_that_is_missing_is_named(home: Home, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="no folder of rules"):
        rules.check(home, tmp_path / "none")
