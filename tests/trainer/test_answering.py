import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from trainer.answering import Answer, Endpoint, LocalModel
from tunewise.domain.dataset import Message
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.experiment import EndpointSpec

QUESTION = (Message("system", "Be short."), Message("user", "Where?"))
OTHER = (Message("user", "When?"),)


def silent(done: int, total: int) -> None:
    pass


class Service(ThreadingHTTPServer):
    """A real chat-completions endpoint that says back what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.usage = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.keys.append(self.headers["Authorization"])
        text = f"  {body['messages'][-1]['content']} said  "
        message = {"role": "assistant", "content": text}
        answer: dict[str, Any] = {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }
        if self.server.usage:
            answer["usage"] = {
                "prompt_tokens": 7,
                "completion_tokens": 2,
                "total_tokens": 9,
            }
        found = self.path == "/v1/chat/completions"
        content = json.dumps(answer if found else {"error": self.path}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    pytest.importorskip("openai", reason="needs the extra [endpoint]")
    with Service() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_endpoint_is_asked_the_chat_greedily_and_its_answer_stripped(
    service, monkeypatch
) -> None:
    monkeypatch.setenv("HOUSE_KEY", "k-123")
    spec = EndpointSpec(service.url, "house-model", "HOUSE_KEY")

    answers = Endpoint(spec, max_new_tokens=33).answer([QUESTION], progress=silent)

    assert answers == [Answer("Where? said", 7, 2)]
    [asked] = service.asked
    assert asked == {
        "model": "house-model",
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "Where?"},
        ],
        "temperature": 0,
        "max_tokens": 33,
    }
    assert service.keys == ["Bearer k-123"]


def test_an_endpoint_answers_in_order_and_tells_how_far_it_is(service) -> None:
    seen: list[tuple[int, int]] = []
    endpoint = Endpoint(EndpointSpec(service.url, "m"), max_new_tokens=9)

    answers = endpoint.answer(
        [QUESTION, OTHER], progress=lambda done, total: seen.append((done, total))
    )

    assert [a.text for a in answers] == ["Where? said", "When? said"]
    assert seen == [(1, 2), (2, 2)]


def test_an_endpoint_that_tells_no_usage_counts_nothing(service) -> None:
    service.usage = False
    endpoint = Endpoint(EndpointSpec(service.url, "m"), max_new_tokens=9)

    assert endpoint.answer([OTHER], progress=silent) == [Answer("When? said", 0, 0)]


def test_a_request_that_is_timed_is_one_request(service) -> None:
    endpoint = Endpoint(EndpointSpec(service.url, "m"), max_new_tokens=9)

    found = endpoint.time_alone(QUESTION)

    assert len(service.asked) == 1
    assert found.seconds > 0


def test_an_endpoint_that_does_not_answer_is_named_with_what_to_do(service) -> None:
    wrong = EndpointSpec(f"{service.url}/elsewhere", "m")

    with pytest.raises(EnvironmentProblem, match=r"/elsewhere: .*\n  Check base_url"):
        Endpoint(wrong, max_new_tokens=9).answer([OTHER], progress=silent)


def test_an_endpoints_tokens_are_estimated_four_for_three_words() -> None:
    pytest.importorskip("openai", reason="needs the extra [endpoint]")
    endpoint = Endpoint(EndpointSpec("http://127.0.0.1:1", "m"), max_new_tokens=9)

    assert endpoint.count("one two three four five six") == 8
    assert endpoint.count("") == 1


@pytest.mark.model
def test_a_local_model_counts_the_tokens_of_prompt_and_answer(fresh, tokenizer) -> None:
    local = LocalModel(fresh(), tokenizer, max_new_tokens=6)

    [one, other] = local.answer([QUESTION, OTHER], progress=silent)

    # byte tokens: the role, a line break and the text between two marks, and a line
    # break; then the head of the answer
    head = 1 + len("assistant\n")
    system = 1 + len("system\nBe short.") + 2
    assert one.prompt_tokens == system + 1 + len("user\nWhere?") + 2 + head
    assert other.prompt_tokens == 1 + len("user\nWhen?") + 2 + head
    assert one.answer_tokens <= 6
    assert one.text == one.text.strip()
    assert local.count("Where?") == 6


@pytest.mark.model
def test_the_end_of_turn_counts_as_an_answer_token_and_is_not_in_the_text(
    fresh, tokenizer
) -> None:
    model = fresh()
    free = LocalModel(model, tokenizer, max_new_tokens=6)
    [first] = free.answer([OTHER], progress=silent)
    from trainer.chat import prompt_ids
    from trainer.generate import generate

    [made] = generate(
        model,
        [prompt_ids(tokenizer, OTHER)],
        stop=frozenset({tokenizer.eos_token_id}),
        max_new_tokens=6,
    )
    model.generation_config.eos_token_id = made.ids[0]  # what it says first

    [stopped] = free.answer([OTHER], progress=silent)

    assert first.answer_tokens == 6
    assert stopped == Answer("", first.prompt_tokens, 1)


@pytest.mark.model
def test_a_local_model_times_the_first_token_and_the_whole_answer(
    fresh, tokenizer
) -> None:
    local = LocalModel(fresh(), tokenizer, max_new_tokens=2)

    found = local.time_alone(QUESTION)

    assert found.first_token_seconds is not None
    assert 0 < found.first_token_seconds < found.seconds
