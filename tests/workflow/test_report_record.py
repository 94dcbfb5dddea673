"""What a report says beyond its record's body, as it stood at the report's head."""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracker import datasets as dataset_records
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.models import deployments, exporting
from tunewise.workflow.models import versions as models

from .imports import register_model
from .on_heldout import begin, register, run

Report = Callable[[dict[str, Any]], list[str]]


@pytest.fixture
def said_of(home: Home, tmp_path: Path) -> Report:
    """Return the problems of a report with this record."""

    def said(record: dict[str, Any]) -> list[str]:
        path = tmp_path / "report.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        return [p["message"] for p in integrity.verify(home, path)["problems"]]

    return said


@pytest.fixture
def measured(home: Home) -> dict[str, Any]:
    """A decision on a score, a run beside it, and a target that came late."""
    register(home)
    cited = run(home, begin(home, "e-1", "desk@1"), score=0.8)
    run(home, begin(home, "e-2", "desk@1"), score=0.6)
    begin(home, "e-3", "desk@1", target=0.7)
    facts = {
        "rag_score": {"value": 0.8, "evidence": f"run:{cited}"},
        "target_score": 0.75,
    }
    return decisions.propose(home, facts, title="Desk")


def test_a_report_with_runs_holds_and_stays_true_while_more_are_made(
    home: Home, measured: dict[str, Any], said_of: Report
) -> None:
    assert measured["target_set_after_score"]
    assert (len(measured["runs_on_heldout"]), bool(measured["changes"])) == (2, True)
    assert said_of(measured) == []

    run(home, begin(home, "e-4", "desk@1"), score=0.9)
    run(home, "e-3", score=None)
    decisions.accept(home, measured["id"], choice="rag", because="measured")
    decisions.supersede(home, measured["id"], {"must_cite_sources": True})

    assert said_of(measured) == []


@pytest.mark.parametrize(
    ("path", "forged"),
    [
        ("runs_on_heldout", []),
        ("runs_on_heldout.1.score", 0.9),
        ("runs_on_heldout.0.status", "failed"),
        ("runs_on_heldout.1.cited", True),
        ("runs_on_heldout_total", 1),
        ("equivalence_margin.stated", True),
        ("evidence_links.0.checked", "the file exists, kept here"),
        ("claims.0.standing", "stated"),
        ("changes", []),
        ("changes.0.after", 0.5),
        ("target_set_after_score", False),
        ("margin_set_after_score", True),
        ("state_digest", "sha256:0"),
        ("to_be_superseded_by", "d-other"),
    ],
)
def test_what_was_tried_cannot_be_forged(
    measured: dict[str, Any], said_of: Report, path: str, forged: object
) -> None:
    *outer, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    part: Any = measured
    for key in outer:
        part = part[key]
    part[last] = forged

    (first, *_) = said_of(measured)

    assert first.startswith(re.sub(r"\.(\d+)", r"[\1]", path)), first


def test_a_report_of_older_software_may_tell_less_of_what_moved(
    measured: dict[str, Any], said_of: Report
) -> None:
    new = {"equivalence_margin", "runs_on_heldout_total", "review_in_past"}
    older = {key: value for key, value in measured.items() if key not in new}

    assert said_of(older | {"changes": measured["changes"][:1]}) == []


def test_evidence_that_is_deleted_later_was_there_when_the_report_was_written(
    home: Home, said_of: Report
) -> None:
    register(home)
    facts = {"must_cite_sources": {"value": True, "evidence": "dataset:desk@1"}}
    id = decisions.propose(home, facts, title="Desk")["id"]
    before = decisions.show(home, id)
    with home.store() as store:
        who = {"actor": home.actor, "at": home.now()}
        dataset_records.delete(store, "desk@1", because="consent withdrawn", **who)
    after = decisions.show(home, id)

    assert "deleted" in after["evidence_links"][0]["found"]
    assert said_of(before) == []
    assert said_of(after) == []
    assert said_of(after | {"evidence_links": before["evidence_links"]}) != []


