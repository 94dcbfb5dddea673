"""The head outside: tags, lines, time stamps of an authority on this machine."""

import http.server
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracker import anchors, audit, blobs, chain, references, schema
from tunewise.domain.errors import EnvironmentProblem, StatusError, TunewiseError
from tunewise.workflow import anchoring, decisions, integrity, outside
from tunewise.workflow.home import Home


@pytest.fixture
def recorded(home: Home) -> Home:
    """A home with one decision, signed: two entries in the log."""
    id = decisions.propose(home, {}, title="HR answers")["id"]
    decisions.sign(home, id, role="owner")
    return home


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with one commit, of somebody whom git does not know."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, *WHO, "commit", "-qm", "first", "--allow-empty")
    return folder


WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", folder, *words], check=True, capture_output=True, text=True
    )
    return done.stdout


def states(home: Home, **options: object) -> list[tuple[str, str]]:
    view = integrity.verify(home, **options)
    assert view["ok"] == (not view["problems"])
    return [(a["state"], a["message"]) for a in view["anchors"]]


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


def tamper(home: Home, *statements: str) -> None:
    connection = sqlite3.connect(home.path / "tunewise.db")
    for name in schema.triggers():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def rewrite(home: Home, *, start: int) -> None:
    """Rewrite the log from an entry on, every hash and record digest to match."""
    with home.store() as store:
        events = audit.events(store)
    statements, previous = [], events[start - 2].hash if start > 1 else ""
    for event in events[start - 1 :]:
        entry = {name: getattr(event, name) for name in chain.COLUMNS}
        entry |= {"previous": previous, "at": "2020-01-01T00:00:00Z"}
        entry["payload"] = {}
        previous = chain.canonical.digest(entry)
        statements.append(
            f"UPDATE audit SET previous = '{entry['previous']}', hash = '{previous}',"
            f" at = '{entry['at']}', payload = '{{}}' WHERE seq = {event.seq}"
        )
    tamper(home, *statements)


def test_a_log_cut_off_before_its_anchor_is_found_in_the_place_itself(
    recorded: Home, repository: Path, tmp_path: Path
) -> None:
    path = tmp_path / "anchors.jsonl"
    anchoring.to_git(recorded, repository)
    anchoring.to_file(recorded, path)
    tamper(
        recorded,
        "DELETE FROM audit WHERE seq > 1",
        "DELETE FROM decision_events",
        "DELETE FROM search WHERE rowid > 1",
    )
    # opening puts the guards right, which becomes entry 2: no longer the anchored one
    integrity.verify(recorded)
    for place, said in (
        (repository, "entry 2 of the log is not the head that was anchored at 2026-11"),
        (path, "the log ends at entry 2, and entry 3 is the head that was anchored"),
    ):
        (problem,) = integrity.verify(recorded, against=[place])["problems"]
        assert said in problem["message"]


@pytest.mark.parametrize("start", [1, 2])
def test_a_log_rewritten_from_an_entry_on_is_found_by_the_anchor(
    recorded: Home, tmp_path: Path, start: int
) -> None:
    path = tmp_path / "anchors.jsonl"
    anchoring.to_file(recorded, path)
    rewrite(recorded, start=start)

    with recorded.store() as store:
        problems = anchoring.against(store, path)

    assert len(problems) == 1
    assert (
        "no anchor of this home's chain is kept there (1 of another chain)"
        if start == 1
        else "the log was rewritten, from this entry or an earlier one on"
    ) in problems[0].message


