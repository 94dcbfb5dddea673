import json
from pathlib import Path

import pytest

from tunewise.domain.description import FIELDS
from tunewise.domain.errors import EnvironmentProblem
from tunewise.workflow import decisions, demo
from tunewise.workflow.home import Home


def test_a_home_that_is_not_the_demos_is_left_alone(home: Home) -> None:
    id = decisions.propose(home, {}, title="Ours")["id"]

    with pytest.raises(EnvironmentProblem, match="no home of the demo"):
        demo.remove(home)
    with pytest.raises(EnvironmentProblem, match="not the demo's"):
        demo.run(home, tell=lambda _: None)

    assert decisions.show(home, id)["title"] == "Ours"


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path, home: Home) -> None:
    home.path.write_text("a file")

    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        demo.run(home, tell=lambda _: None)


def test_removing_a_demo_keeps_the_base_model_and_nothing_else(home: Home) -> None:
    decisions.propose(home, {}, title="Demo")
    for name in ("DEMO", "demo.json", "decision-report.html"):
        (home.path / name).write_text("{}")
    for folder in ("models/base", "runs/e-demo"):
        (home.path / folder).mkdir(parents=True)

    demo.remove(home)

    assert sorted(p.name for p in home.path.iterdir()) == ["DEMO", "models"]


def test_removing_a_demo_that_never_was_is_no_mistake(home: Home) -> None:
    demo.remove(home)

    assert not home.path.exists()


@pytest.mark.parametrize("content", [None, "{broken"])
def test_a_demo_that_did_not_end_is_not_finished(
    home: Home, content: str | None
) -> None:
    home.path.mkdir()
    if content:
        (home.path / "demo.json").write_text(content)

    assert demo.finished(home) is None


def test_the_demo_says_everything_of_its_decision_that_can_be_said(
    home: Home,
) -> None:
    id = decisions.propose(home, {}, title="Demo")["id"]

    view = demo.describe(home, id)

    assert view["description"].keys() == FIELDS.keys()
    for people in ("owner", "data_owner", "maintainer"):
        assert view["description"][people].startswith("DEMO ")


def test_everything_the_demo_says_about_itself_is_honest() -> None:
    assert demo.LABEL == "DEMO"
    assert json.dumps(demo.NOTES).count("invented") == 1
