import json
from dataclasses import replace
from pathlib import Path

import pytest

from trainer.arms import run_arm
from trainer.asking import Data
from trainer.files import Progress
from trainer.run_config import read_run_config
from tunewise.domain.errors import SpecError


@pytest.fixture
def answered(toy, toy_config, tmp_path: Path, progress: Progress):
    """Answers of an arm, run anew or again with what it found."""

    def answered(arm: str, given: Data | None = None, **changed):
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        (folder / "run.json").write_text(json.dumps(toy_config(arm, **changed)))
        return run_arm(read_run_config(folder), given or Data(**toy), folder, progress)

    return answered


@pytest.mark.model
@pytest.mark.parametrize("arm", ["prompt", "finetune"])
def test_a_run_answers_other_examples_with_what_it_found(answered, toy, arm) -> None:
    first = answered(arm)
    other = Data(**toy)
    other = replace(other, heldout=other.heldout[::-1])

    again = answered(arm, other, again={"setup": first.setup, "weights": first.weights})

    assert [a.text for a in again.answers] == [a.text for a in first.answers][::-1]
    assert (again.setup, again.setups, again.train) == (first.setup, [], None)


@pytest.mark.model
def test_a_set_up_that_the_configuration_does_not_make_is_refused(answered) -> None:
    with pytest.raises(SpecError, match="no set-up is named 'few-shot 99'"):
        answered("prompt", again={"setup": "few-shot 99", "weights": ""})
