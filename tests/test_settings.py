from pathlib import Path

import pytest

from tunewise.domain.decision import Actor
from tunewise.domain.errors import EnvironmentProblem
from tunewise.settings import settings


def test_a_flag_stands_above_the_environment_and_that_above_the_default() -> None:
    environment = {"TUNEWISE_HOME": "/data/records", "TUNEWISE_BY": "Dee"}

    said = settings(home="/elsewhere", by="Cy", environment=environment)
    found = settings(environment=environment)
    default = settings(environment={})

    assert (said.home, said.actor) == (Path("/elsewhere"), Actor("Cy", "stated"))
    assert (found.home, found.actor.name) == (Path("/data/records"), "Dee")
    assert default.home.name == "tunewise"
    assert default.actor.identity == "account"
    assert default.actor.name


def test_a_home_of_nobody_is_refused() -> None:
    with pytest.raises(EnvironmentProblem, match="~nosuch/x: there is no such account"):
        settings(home="~nosuch/x", environment={})


@pytest.mark.parametrize("name", ["Dee\x1b[2J", "Dee\nand others", "Dee\x9b"])
def test_a_name_that_a_terminal_would_obey_is_refused(name: str) -> None:
    with pytest.raises(EnvironmentProblem, match=r"by: .* cannot be a name"):
        settings(by=name, environment={})


def test_an_empty_name_is_none() -> None:
    empty = {"TUNEWISE_HOME": "", "TUNEWISE_BY": " "}

    assert settings(home="", by=" ", environment=empty) == settings(environment={})


def test_a_home_is_absolute_and_may_begin_with_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert settings(home="records", environment={}).home == tmp_path / "records"
    assert settings(home="~/records", environment={}).home == tmp_path / "records"


def test_an_account_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)

    assert settings(environment={}).actor == Actor("unknown", "account")
