import datetime as dt
from dataclasses import replace as with_other
from pathlib import Path
from typing import Any

import pytest

from tracker import blobs
from tracker import decisions as records
from tunewise.domain.errors import EnvironmentProblem, NotRecorded
from tunewise.engine.loader import digest
from tunewise.workflow import decisions, history
from tunewise.workflow.home import Home
from tunewise.workflow.rules.replay import replay, replay_as_recorded

from .conftest import ADA
from .on_heldout import begin, register, run

CITED = {"must_cite_sources": {"value": True, "evidence": "person:Ada Byron"}}
FACTS = """
[must_cite_sources]
type = "bool"
question = "Must answers cite their sources?"
why = "A test."
"""


def propose(home: Home, facts: dict[str, Any] = CITED, title: str = "HR") -> str:
    return str(decisions.propose(home, facts, title=title)["id"])


def criterion(
    then: dict[str, int | str], when: str = "must_cite_sources = true"
) -> str:
    """Return the text of a criterion: a weight or "veto" for each option."""
    text = f'title = "Ours"\nsince = 2026-11-22\nsource = "A test"\n[when]\n{when}\n'
    for option, says in then.items():
        line = "veto = true" if says == "veto" else f"weight = {says}"
        text += f'[[then]]\noption = "{option}"\n{line}\nbecause = "A test."\n'
    return text


def write_house(home: Home, id: str, text: str) -> Path:
    path = home.path / "house" / "criteria" / f"{id}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write_rules(folder: Path, facts: str = FACTS, **criteria: str) -> Path:
    """Write a rule set of its own, with these criteria only."""
    (folder / "criteria").mkdir(parents=True)
    (folder / "facts.toml").write_text(facts)
    for id, text in criteria.items():
        (folder / "criteria" / f"{id}.toml").write_text(text)
    return folder


def record_again(home: Home, id: str, **other: Any) -> str:
    """Record a decision again as another, as if its body had been written so."""
    with home.store() as store:
        row = records.get(store, id)
        body = {k: v for k, v in {**row.body, **other}.items() if v is not None}
        records.propose(
            store,
            f"{id}-again",
            title=row.title,
            recommended=row.recommended,
            body=body,
            actor=ADA,
            at=row.at,
            blobs=row.blobs,
        )
    return f"{id}-again"


def blob_of(home: Home, id: str, path: str) -> Path:
    found = decisions.show(home, id)["rule_files"][path]
    return blobs.path(home.path / "blobs", found)


def only(view: dict[str, Any]) -> dict[str, Any]:
    (entry,) = view["decisions"]
    return dict(entry)


def test_under_the_same_rules_nothing_would_change(home: Home) -> None:
    id = propose(home)

    view = replay(home)

    entry = only(view)
    assert (view["rule_set"], view["as_recorded"]) == (home.rules().digest, False)
    assert (view["changed"], view["n"]) == (0, 1)
    assert (entry["decision"], entry["title"], entry["status"]) == (
        id,
        "HR",
        "proposed",
    )
    assert (entry["identical"], entry["changed"]) == (True, False)
    assert entry["before"] == entry["after"]
    assert entry["because"] == entry["criteria"] == entry["differences"] == []


def test_a_house_criterion_that_flips_a_verdict_is_named(home: Home) -> None:
    cited, unknown = propose(home), propose(home, {})
    write_house(home, "ours", criterion({"prompt": 3, "rag": -3, "hybrid": -3}))

    view = replay(home)

    flipped, same = view["decisions"]
    assert (view["changed"], view["n"]) == (1, 2)
    assert (flipped["decision"], same["decision"]) == (cited, unknown)
    assert flipped["before"]["recommended"] == "rag"
    assert flipped["after"]["recommended"] == "prompt"
    assert flipped["after"]["rule_set"] == home.rules().digest
    told = {"criterion": "ours", "change": "new", "before": None, "title": "Ours"}
    assert flipped["because"] == [
        {**told, "option": "prompt", "after": 3},
        {**told, "option": "rag", "after": -3},
    ]
    # what it says about a third option explains nothing, and is told all the same
    assert {**told, "option": "hybrid", "after": -3} in flipped["criteria"]
    assert not same["changed"]
    assert same["because"] == same["criteria"] == []


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ((None, 3), (None, -3), "weighs otherwise"),
        ((None, 3), ("must_cite_sources = false", 3), "no longer matches"),
        (("must_cite_sources = false", -3), (None, -3), "now matches"),
    ],
)
def test_a_criterion_is_told_with_how_it_changed(
    home: Home,
    before: tuple[str | None, int],
    after: tuple[str | None, int],
    change: str,
) -> None:
    holds = "must_cite_sources = true"
    write_house(home, "ours", criterion({"rag": before[1]}, before[0] or holds))
    propose(home)
    write_house(home, "ours", criterion({"rag": after[1]}, after[0] or holds))

    (told,) = only(replay(home))["criteria"]

    assert (told["criterion"], told["option"]) == ("ours", "rag")
    assert told["change"] == change
    assert told["before"] == (None if before[0] else before[1])
    assert told["after"] == (None if after[0] else after[1])


