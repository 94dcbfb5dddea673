import datetime as dt
import re
from pathlib import Path

import pytest

from tunewise.domain.errors import EnvironmentProblem
from tunewise.workflow.home import Home, slug

from .conftest import ADA


def test_times_are_utc_to_the_millisecond(home: Home) -> None:
    assert home.now() == "2026-11-22T12:00:00.000+00:00"
    assert home.today() == dt.date(2026, 11, 22)


def test_the_real_clock_is_utc(tmp_path: Path) -> None:
    assert Home(tmp_path, ADA).now().endswith("+00:00")


def test_ids_read_well_and_differ(home: Home) -> None:
    ids = {home.new_id("d", "Über uns: HR!") for _ in range(50)}

    assert len(ids) == 50
    assert all(re.fullmatch(r"d-uber-uns-hr-[a-hj-km-np-z2-9]{6}", id) for id in ids)


@pytest.mark.parametrize(
    ("title", "expected"),
    [("", "untitled"), ("質問", "untitled"), ("a" * 60, "a" * 40), (" -x- ", "x")],
)
def test_any_title_can_stand_in_an_id(title: str, expected: str) -> None:
    assert slug(title) == expected


@pytest.mark.parametrize("below", [".", "deeper"])
def test_a_home_that_is_a_file_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    home = Home(tmp_path / "file" / below, ADA)

    with pytest.raises(EnvironmentProblem, match="the folder cannot be made"):
        home.store(create=True)


def test_a_home_without_records_says_so(home: Home) -> None:
    assert not home.has_records()
    with pytest.raises(EnvironmentProblem, match="nothing is recorded here"):
        home.store()

    assert not home.path.exists()
