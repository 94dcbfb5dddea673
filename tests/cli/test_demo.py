from pathlib import Path

import pytest

from tunewise.cli.progress import Teller
from tunewise.workflow.experiments.telling import Event

from .conftest import Measured, Tunewise, mended


def test_the_demo_leaves_a_home_with_records_alone(
    tunewise: Tunewise, facts: Path, home: Path
) -> None:
    tunewise("decision", "propose", facts, "--title", "Ours")

    for words in (["--fresh"], []):
        said = tunewise("demo", "--no-serve", "--home", home, *words)
        assert str(home) in mended(said)

    assert len(tunewise("decision", "list", "--json").json) == 1


def test_the_demo_has_a_home_of_its_own_beside_yours(
    tunewise: Tunewise, home: Path
) -> None:
    home.with_name("home-demo").write_text("in the way")

    assert "home-demo: cannot be written" in mended(tunewise("demo", "--no-serve"))
    assert not home.exists()


def test_a_finished_demo_is_shown_again_without_running(
    tunewise: Tunewise, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = measured.home / "runs" / measured.id / "facts.json"
    words = ("decision", "propose", facts, "--title", "DEMO", "--json")
    id = tunewise(*words).json["id"]
    tunewise("decision", "accept", id, "--choice", "prompt", "--because", "x")
    mark = f'{{"experiment": "{measured.id}", "decision": "{id}"}}'
    (measured.home / "demo.json").write_text(mark)

    said = tunewise("demo", "--no-serve", "--home", measured.home)

    assert said.status == 0
    assert (measured.home / "decision-report.html").exists()
    assert f"tunewise --home {measured.home} why toy-desk@1" in said.out


def test_what_is_told_is_printed_as_it_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tunewise.cli.app import App

    with Teller(App().console(errors=True)) as tell:
        tell(Event("step", "Make [/x] ready"))
        tell(Event("progress", "answer [/x]", 1, 2))
        tell(Event("result", "[red]3 of 4[/]"))
        tell(Event("step", "Next"))

    said = capsys.readouterr()
    assert said.out == ""
    assert " 1. Make [/x] ready  (0 s)" in said.err
    assert "    [red]3 of 4[/]" in said.err
    assert " 2. Next" in said.err