def test_a_criterion_that_was_removed_keeps_the_title_of_the_record(
    home: Home,
) -> None:
    path = write_house(home, "ours", criterion({"finetune": "veto"}))
    propose(home)
    path.unlink()

    (told,) = only(replay(home))["criteria"]

    assert (told["change"], told["title"]) == ("removed", "Ours")
    assert (told["option"], told["before"], told["after"]) == ("finetune", "veto", None)


def test_because_is_what_moved_towards_the_new_option_heaviest_first(
    home: Home,
) -> None:
    # must-cite-sources gives rag and hybrid 3 each; rag is the cheaper. Then rag has
    # 3 - 3 + 1 - 1 = 0 and prompt 1 + 1 - 1 + 1 = 2. Towards prompt: against by 4,
    # small and down by 1; both by 0, away by -1.
    propose(home)
    write_house(home, "against", criterion({"prompt": 1, "rag": -3}))
    write_house(home, "small", criterion({"prompt": 1}))
    write_house(home, "away", criterion({"prompt": -1}))
    write_house(home, "both", criterion({"prompt": 1, "rag": 1}))
    write_house(home, "down", criterion({"rag": -1}))
    write_house(home, "third", criterion({"hybrid": "veto"}))

    entry = only(replay(home))

    assert (entry["before"]["recommended"], entry["after"]["recommended"]) == (
        "rag",
        "prompt",
    )
    assert [(c["criterion"], c["option"]) for c in entry["because"]] == [
        ("against", "rag"),
        ("against", "prompt"),
        ("down", "rag"),
        ("small", "prompt"),
    ]
    told = [c["criterion"] for c in entry["criteria"]]
    assert told[:2] == ["third", "against"]  # a veto, then a weight of 3
    assert {*told[2:]} == {"against", "both", "away", "down", "small"}


def test_where_scores_decide_only_a_veto_explains(home: Home) -> None:
    register(home)
    begin(home, "e-1", "desk@1")
    facts: dict[str, Any] = {"target_score": 0.8, "stronger_model_allowed": False}
    for arm in ("prompt", "rag"):
        cited = run(home, "e-1", score=0.9, arm=arm)
        score = {"value": 0.9, "low": 0.85, "high": 0.95, "evidence": f"run:{cited}"}
        facts[f"{arm}_score"] = score
    propose(home, facts)
    write_house(home, "heavy", criterion({"rag": 3, "prompt": -3}, ""))
    write_house(home, "barred", criterion({"prompt": "veto"}, ""))

    entry = only(replay(home))

    assert (entry["before"]["recommended"], entry["after"]["recommended"]) == (
        "prompt",
        "rag",
    )
    assert [c["criterion"] for c in entry["because"]] == ["barred"]
    assert "heavy" in {c["criterion"] for c in entry["criteria"]}


def test_a_folder_of_rules_is_asked_instead(home: Home, tmp_path: Path) -> None:
    propose(home)
    folder = write_rules(tmp_path / "draft", ours=criterion({"finetune": 2}))

    view = replay(home, folder=folder)

    assert view["rule_set"] == home.rules(folder).digest
    assert only(view)["after"]["recommended"] == "finetune"
    changes = {c["criterion"]: c["change"] for c in only(view)["because"]}
    assert changes.pop("ours") == "new"
    assert changes["must-cite-sources"] == "removed"
    assert set(changes.values()) == {"removed"}


def test_a_fact_that_is_no_longer_asked_is_named_and_ignored(
    home: Home, tmp_path: Path
) -> None:
    propose(home, {**CITED, "task_type": "extraction"})
    folder = write_rules(tmp_path / "draft", ours=criterion({"rag": 3}))

    entry = only(replay(home, folder=folder))

    assert entry["ignored_facts"] == ["task_type"]
    assert entry["warnings"] == ["No longer asked, and ignored here: task_type."]
    assert entry["after"]["recommended"] == "rag"


