"""People who act at the same moment, each over a connection of their own."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Barrier, Thread
from urllib.parse import urlencode

import pytest
import waitress

from tunewise.domain.decision import Actor
from tunewise.web.app import create_app
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .test_acts import FACTS
from .test_jobs import OURS

PEOPLE = ("Ada", "Bea", "Cy", "Tomas")
HEADERS = {**OURS, "Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home", Actor("Ines Okafor"))


@pytest.fixture
def port(home):
    with serving(create_app(home)) as found:
        yield found


@contextmanager
def serving(app) -> Iterator[int]:
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(timeout=5)


def asked(connection, method, path, fields=()):
    body = urlencode(fields) if fields else None
    connection.request(method, path, body, HEADERS)
    response = connection.getresponse()
    return response.status, response.read().decode()


def at_once(port, steps):
    """Return what each person was told who reads a form and sends it with the rest."""
    told, barrier = {}, Barrier(len(steps), timeout=30)

    def act(who, path, fields):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        _, page = asked(connection, "GET", path)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
        barrier.wait()
        told[who] = asked(
            connection, "POST", path, {**dict(hidden), **fields, "by": who}
        )
        connection.close()

    threads = [Thread(target=act, args=step) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return told


@pytest.mark.parametrize("acts", ["accept", "accept reject withdraw accept"])
def test_of_people_who_close_a_decision_at_once_one_wins_and_all_others_are_told(
    acts, home, port
):
    fields = {
        "accept": {"choice": "hybrid", "because": "We can."},
        "reject": {"because": "Too dear."},
        "withdraw": {"because": "Too early."},
    }
    each = (acts.split() * len(PEOPLE))[: len(PEOPLE)]
    for _ in range(3):
        id = decisions.propose(home, FACTS, title="Support desk")["id"]

        told = at_once(
            port,
            [
                (who, f"/decisions/{id}/{act}", fields[act])
                for who, act in zip(PEOPLE, each, strict=True)
            ],
        )

        assert sorted(status for status, _ in told.values()) == [303, 409, 409, 409]
        (winner,) = [who for who, (status, _) in told.items() if status == 303]
        view = decisions.show(home, id)
        assert [e["actor"] for e in view["audit"]] == ["Ines Okafor", winner]
        for who, (status, page) in told.items():
            if status == 409:
                assert "Nothing was recorded" in page, who
                assert re.search(rf"decision\.\w+ by {winner} at 20", page), who
                because = fields[each[PEOPLE.index(who)]]["because"]
                assert f">{because}</dd>" in page  # what was typed is not lost
    assert integrity.verify(home)["ok"]


def test_all_who_sign_at_once_have_signed(home, port):
    id = decisions.propose(home, FACTS, title="Support desk")["id"]

    told = at_once(
        port,
        [(who, f"/decisions/{id}/sign", {"role": f"role of {who}"}) for who in PEOPLE],
    )

    assert [status for status, _ in told.values()] == [303] * 4
    signed = decisions.show(home, id)["audit"][1:]
    assert sorted(e["actor"] for e in signed) == sorted(PEOPLE)
    assert integrity.verify(home)["ok"]


def test_of_people_who_describe_at_once_nobody_undoes_what_another_said(home, port):
    id = decisions.propose(home, FACTS, title="Support desk")["id"]
    path = f"/decisions/{id}/describe"

    told = at_once(port, [(who, path, {"owner": who}) for who in PEOPLE[:2]])

    assert sorted(status for status, _ in told.values()) == [303, 409]
    (winner,) = [who for who, (status, _) in told.items() if status == 303]
    assert decisions.show(home, id)["description"]["owner"] == winner


def test_what_arrives_slowly_or_breaks_off_keeps_nobody_waiting(home, port):
    id = decisions.propose(home, FACTS, title="Support desk")["id"]
    head = (
        f"POST /decisions/{id}/reject HTTP/1.1\r\nHost: localhost\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Length: 900\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\nby=Ada&because=No"
    )
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    for connection in slow:
        connection.sendall(head.encode())

    reader = HTTPConnection("127.0.0.1", port, timeout=5)
    meanwhile, _ = asked(reader, "GET", "/")
    for connection in slow:
        connection.close()  # with half of a form sent
    after, _ = asked(reader, "GET", "/")
    reader.close()

    assert (meanwhile, after) == (200, 200)
    assert decisions.show(home, id)["status"] == "proposed"
