"""A program in front of the API: a client that speaks JSON, over homes of its own."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tunewise.domain.decision import Actor
from tunewise.web.app import create_app
from tunewise.workflow.home import Home

V1 = "/api/v1"
FACTS = {"task_type": "classification"}


@dataclass(frozen=True)
class Api:
    client: Any
    home: Home

    def get(self, path, **more):
        return self.client.get(V1 + path, **more)

    def post(self, path, body=None, /, headers=None, **said):
        return self.client.post(V1 + path, json=body or said, headers=headers)

    def propose(self, title="Support desk", **more):
        made = self.post("/decisions", by="Ada", title=title, facts=FACTS, **more)
        assert made.status_code == 201, made.text
        return made

    @staticmethod
    def chats(count, *, start=0):
        """Return chat JSON Lines with two labels."""
        rows = []
        for n in range(start, start + count):
            label = ("card", "refund")[n % 2]
            messages = [
                {"role": "user", "content": f"message {n} about my {label}"},
                {"role": "assistant", "content": label},
            ]
            record = {"messages": messages, "metadata": {"id": f"t-{n}"}}
            rows.append(json.dumps(record))
        return "\n".join(rows) + "\n"

    def register(self, count=20):
        made = self.post(
            "/datasets/triage",
            by="Ada",
            files={
                "train": self.chats(count),
                "validation": self.chats(6, start=500),
                "heldout": self.chats(8, start=900),
            },
            accept_because="made for this test",
            owner="Ines Okafor",
        )
        assert made.status_code == 201, made.text
        return made

    def accept(self, id, **more):
        return self.post(f"/decisions/{id}/accept", {"by": "Ada", **more})


@pytest.fixture
def api(tmp_path):
    """Return the API over an empty home."""
    home = Home(tmp_path / "home", Actor("Ines Okafor"))
    return Api(create_app(home).test_client(), home)


@pytest.fixture
def read(filled):
    """Return the API over the filled home, to read only."""
    return Api(create_app(filled.home).test_client(), filled.home)
