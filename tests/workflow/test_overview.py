import datetime as dt
from dataclasses import replace

import pytest

from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import records
from tunewise.workflow.overview import attention

from .conftest import Measured


def test_an_empty_home_needs_no_attention(home: Home) -> None:
    view = attention(home)

    assert view["empty"]
    assert (view["decisions"], view["experiments"], view["models"]) == ([], [], [])


def test_open_decisions_and_reviews_that_are_due_need_attention(home: Home) -> None:
    opened = decisions.propose(home, {}, title="Open")["id"]
    due = decisions.propose(home, {}, title="Due")["id"]
    decisions.accept(home, due, review_on="2026-12-01")
    later = replace(home, clock=lambda: dt.datetime(2026, 12, 1, tzinfo=dt.UTC))

    assert [d["id"] for d in attention(home)["decisions"]] == [opened]
    assert [d["id"] for d in attention(later)["decisions"]] == [opened, due]
    assert attention(home)["finished_report"] == due


@pytest.mark.model
def test_the_newest_experiments_are_listed(measured: Measured) -> None:
    view = attention(measured.home)

    assert not view["empty"]
    assert [e["status"] for e in view["experiments"]] == ["finished"]


def test_jobs_that_are_not_done_are_shown_and_counted(home: Home) -> None:
    before = attention(home)
    job = records.add(home, records.RUN, "Desk", files={})

    view = attention(home)

    assert (before["jobs"], before["jobs_total"]) == ([], 0)
    assert ([job["job"] for job in view["jobs"]], view["jobs_total"]) == ([job.id], 1)