def test_a_fact_of_another_type_is_an_error_of_its_decision_alone(
    home: Home, tmp_path: Path
) -> None:
    typed, other = propose(home), propose(home, {})
    text = '[must_cite_sources]\ntype = "integer"\nquestion = "How?"\nwhy = "A test."\n'

    view = replay(home, folder=write_rules(tmp_path / "draft", text))

    failed, asked = view["decisions"]
    assert (failed["decision"], asked["decision"]) == (typed, other)
    assert failed["error"].startswith("must_cite_sources = true is not")
    assert failed["after"] is None
    assert (failed["identical"], failed["changed"]) == (False, False)
    assert asked["error"] is None
    assert asked["after"]["recommended"] == "defer"


def test_only_the_decisions_that_are_named_are_asked_each_once(home: Home) -> None:
    first, _, third = propose(home), propose(home), propose(home)

    view = replay(home, [third, first, third])

    assert [d["decision"] for d in view["decisions"]] == [third, first]


def test_an_unknown_id_and_a_home_without_records_are_said(home: Home) -> None:
    for ask in (replay, replay_as_recorded):
        with pytest.raises(EnvironmentProblem, match="nothing is recorded"):
            ask(home)
    id = propose(home)

    for ask in (replay, replay_as_recorded):
        with pytest.raises(NotRecorded, match=f"Did you mean {id}"):
            ask(home, [id, id[:-1]])


def test_asking_again_records_nothing(home: Home) -> None:
    propose(home)
    write_house(home, "ours", criterion({"prompt": 3}))
    before = history.history(home)

    replay(home)
    replay_as_recorded(home)

    assert history.history(home) == before


def test_every_worked_case_is_identical_as_recorded(home: Home) -> None:
    cases = home.rules().cases
    for case in cases:
        propose(home, dict(case.facts))

    view = replay_as_recorded(home)

    assert view["n"] == len(cases)
    assert {d["decision"] for d in view["decisions"] if d["differences"]} == set()
    assert all(d["identical"] for d in view["decisions"])


def test_a_record_is_identical_whatever_became_of_the_house(home: Home) -> None:
    path = write_house(home, "ours", criterion({"prompt": 3}))
    propose(home)
    path.write_text(criterion({"prompt": -3}))
    propose(home)
    path.unlink()
    propose(home)

    view = replay_as_recorded(home)

    assert (view["rule_set"], view["as_recorded"]) == (None, True)
    assert [d["identical"] for d in view["decisions"]] == [True, True, True]
    assert len({d["after"]["rule_set"] for d in view["decisions"]}) == 3


def test_a_house_file_that_repeats_the_shipped_text_is_the_houses_all_the_same(
    home: Home,
) -> None:
    propose(home)
    name = "must-cite-sources"
    write_house(home, name, home.rules().texts[f"criteria/{name}.toml"])
    propose(home)

    first, second = replay_as_recorded(home)["decisions"]

    assert first["after"]["rule_set"] == second["after"]["rule_set"]
    assert first["identical"]
    assert second["identical"]


def test_a_record_is_asked_on_its_own_date_and_the_current_rules_today(
    home: Home,
) -> None:
    valid = {**CITED["must_cite_sources"], "valid_until": "2026-12-31"}
    propose(home, {"must_cite_sources": valid})
    later = with_other(home, clock=lambda: dt.datetime(2027, 1, 1, tzinfo=dt.UTC))

    assert only(replay(later))["differences"] == ["warnings"]
    assert only(replay_as_recorded(later))["identical"]


def test_facts_that_had_expired_are_warned_of_in_the_same_order(home: Home) -> None:
    old = {"value": True, "valid_until": "2026-01-31"}
    propose(home, {"stronger_model_allowed": old, "must_cite_sources": old})

    assert only(replay_as_recorded(home))["differences"] == []


def test_a_record_that_does_not_name_the_houses_files_takes_all_as_shipped(
    home: Home,
) -> None:
    write_house(home, "ours", criterion({"prompt": 3}))
    id = record_again(home, propose(home), house_files=None)

    entry = only(replay_as_recorded(home, [id]))

    assert (entry["identical"], entry["differences"]) == (False, ["findings"])
    (warning,) = entry["warnings"]
    assert "does not say which files are the house's" in warning


def test_other_software_is_said_and_does_not_count_against_the_verdict(
    home: Home,
) -> None:
    id = record_again(home, propose(home), software="tunewise 0.0.1")

    entry = only(replay_as_recorded(home, [id]))

    assert (entry["identical"], entry["differences"]) == (True, ["software"])


