"""A chat-completions endpoint on this machine that answers as a test wants it to."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Asked = dict[str, Any]
PATH = "/v1/chat/completions"


@dataclass(frozen=True)
class Reply:
    """What comes back for one request."""

    body: bytes
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    after_seconds: float = 0.0


def says(asked: Asked, text: object, **changes: Any) -> Reply:
    """A chat completion that says so; ``changes`` replace its keys, None drops one."""
    message = {"role": "assistant", "content": text}
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": asked["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
        **changes,
    }
    kept = {key: value for key, value in body.items() if value is not None}
    return Reply(json.dumps(kept).encode())


def pieces(asked: Asked, *texts: str) -> Reply:
    """A chat completion that comes piece by piece."""
    lines = []
    for text in texts:
        choices = [{"index": 0, "delta": {"content": text}}]
        piece = {"id": "1", "object": "chat.completion.chunk", "created": 0}
        lines.append(json.dumps({**piece, "model": asked["model"], "choices": choices}))
    sent = "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"])
    return Reply(sent.encode(), kind="text/event-stream")


def echo(asked: Asked) -> Reply:
    """Say back the last message, in pieces where these are asked for."""
    said = f"{asked['messages'][-1]['content']} said"
    return pieces(asked, "", said) if asked.get("stream") else says(asked, f" {said} ")


class Service(ThreadingHTTPServer):
    """Answers on a free port of the loopback, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Asked], Reply] = echo) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[Asked] = []
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        self.server.keys.append(self.headers["Authorization"])
        lost = Reply(json.dumps({"error": self.path}).encode(), status=404)
        reply = self.server.answer(asked) if self.path == PATH else lost
        time.sleep(reply.after_seconds)
        self.send_response(reply.status)
        heads = {"Content-Type": reply.kind, "Content-Length": str(len(reply.body))}
        for name, value in {**heads, **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(reply.body)
        except OSError:  # who asked has given up meanwhile
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing on standard error."""


@contextmanager
def serving(answer: Callable[[Asked], Reply] = echo) -> Iterator[Service]:
    """Serve until the block ends."""
    with Service(answer) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
