"""What another version of Tunewise wrote still holds: a home and its reports, as kept.

``stored/make.py`` made them with the software of that day.
"""

import tarfile
from pathlib import Path

import pytest

from tunewise.domain.decision import Actor
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .reported import FORMS, forge, put, said_of

STORED = sorted((Path(__file__).parent / "stored").glob("*.tar.xz"))


@pytest.fixture(params=STORED, ids=lambda path: path.name.removesuffix(".tar.xz"))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)
    return tmp_path


def test_a_report_is_kept_of_an_older_version() -> None:
    assert [path.name for path in STORED] == ["0.1.0.tar.xz"]


@pytest.mark.parametrize("form", FORMS)
def test_a_report_of_an_older_version_still_verifies(kept: Path, form: str) -> None:
    home = Home(kept / "home", Actor("Cleo Roux"))

    view = integrity.verify(home, kept / f"report.{form}")

    assert view["problems"] == []


@pytest.mark.parametrize(
    "path",
    [
        "choice",
        "experiment_views.0.arms.rag.metrics.accuracy.value",
        "experiment_views.0.verdict.recommended",
        "experiment_views.0.verdict.findings",
        "lineage.decision.justification",
        "lineage.dataset.digest",
    ],
)
def test_an_older_report_that_was_forged_is_found(kept: Path, path: str) -> None:
    report = kept / "report.json"
    forge(report, lambda record: put(record, path.split("."), "forged"))

    messages = said_of(Home(kept / "home", Actor("Cleo Roux")), report)

    assert any('the report says "forged"' in message for message in messages)
