"""The head outside: tags in a repository, lines of a file."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tracker import anchors, audit
from tunewise.domain.errors import EnvironmentProblem, StatusError
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import anchoring, outside
from tunewise.workflow.integrity import checking as integrity

from .anchored import WHO, git, states


def test_a_tag_holds_the_head_and_nothing_is_pushed(
    recorded: Home, repository: Path
) -> None:
    made = anchoring.to_git(recorded, repository)

    head = made["head"]
    assert made["name"] == f"tunewise-2-{head[7:15]}"
    message = git(repository, "tag", "-l", "--format=%(contents)", made["name"])
    with recorded.store() as store:
        first, second = audit.events(store)[:2]
    assert message.strip() == (
        f'{{"at":"2026-11-22T12:00:00.000+00:00","first":"{first.hash}",'
        f'"head":"{second.hash}","seq":2,"tunewise":"anchor"}}'
    )
    assert states(recorded) == [("holds", "")]


def test_a_tag_name_that_is_taken_or_no_name_changes_nothing(
    recorded: Home, repository: Path
) -> None:
    anchoring.to_git(recorded, repository, tag="audit-1")

    for name in ("audit-1", "a b", "-d"):
        with pytest.raises(EnvironmentProblem, match="could not make the tag"):
            anchoring.to_git(recorded, repository, tag=name)
    assert git(repository, "tag", "-l").split() == ["audit-1"]
    assert len(anchoring.list_all(recorded)) == 1


def test_a_repository_without_a_commit_is_explained(
    recorded: Home, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "-q")

    with pytest.raises(EnvironmentProblem, match="A tag needs a commit"):
        anchoring.to_git(recorded, tmp_path / "new")


def test_a_tag_that_is_gone_or_forged_is_told(recorded: Home, repository: Path) -> None:
    name = anchoring.to_git(recorded, repository)["name"]
    git(repository, "tag", "-d", name)
    gone = states(recorded)
    git(repository, *WHO, "tag", "-am", "harmless", name)

    forged = states(recorded)

    assert gone == [("broken", f"the tag {name} is gone from {repository}")]
    assert forged[0][0] == "broken"


def test_a_place_that_is_not_there_is_out_of_reach(
    recorded: Home, repository: Path
) -> None:
    anchoring.to_git(recorded, repository)
    shutil.rmtree(repository)

    assert states(recorded) == [
        ("unreached", f"{repository}: there is no git repository here")
    ]
    assert integrity.verify(recorded)["ok"]


def test_a_hostile_repository_runs_nothing(
    recorded: Home, repository: Path, tmp_path: Path
) -> None:
    name = anchoring.to_git(recorded, repository)["name"]
    ran, script = tmp_path / "ran", tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {ran}\n")
    script.chmod(0o755)
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "o"),
        ("remote.o.url", tmp_path),
        ("remote.o.promisor", "true"),
        ("remote.o.uploadpack", script),
        ("core.fsmonitor", script),
    ):
        git(repository, "config", key, str(value))
    missing = repository / ".git" / "refs" / "tags" / name
    missing.write_text("1" * 40 + "\n")

    ((state, message),) = states(recorded)

    assert not ran.exists()
    assert (state, "cannot list its tags" in message) == ("unreached", True)
    subprocess.run(  # the same, as git does it when nobody keeps it from it
        ["git", "-C", repository, "for-each-ref", "--format=%(contents)"],
        capture_output=True,
    )
    assert ran.exists()


def test_the_repository_of_a_hook_is_not_taken_for_the_one_named(
    recorded: Home,
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    with monkeypatch.context() as hook:
        hook.setenv("GIT_DIR", str(other / ".git"))
        hook.setenv("GIT_WORK_TREE", str(other))
        name = anchoring.to_git(recorded, repository)["name"]
        assert states(recorded) == [("holds", "")]

    assert git(repository, "tag", "-l").split() == [name]
    assert git(other, "tag", "-l") == ""


def test_a_place_too_large_to_read_is_not_called_broken(
    recorded: Home,
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "anchors.jsonl"
    anchoring.to_git(recorded, repository)
    anchoring.to_file(recorded, path)
    monkeypatch.setattr(outside, "_LONGEST", 200)
    for n in range(9):
        git(repository, *WHO, "tag", "-am", "x" * 99, f"tunewise-{n}")

    assert [(s, "not reached (too large" in m) for s, m in states(recorded)] == [
        ("unreached", True),
        ("unreached", True),
    ]
    assert integrity.verify(recorded)["ok"]


@pytest.mark.parametrize(
    ("place", "changed", "state"),
    [
        ("tsa", {"kept": {}}, "broken"),
        ("tsa", {"kept": {"token": "../../etc/passwd"}}, "broken"),
        ("git", {"name": "a\0b"}, "unreached"),
        ("git", {"name": "x" * 300_000}, "unreached"),
        ("file", {"where": "a\0b"}, "unreached"),
    ],
)
def test_an_anchor_that_was_made_up_is_told_and_no_crash(
    recorded: Home,
    repository: Path,
    place: str,
    changed: dict[str, object],
    state: str,
) -> None:
    with recorded.store() as store:
        said = anchors.statement_of(store, at=recorded.now())
        payload = {
            "place": place,
            "where": str(repository),
            "name": "",
            "statement": said.as_text(),
            "kept": {},
        }
        audit.append(
            store,
            action="anchor.made",
            subject="made up",
            payload=payload | changed,
            actor=recorded.actor,
            at=recorded.now(),
        )

    assert [s for s, _ in states(recorded)] == [state]


@pytest.mark.parametrize("seq", ["1e999", "-1", "9" * 30, "true"])
def test_a_line_with_no_number_of_an_entry_is_no_anchor(
    recorded: Home, tmp_path: Path, seq: str
) -> None:
    line = f'{{"tunewise":"anchor","seq":{seq},"head":"","first":"","at":""}}'
    (tmp_path / "anchors").write_text(line)

    (problem,) = integrity.verify(recorded, against=[tmp_path / "anchors"])["problems"]

    assert "no anchor of this home's chain" in problem["message"]


def test_lines_are_appended_one_for_each_anchor(recorded: Home, tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    path.write_text("somebody's note without a newline")

    for _ in range(2):
        anchoring.to_file(recorded, path)

    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert [line[:7] for line in lines[1:]] == ['{"at":"'] * 2
    assert states(recorded) == [("holds", ""), ("holds", "")]


def test_a_line_that_is_gone_is_told(recorded: Home, tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    anchoring.to_file(recorded, path)
    path.write_text("")

    assert states(recorded) == [("broken", f"its line is gone from {path}")]


def test_a_file_that_cannot_be_written_is_explained(
    recorded: Home, tmp_path: Path
) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        anchoring.to_file(recorded, tmp_path / "no" / "anchors.jsonl")
    assert anchoring.list_all(recorded) == []


def test_an_empty_log_has_nothing_to_anchor(home: Home, tmp_path: Path) -> None:
    home.store(create=True).close()

    with pytest.raises(StatusError, match="nothing is recorded yet"):
        anchoring.to_file(home, tmp_path / "a")