def test_a_verdict_that_the_rules_did_not_give_is_not_identical(home: Home) -> None:
    first = propose(home)
    verdict = decisions.show(home, first)["verdict"]
    without = {k: v for k, v in verdict.items() if k != "variant"}
    id = record_again(home, first, verdict={**without, "lead": "clear", "margin": 9.0})

    entry = only(replay_as_recorded(home, [id]))

    assert not entry["identical"]
    assert entry["differences"] == ["variant", "margin", "lead"]


def test_a_damaged_rule_file_is_named_with_its_decision(home: Home) -> None:
    id = propose(home)
    blob = blob_of(home, id, "criteria/must-cite-sources.toml")
    blob.chmod(0o644)
    blob.write_text(blob.read_text().replace("weight = 3", "weight = 2"))

    where = f"decision {id}, criteria/must-cite-sources.toml: .*not what was stored"
    with pytest.raises(EnvironmentProblem, match=where):
        replay_as_recorded(home)


def test_a_missing_rule_file_is_named_with_its_decision(home: Home) -> None:
    id = propose(home)
    blob_of(home, id, "prices.toml").unlink()

    with pytest.raises(
        NotRecorded, match=f"decision {id}, prices.toml: .*this blob is missing"
    ):
        replay_as_recorded(home)


def test_rule_files_that_are_not_the_recorded_rule_set_are_refused(
    home: Home,
) -> None:
    first = propose(home)
    files = decisions.show(home, first)["rule_files"]
    del files["prices.toml"]
    id = record_again(home, first, rule_files=files)

    with pytest.raises(EnvironmentProblem, match=f"decision {id}: its rule files have"):
        replay_as_recorded(home)


def test_rules_that_the_software_no_longer_takes_are_an_error_of_their_decision(
    home: Home,
) -> None:
    good = propose(home)
    text = "[must_cite_sources]\n"
    with home.store() as store:
        files = {"facts.toml": blobs.put_bytes(store.blobs, text.encode())}
    made_with = {"rule_files": files, "rule_set": digest({"facts.toml": text})}
    old = record_again(home, good, **made_with)

    first, second = replay_as_recorded(home)["decisions"]

    assert (first["decision"], first["error"], first["identical"]) == (good, None, True)
    assert (second["decision"], second["identical"]) == (old, False)
    assert second["error"].startswith("rules/facts.toml:1:")


CONTRADICTORY = {"prompt_tried": False, "prompt_score": 0.5}
OTHER = """
[[contradiction]]
because = "Where nothing is tuned, nothing was measured on it."
when = { base_model_tunable = false, finetune_score = { known = true } }
"""
OFF = '[must-cite-sources]\nby = "Ada"\nbecause = "We quote by hand."\n'


def test_contradictory_facts_of_an_old_decision_are_asked_again(home: Home) -> None:
    (home.path / "house").mkdir(parents=True)
    other = home.path / "house" / "contradictions.toml"
    other.write_text(OTHER)
    propose(home, CONTRADICTORY)
    other.unlink()

    now, as_recorded = only(replay(home)), only(replay_as_recorded(home))

    assert (now["error"], as_recorded["error"]) == (None, None)
    assert (now["after"]["rule_set"], as_recorded["identical"]) == (
        home.rules().digest,
        True,
    )


def test_a_criterion_that_is_switched_off_is_named_where_it_changes_a_verdict(
    home: Home,
) -> None:
    propose(home)
    (home.path / "house").mkdir(parents=True)
    (home.path / "house" / "switched-off.toml").write_text(OFF)

    entry = only(replay(home))

    [off] = home.rules().switched_off
    told = {(c["criterion"], c["change"], c["title"]) for c in entry["criteria"]}
    assert told == {("must-cite-sources", "removed", off.criterion.title)}


def test_a_decision_made_with_a_criterion_switched_off_is_the_same_as_recorded(
    home: Home,
) -> None:
    (home.path / "house").mkdir(parents=True)
    off = home.path / "house" / "switched-off.toml"
    off.write_text(OFF)
    id = propose(home)
    warnings = decisions.show(home, id)["verdict"]["warnings"]
    off.unlink()

    entry = only(replay_as_recorded(home))

    assert (
        "must-cite-sources would match and is switched off by Ada: We quote by hand."
        in warnings
    )
    assert (entry["identical"], entry["error"]) == (True, None)


def test_a_decision_made_with_a_criterion_switched_off_is_shown_later(
    home: Home,
) -> None:
    (home.path / "house").mkdir(parents=True)
    off = home.path / "house" / "switched-off.toml"
    off.write_text(OFF)
    id = propose(home)
    off.unlink()

    view = decisions.show(home, id)

    assert "switched-off.toml" in view["rule_files"]
    assert view["rule_set"] != home.rules().digest