def test_a_pending_successor_is_that_of_the_head(home: Home, said_of: Report) -> None:
    id = decisions.propose(home, {}, title="Desk")["id"]
    decisions.accept(home, id, choice="prompt", because="try it")
    new = decisions.supersede(home, id, {"must_cite_sources": True})["id"]
    view = decisions.show(home, id)
    decisions.accept(home, new, choice="rag", because="sources")

    assert view["to_be_superseded_by"] == new
    assert said_of(view) == []


@pytest.fixture
def model(home: Home, tmp_path: Path) -> dict[str, Any]:
    """What an export says of a version with an alias that runs."""
    id = register_model(home, "mail")
    models.alias(home, id, "production", because="it won")
    deployments.deploy(
        home,
        id,
        product="mail room",
        environment="live",
        outside="mail-llm",
        because="it won",
    )
    exporting.export(home, id, tmp_path / "export")
    record: dict[str, Any] = json.loads(
        (tmp_path / "export" / "tunewise.json").read_text(encoding="utf-8")
    )
    return record


def test_an_export_stays_true_when_its_version_is_retired(
    home: Home, model: dict[str, Any], said_of: Report
) -> None:
    assert said_of(model) == []

    second = register_model(home, "mail", purpose="more")
    models.alias(home, second, "production", because="better")
    models.retire(home, "mail@1", because="old")

    assert said_of(model) == []


@pytest.mark.parametrize(
    ("key", "forged"),
    [
        ("aliases", []),
        ("alias_history", []),
        ("retired", "unsafe"),
        ("retired_at", "2026-01-01"),
        ("deployments", []),
        ("by", "Eve"),
        ("purpose", "other"),
        ("drift_checks", [{"drifted": True}]),
        ("option", "prompt"),
    ],
)
def test_what_happened_to_a_version_cannot_be_forged(
    model: dict[str, Any], said_of: Report, key: str, forged: object
) -> None:
    (message, *_) = said_of({**model, key: forged})

    assert message.startswith(f"{key}: the report ")


def test_a_body_key_of_a_version_is_missed(
    model: dict[str, Any], said_of: Report
) -> None:
    del model["option"]

    assert said_of(model) == ["option: the report lacks it"]


@pytest.mark.parametrize(("key", "forged"), [("runs", False), ("planned", True)])
def test_whether_a_deployment_ran_cannot_be_forged(
    model: dict[str, Any], said_of: Report, key: str, forged: object
) -> None:
    model["deployments"][0][key] = forged

    (message,) = said_of(model)

    assert message.startswith(f"deployments[0].{key}: the report says ")


def test_a_deployment_may_have_begun_after_the_head_of_the_report(
    home: Home, model: dict[str, Any], said_of: Report
) -> None:
    deployments.deploy(
        home,
        "mail@1",
        product="mail room",
        environment="live",
        outside="mail-llm-next",
        because="it won",
        since="2026-11-24",
    )
    later = replace(home, clock=lambda: dt.datetime(2026, 11, 25, tzinfo=dt.UTC))
    before, after = (models.show(then, "mail@1") for then in (home, later))
    head = integrity.head(home)

    assert [v["deployments"][1]["runs"] for v in (before, after)] == [False, True]
    assert said_of({**after, "audit_head": head}) != []  # as of a day that is to come
    for view, of in ((before, "before"), (after, "after")):
        path = home.path.parent / f"{of}.json"
        path.write_text(json.dumps({**view, "audit_head": head}), encoding="utf-8")
        assert integrity.verify(later, path)["problems"] == []


def test_a_dataset_is_held_against_its_events_too(
    home: Home, paths: dict[str, Path], said_of: Report, tmp_path: Path
) -> None:
    datasets.register(home, "desk", paths)
    datasets.export(home, "desk@1", tmp_path / "out")
    text = (tmp_path / "out" / "tunewise.json").read_text(encoding="utf-8")
    record: dict[str, Any] = json.loads(text)
    datasets.delete(home, "desk@1", because="no basis any more")

    assert said_of(record) == []
    for key, forged in (("deleted", "lost"), ("by", "Eve"), ("splits", {})):
        (message, *_) = said_of({**record, key: forged})
        assert message.startswith(key)
