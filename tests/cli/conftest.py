"""The command line as somebody uses it, and one experiment on a made-up endpoint."""

import datetime as dt
import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tunewise.cli.main import main

_COMMAND = (sys.executable, "-P", "-m", "tunewise.cli.main")
LABELS = ("card", "refund")
SPLITS = {"train": 8, "validation": 4, "heldout": 6}


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Tunewise = Callable[..., Said]


@pytest.fixture
def tunewise(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> Tunewise:
    """Run a command in this process, in a home that nobody has recorded in."""

    def run(*arguments: object, stdin: str = "") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as left:
            main([str(a) for a in arguments])
        said = capsys.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return run


def mended(said: Said) -> str:
    """Return the one message of a command that the user can mend: status 2."""
    assert said.status == 2, said
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """A fact file with one fact: the answers must cite their sources."""
    path = tmp_path / "facts.toml"
    path.write_text('must_cite_sources = { value = true, evidence = "person:Ada" }\n')
    return path


def write_toy(folder: Path) -> Path:
    """Write 8 train, 4 validation, 6 held-out examples and 2 documents."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, size in SPLITS.items():
        with (folder / f"{split}.jsonl").open("w") as file:
            for n in range(size):
                label = LABELS[n % 2]
                question = f"{split} {n}: please help with my {label} of day {n * 7}"
                messages = [
                    {"role": "user", "content": question},
                    {"role": "assistant", "content": label},
                ]
                row = {"messages": messages, "metadata": {"id": f"{split}-{n}"}}
                file.write(json.dumps(row) + "\n")
    with (folder / "documents.jsonl").open("w") as file:
        for label in LABELS:
            text = f"The {label} desk answers within {len(label)} days."
            file.write(json.dumps({"id": label, "title": label, "text": text}) + "\n")
    return folder


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A folder with the toy data set."""
    return write_toy(tmp_path / "toy")


@pytest.fixture
def files(toy: Path) -> list[Path]:
    """The toy files, each named after its role."""
    return [toy / f"{name}.jsonl" for name in (*SPLITS, "documents")]


class _Endpoint(BaseHTTPRequestHandler):
    """Answers chat completions: refund where the question has the word, else card."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        label = LABELS["refund" in asked["messages"][-1]["content"].lower()]
        body = {
            "id": "c-1",
            "object": "chat.completion",
            "created": 0,
            "model": asked["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": label},
                }
            ],
            "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
        }
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing on standard error."""


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The address of an OpenAI-compatible endpoint on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Measured:
    """A finished experiment: its home, and what ``experiment run --json`` said."""

    home: Path
    said: Said

    @property
    def id(self) -> str:
        return str(self.said.json["experiment"])


@pytest.fixture(scope="session")
def measured_once(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    pytest.importorskip("openai", reason="needs the extra [endpoint]")
    folder = tmp_path_factory.mktemp("measured")
    spec = write_toy(folder / "toy") / "experiment.toml"
    spec.write_text(
        f"""
        title = "Toy desk"
        arms = ["prompt", "rag"]
        dataset.train = "train.jsonl"
        dataset.validation = "validation.jsonl"
        dataset.heldout = "heldout.jsonl"
        dataset.documents = "documents.jsonl"
        task = {{ type = "classification", metric = "accuracy" }}
        endpoint = {{ base_url = "{endpoint}", model = "toy-large" }}
        prompt.setups = ["zero-shot"]
        rag.k = [1]
        limits.latency = 2
        """
    )
    home = folder / "home"
    done = subprocess.run(
        [*_COMMAND, "--home", home, "experiment", "run", spec, "--json", "--by", "Ada"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    return Measured(home, Said(done.returncode, done.stdout, done.stderr))


@pytest.fixture
def measured(measured_once: Measured, home: Path) -> Measured:
    """A copy of that home, which is now the home of every command."""
    shutil.copytree(measured_once.home, home)
    return Measured(home, measured_once.said)


@pytest.fixture
def today() -> str:
    """Today's date, as records have it."""
    return dt.datetime.now(dt.UTC).date().isoformat()
