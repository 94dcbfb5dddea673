import datetime as dt
from pathlib import Path

import click
import pytest

from tunewise.cli.main import tunewise as group

from .conftest import Tunewise, mended


def commands(
    command: click.Command = group, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    """Return every command with the words that call it."""
    found = [(path, command)]
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            found += commands(below, (*path, name))
    return found


EVERY = commands()
IDS = [" ".join(path) or "tunewise" for path, _ in EVERY]


@pytest.mark.parametrize(("path", "command"), EVERY, ids=IDS)
def test_every_command_has_help_and_takes_the_shared_options(
    tunewise: Tunewise, path: tuple[str, ...], command: click.Command
) -> None:
    said = tunewise(*path, "--help")

    assert (said.status, said.err) == (0, "")
    assert command.help
    assert command.help.strip().endswith(".")
    for option in ("--home", "--by", "--json"):
        assert option in said.out


@pytest.mark.parametrize(("path", "command"), EVERY, ids=IDS)
def test_every_option_says_what_it_is_for(
    path: tuple[str, ...], command: click.Command
) -> None:
    silent = [
        option.name
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]

    assert silent == []


def test_help_has_a_short_form(tunewise: Tunewise) -> None:
    assert tunewise("-h").out == tunewise("--help").out
    assert tunewise("decision", "-h").status == 0


@pytest.mark.parametrize("path", [(), ("decision",), ("facts",)])
def test_a_group_alone_shows_its_commands_and_is_no_success(
    tunewise: Tunewise, path: tuple[str, ...]
) -> None:
    said = tunewise(*path)

    assert "Commands:" in mended(said)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["decisio"], "there is no command 'decisio', did you mean 'decision'?"),
        (["decision", "accep"], "there is no command 'accep', did you mean 'accept'?"),
        (["qqq"], "there is no command 'qqq'"),
        (["decision", "list", "--cvs"], "No such option"),
        (["decision", "show"], "Missing argument 'ID'"),
        (["decision", "propose", "facts.toml"], "Missing option '--title'"),
        (["serve", "--port", "99999"], "99999 is not in the range"),
        (["--home"], "requires an argument"),
    ],
    ids=" ".join,
)
def test_a_command_that_is_not_one_is_met_with_what_would_be(
    tunewise: Tunewise, words: list[str], hint: str
) -> None:
    assert hint in mended(tunewise(*words))


BEFORE_OR_AFTER = [
    lambda home: ("--home", home, "--json", "--by", "Cy", "decision", "propose"),
    lambda home: ("decision", "--home", home, "--json", "--by", "Cy", "propose"),
    lambda home: ("decision", "propose", "--home", home, "--json", "--by", "Cy"),
]


@pytest.mark.parametrize(
    "words", BEFORE_OR_AFTER, ids=["before", "in the middle", "after"]
)
def test_the_shared_options_stand_before_or_after_the_subcommand(
    tunewise: Tunewise, tmp_path: Path, home: Path, facts: Path, words: object
) -> None:
    other = tmp_path / "other"

    said = tunewise(*words(other), facts, "--title", "HR")  # type: ignore[operator]

    assert said.json["by"] == "Cy"
    assert (other / "tunewise.db").exists()
    assert not home.exists()


def test_the_environment_names_home_and_person_and_options_win(
    tunewise: Tunewise, home: Path, facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNEWISE_BY", "Dee")

    def by(*more: str) -> str:
        words = ("decision", "propose", facts, "--title", "HR", "--json", *more)
        return str(tunewise(*words).json["by"])

    assert (by(), by("--by", "Cy")) == ("Dee", "Cy")
    assert (home / "tunewise.db").exists()


READ_ONLY = [
    ["decision", "list"],
    ["decision", "show", "d-x"],
    ["decision", "accept", "d-x"],
    ["decision", "check"],
    ["dataset", "list"],
    ["dataset", "show", "x@1"],
    ["dataset", "delete", "x@1", "--because", "x"],
    ["experiment", "list"],
    ["experiment", "show", "e-x"],
    ["model", "show", "x@1"],
    ["why", "x@1"],
    ["history"],
    ["search", "x"],
    ["verify"],
]


@pytest.mark.parametrize("words", READ_ONLY, ids=" ".join)
def test_a_home_without_records_is_named_and_not_made(
    tunewise: Tunewise, home: Path, words: list[str]
) -> None:
    message = mended(tunewise(*words))

    assert message.startswith(f"{home / 'tunewise.db'}: nothing is recorded here\n")
    assert "--home" in message
    assert not home.exists()


def test_a_home_that_is_a_file_is_named(
    tunewise: Tunewise, home: Path, facts: Path, files: list[Path]
) -> None:
    home.write_text("a file")

    for words in (
        ["decision", "propose", facts, "--title", "HR"],
        ["dataset", "register", "desk", *files],
        ["restore", files[0].parent],
        ["demo", "--no-serve"],
        ["history"],
    ):
        where = home if words[0] != "demo" else home.with_name("home-demo")
        if words[0] == "demo":
            where.write_text("a file")
        if words[0] == "restore":
            continue
        assert mended(tunewise(*words)).startswith(str(where))
    assert home.read_text() == "a file"


def test_a_database_of_other_software_is_left_alone(
    tunewise: Tunewise, home: Path
) -> None:
    home.mkdir()
    (home / "tunewise.db").write_bytes(b"something else, and quite long enough" * 99)

    message = mended(tunewise("decision", "list"))

    assert "it is not a Tunewise database" in message


def test_square_brackets_are_no_markup(
    tunewise: Tunewise, facts: Path, tmp_path: Path
) -> None:
    title = "HR [bold]answers[/nothing] [link=x]"
    id = tunewise("decision", "propose", facts, "--title", title, "--json").json["id"]
    report = tmp_path / "r[1].html"

    shown = [
        tunewise("decision", "show", id),
        tunewise("decision", "list"),
        tunewise("history", "--at", str(dt.datetime.now(dt.UTC).date())),
        tunewise("search", "answers"),
    ]
    written = tunewise("decision", "report", id, "-o", report)

    assert [s.status for s in shown] == [0, 0, 0, 0]
    assert all(title in s.out for s in shown)
    assert written.out == f"wrote {report}\n"


def test_in_a_pipe_no_line_is_cut_for_a_screen(tunewise: Tunewise, facts: Path) -> None:
    title = "How shall we answer the questions of the staff?"
    id = tunewise("decision", "propose", facts, "--title", title, "--json").json["id"]

    (_, row) = tunewise("decision", "list").out.splitlines()

    assert id in row
    assert title in row


def test_an_interruption_is_said_in_one_word(
    tunewise: Tunewise, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tunewise.workflow.doctor.examine", stop)

    said = tunewise("doctor")

    assert (said.status, said.out, said.err.strip()) == (130, "", "interrupted")


def test_a_mistake_of_ours_shows_its_traceback(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    from tunewise.cli.main import main

    def stumble(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tunewise.workflow.doctor.examine", stumble)

    with pytest.raises(ZeroDivisionError):  # the interpreter prints it and leaves 1
        main(["doctor"])


def test_the_version_is_printed(tunewise: Tunewise) -> None:
    said = tunewise("--version")

    assert said.status == 0
    assert said.out.startswith("tunewise, version ")
