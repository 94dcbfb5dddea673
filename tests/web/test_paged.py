"""A list in pages: the newest first, and a twin that has all unless asked for one."""

import shutil
from dataclasses import replace

import pytest

from tunewise.web import paged
from tunewise.web.app import create_app
from tunewise.workflow import decisions


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(paged, "MOST", 1)


def test_a_page_holds_no_more_than_its_rows_and_names_the_next(client, filled, short):
    first = client.get("/decisions").text
    second = client.get("/decisions?page=2").text

    newest, before, *_ = [d["id"] for d in decisions.list_all(filled.home)][::-1]
    assert f'"/decisions/{newest}"' in first
    assert f'"/decisions/{before}"' not in first
    assert f'"/decisions/{before}"' in second
    assert 'href="?page=2"' in first
    assert 'href="?page=1"' in second


def test_a_twin_has_all_rows_unless_a_page_is_asked_for(client, filled, short):
    every = decisions.list_all(filled.home)

    assert client.get("/decisions.json").json == every
    assert len(every) > 1
    assert len(client.get("/decisions.json?page=1").json) == 1


@pytest.mark.parametrize("asked", ["0", "-3", "99", "x"])
def test_a_page_that_is_not_there_is_the_nearest(client, short, asked):
    assert client.get(f"/decisions?page={asked}").status_code == 200


def test_what_somebody_records_is_on_the_next_page_that_is_opened(filled, tmp_path):
    home = replace(filled.home, path=tmp_path / "copy")
    shutil.copytree(filled.home.path, home.path)
    client = create_app(home).test_client()
    assert client.get("/portfolio").status_code == 200

    made = decisions.propose(home, {}, title="Recorded since")["id"]
    assert made in client.get("/decisions").text

    decisions.withdraw(home, made, because="only for this test")
    rows = client.get("/decisions.json").json
    assert {row["id"]: row["status"] for row in rows}[made] == "withdrawn"