def test_a_place_without_anchors_proves_nothing(recorded: Home, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("[1]\nnull\n{}\n" + "[" * 9000)

    with recorded.store() as store:
        (problem,) = anchoring.against(store, tmp_path / "notes")

    assert problem.message == "no anchor of this home's chain is kept there"


@dataclass(frozen=True)
class Authority:
    url: str
    ca: Path


def openssl(folder: Path, *words: object) -> bytes:
    done = subprocess.run(
        ["openssl", *map(str, words)], cwd=folder, check=True, capture_output=True
    )
    return done.stdout


CONFIG = """
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
ess_cert_id_alg = sha256
[v3]
extendedKeyUsage = critical,timeStamping
"""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of a time-stamp authority and of who vouches for it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl plays the authority, and is not installed here")
    folder = tmp_path_factory.mktemp("authority")
    (folder / "config").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    new = ("req", "-newkey", "rsa:2048", "-nodes")
    root = ("-x509", "-days", "9", "-subj", "/CN=Root")
    openssl(folder, *new, *root, "-keyout", "ca.key", "-out", "ca.pem")
    openssl(folder, *new, *root, "-keyout", "no.key", "-out", "other.pem")
    openssl(folder, *new, "-subj", "/CN=TSA", "-keyout", "tsa.key", "-out", "tsa.csr")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9")
    extension = ("-extfile", "config", "-extensions", "v3")
    openssl(
        folder, "x509", "-req", "-in", "tsa.csr", *signed, *extension, "-out", "tsa.pem"
    )
    return folder


@pytest.fixture
def authority(keys: Path) -> Iterator[Authority]:
    """A time-stamp authority on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            (keys / "query").write_bytes(query)
            reply = ("ts", "-reply", "-config", "config", "-queryfile", "query")
            content = openssl(keys, *reply)
            if self.path == "/nonsense":
                content = b"<html>no such page</html>"
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Authority(f"http://127.0.0.1:{server.server_port}", keys / "ca.pem")
    server.shutdown()
    server.server_close()


@pytest.fixture
def stamped(recorded: Home, authority: Authority) -> Home:
    """A home whose head was stamped, and verified at once."""
    pytest.importorskip("rfc3161_client", reason="needs the extra [timestamp]")
    made = anchoring.to_authority(recorded, authority.url, ca=authority.ca)
    assert made["verified"]
    return recorded


def test_a_time_stamp_is_proven_by_certificates_from_outside_alone(
    stamped: Home, authority: Authority
) -> None:
    ((state, message),) = states(stamped)

    assert state == "unproven"  # whoever rewrites the log can exchange those too
    assert message.startswith("stamped at 20")
    assert message.endswith(
        "signed under certificates kept in this home; name the authority with --ca to "
        "prove it"
    )
    ((state, message),) = states(stamped, certificates=authority.ca.read_bytes())
    assert (state, message[:13]) == ("holds", "stamped at 20")
    with stamped.store() as store:  # the token belongs to the records
        assert "anchor 3" in {
            n for names in references.referenced(store).values() for n in names
        }


def test_openssl_verifies_the_kept_token_by_the_head_alone(
    stamped: Home, authority: Authority
) -> None:
    (anchor,) = anchoring.list_all(stamped)
    token = blobs.path(stamped.path / "blobs", anchor["kept"]["token"])

    said = openssl(
        token.parent, "ts", "-verify", "-digest", anchor["head"][7:], "-in", token,
        "-CAfile", authority.ca,
    )  # fmt: skip

    assert b"Verification: OK" in said


def test_other_certificates_do_not_vouch_for_it(stamped: Home, keys: Path) -> None:
    others = (keys / "other.pem").read_bytes()

    ((state, message),) = states(stamped, certificates=others)

    assert (state, "not signed under" in message) == ("broken", True)


def test_a_token_that_was_altered_is_told(stamped: Home) -> None:
    (anchor,) = anchoring.list_all(stamped)
    place = blobs.path(stamped.path / "blobs", anchor["kept"]["token"])
    place.chmod(0o644)
    token = place.read_bytes()
    place.write_bytes(token[:-1] + bytes([token[-1] ^ 1]))

    ((state, _),) = states(stamped)

    assert state == "broken"
    problems = integrity.verify(stamped)["problems"]
    assert ("blob", "anchor 3") in {(p["kind"], p["record"]) for p in problems}


def test_a_stamp_nobody_vouches_for_is_not_called_proven(
    recorded: Home, authority: Authority
) -> None:
    pytest.importorskip("rfc3161_client", reason="needs the extra [timestamp]")
    made = anchoring.to_authority(recorded, authority.url)

    assert not made["verified"]
    ((state, message),) = states(recorded)
    assert (state, "--ca" in message) == ("unsigned", True)
    with authority.ca.open("rb") as file:
        assert states(recorded, certificates=file.read())[0][0] == "holds"


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("{url}/nonsense", "is not a time stamp"),
        ("http://127.0.0.1:1", "cannot be reached"),
        ("ftp://example.com", "is not the address"),
    ],
)
def test_an_authority_that_gives_no_stamp_is_explained(
    recorded: Home, authority: Authority, url: str, match: str
) -> None:
    pytest.importorskip("rfc3161_client", reason="needs the extra [timestamp]")

    with pytest.raises(TunewiseError, match=match):
        anchoring.to_authority(recorded, url.format(url=authority.url))
    assert anchoring.list_all(recorded) == []


def test_a_wrong_certificate_file_is_explained(
    recorded: Home, authority: Authority, tmp_path: Path
) -> None:
    pytest.importorskip("rfc3161_client", reason="needs the extra [timestamp]")
    (tmp_path / "ca.pem").write_text("hello")

    for name in ("ca.pem", "none.pem"):
        with pytest.raises(TunewiseError, match="cannot be read"):
            anchoring.to_authority(recorded, authority.url, ca=tmp_path / name)


def test_without_the_extra_the_way_to_get_it_is_named(
    recorded: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rfc3161_client", None)

    with pytest.raises(EnvironmentProblem, match=r"tunewise\[timestamp\]"):
        anchoring.to_authority(recorded, "http://127.0.0.1:1")
