"""Against a real server on the loopback: ``transformers serve``, the tiny model."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trainer.answering import LocalModel
from trainer.endpoint import Endpoint
from tunewise.domain.dataset import Message
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.experiment import EndpointSpec

pytestmark = pytest.mark.slow

SERVE = "from transformers.cli.transformers import main; main()"
RUNNING = re.compile(r"running on (http://127\.0\.0\.1:\d+)")
TOKENS = 12
CHATS = [
    (Message("system", "Be short."), Message("user", "Where is my card?")),
    (Message("user", "When?"),),
    (Message("user", "Größe, 文字 and\na line"),),
]


def silent(done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, tiny_model: Path) -> Iterator[str]:
    """The address of a server that ends with the test."""
    from transformers.utils.import_utils import is_serve_available

    if not is_serve_available():
        said = "endpoints are NOT tested against transformers serve: pip install "
        said += "'tunewise[endpoint,train,serving]'"
        plugins = request.config.pluginmanager
        terminal = plugins.getplugin("terminalreporter")
        with plugins.getplugin("capturemanager").global_and_fixture_disabled():
            terminal.write_line(f"\n{said}", yellow=True, bold=True)
        pytest.skip(said)
    command = [sys.executable, "-P", "-c", SERVE, "serve", str(tiny_model)]
    child = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", "0", "--device", "cpu"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert child.stderr is not None
    try:
        said = []
        for line in child.stderr:
            said.append(line)
            if found := RUNNING.search(line):
                yield f"{found[1]}/v1"
                return
        pytest.fail(f"the server did not start: {''.join(said)[-2000:]}")
    finally:
        child.terminate()
        try:
            child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()


def endpoint(url: str, model: str) -> Endpoint:
    return Endpoint(EndpointSpec(url, model, retries=0), max_new_tokens=TOKENS)


def test_it_answers_as_the_same_model_does_here(
    served: str, tiny_model: Path, tokenizer: Any, fresh: Any
) -> None:
    here = LocalModel(fresh(), tokenizer, max_new_tokens=TOKENS)
    there = endpoint(served, str(tiny_model))

    answers = there.answer(CHATS, progress=silent)

    wanted = here.answer(CHATS, progress=silent)
    assert [a.text for a in answers] == [a.text for a in wanted]
    assert [a.prompt_tokens for a in answers] == [a.prompt_tokens for a in wanted]
    assert there.asked()["warnings"] == []


def test_its_first_token_is_timed(served: str, tiny_model: Path) -> None:
    timed = endpoint(served, str(tiny_model)).time_alone(CHATS[0])

    assert timed.first_token_seconds is not None
    assert 0 < timed.first_token_seconds <= timed.seconds


def test_a_model_that_it_does_not_serve_is_told(served: str) -> None:
    with pytest.raises(EnvironmentProblem, match="answered with 4"):
        endpoint(served, "other").answer(CHATS[:1], progress=silent)
