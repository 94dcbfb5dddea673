"""The head stamped by an authority, which is on this machine here."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracker import blobs, references
from tunewise.domain.errors import EnvironmentProblem, TunewiseError
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import anchoring
from tunewise.workflow.integrity import checking as integrity

from .anchored import states


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
