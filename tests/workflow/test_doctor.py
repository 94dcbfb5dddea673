from dataclasses import replace
from pathlib import Path

from tunewise.workflow.doctor import examine
from tunewise.workflow.home import Home


def test_the_doctor_says_what_is_there(home: Home) -> None:
    view = examine(home)

    assert view["home"] == str(home.path)
    assert view["records"] is False
    assert view["packages"]["flask"]
    assert view["base_models"] == []
    assert view["free_gigabytes"] > 0


def test_the_doctor_looks_at_any_home(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert examine(replace(home, path=tmp_path / "file" / "x"))["records"] is False


def test_the_doctor_names_a_base_model_that_is_damaged(home: Home) -> None:
    folder = home.models / "base" / "tiny"
    folder.mkdir(parents=True)
    (folder / "tunewise.json").write_text("{")

    (said,) = examine(home)["base_models"]

    assert "base/tiny/tunewise.json: damaged" in said
