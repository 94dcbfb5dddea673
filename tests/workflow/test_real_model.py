"""The one test that uses the real base model: fetched, converted, trained, compared."""

from pathlib import Path

import pytest

from tunewise.domain.decision import Actor
from tunewise.workflow.experiments import running
from tunewise.workflow.home import Home
from tunewise.workflow.models import bases as base_models

DATA = Path(__file__).parents[2] / "examples" / "support-desk"

SPEC = f"""
title = "Real model"
arms = ["prompt", "finetune"]

[dataset]
train = "{DATA}/train.jsonl"
validation = "{DATA}/validation.jsonl"
heldout = "{DATA}/heldout.jsonl"

[task]
type = "structured_generation"
metric = "field_f1"
schema = "{DATA}/schema.json"

[facts]
stronger_model_allowed = false

[prompt]
setups = ["zero-shot"]

[finetune]
epochs = 2
learning_rate = 5e-4
batch_size = 4

[limits]
train = 40
validation = 6
heldout = 12
latency = 2
"""


@pytest.mark.slow
@pytest.mark.model
def test_the_real_base_learns_the_house_format_that_it_cannot_guess(
    tmp_path: Path,
) -> None:
    pytest.importorskip("torch", reason="needs the extra [train]")
    home = Home(tmp_path / "home", Actor("test"))
    spec = tmp_path / "experiment.toml"
    spec.write_text(SPEC, encoding="utf-8")

    report = running.run(home, spec, tell=lambda event: None)

    [base] = base_models.list_fetched(home.models)
    prompt, tuned = report["arms"]["prompt"], report["arms"]["finetune"]
    assert base.licence == "Apache-2.0"
    assert prompt["status"] == tuned["status"] == "finished"
    assert tuned["checks"]["reloaded_from_disk"] is True
    assert tuned["checks"]["largest_logit_difference"] > 0.1
    # zero-shot, no model can know the house's codes; 40 examples teach the format
    assert prompt["metrics"]["field_f1"]["value"] < 0.05
    assert tuned["metrics"]["json_valid"]["value"] > 0.8
    assert tuned["metrics"]["field_f1"]["value"] > 0.1
