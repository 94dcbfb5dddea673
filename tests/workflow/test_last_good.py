from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tunewise.domain.errors import RuleFileError
from tunewise.domain.rules import RuleSet
from tunewise.workflow.home import Home
from tunewise.workflow.rules.last_good import LastGood

CRITERION = """
title = "Ours"
since = 2026-11-26
source = "A test"
[when]
must_cite_sources = true
[[then]]
option = "prompt"
weight = 1
because = "B"
"""


@pytest.fixture
def serving(home: Home) -> Home:
    """The home as a running service has it."""
    return replace(home, last_good=LastGood())


def write_house(home: Home, text: str, name: str = "ours") -> Path:
    path = home.path / "house" / "criteria" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def ids(rules: RuleSet) -> set[str]:
    return {c.id for c in rules.criteria}


def counted(home: Home) -> tuple[Callable[[], RuleSet], list[int]]:
    """Return a way to load the home's rules, and a list as long as it was used."""
    plain, loads = replace(home, last_good=None), list[int]()

    def load() -> RuleSet:
        loads.append(1)
        return plain.rules()

    return load, loads


def test_unchanged_rules_are_read_once(home: Home) -> None:
    last_good, house = LastGood(), home.path / "house"
    load, loads = counted(home)

    first, second = (last_good.rule_set(house, load) for _ in range(2))

    assert first is second
    assert len(loads) == 1
    assert last_good.error == ""


@pytest.mark.parametrize("change", ["new", "edited", "deleted"])
def test_a_changed_house_file_is_read_without_a_restart(
    serving: Home, change: str
) -> None:
    path = write_house(serving, CRITERION)
    before = serving.rules()

    if change == "new":
        write_house(serving, CRITERION, "theirs")
    elif change == "edited":
        path.write_text(CRITERION.replace("weight = 1", "weight = -1"))
    else:
        path.unlink()
    after = serving.rules()

    assert "ours" in ids(before)
    assert after.digest != before.digest
    assert after == replace(serving, last_good=None).rules()
    assert serving.last_good is not None
    assert serving.last_good.error == ""


def test_a_broken_house_file_keeps_the_last_good_rules_and_says_why(
    serving: Home,
) -> None:
    path = write_house(serving, CRITERION)
    before = serving.rules()

    path.write_text(CRITERION.replace("weight", "wieght"))
    after = serving.rules()

    assert after is before
    assert serving.last_good is not None
    assert "house/criteria/ours.toml:9: unknown key 'wieght'" in serving.last_good.error


def test_a_broken_file_is_not_read_again_until_it_changes(home: Home) -> None:
    last_good, house = LastGood(), home.path / "house"
    load, loads = counted(home)
    last_good.rule_set(house, load)

    write_house(home, "broken")
    for _ in range(3):
        last_good.rule_set(house, load)

    assert len(loads) == 2
    assert "ours.toml:1: not valid TOML" in last_good.error


def test_a_mended_file_counts_again(serving: Home) -> None:
    serving.rules()
    write_house(serving, "broken")
    serving.rules()

    write_house(serving, CRITERION)
    mended = serving.rules()

    assert "ours" in ids(mended)
    assert serving.last_good is not None
    assert serving.last_good.error == ""


def test_a_service_that_never_read_good_rules_says_what_is_wrong(
    serving: Home,
) -> None:
    write_house(serving, "broken")

    for _ in range(2):
        with pytest.raises(RuleFileError, match=r"ours\.toml:1: not valid TOML"):
            serving.rules()
    write_house(serving, CRITERION)

    assert "ours" in ids(serving.rules())


def test_a_command_has_no_last_good_rules(home: Home) -> None:
    write_house(home, CRITERION)
    home.rules()

    write_house(home, "broken")

    with pytest.raises(RuleFileError, match=r"ours\.toml:1: not valid TOML"):
        home.rules()


def test_another_folder_is_read_as_it_stands(serving: Home, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    serving.rules()

    with pytest.raises(RuleFileError, match=r"facts\.toml: missing"):
        serving.rules(tmp_path / "rules")
