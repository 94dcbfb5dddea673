"""An experiment's fine-tuning as a configuration and data for TRL.

DIR/config.yaml    what ``trl sft --config`` reads
DIR/train.jsonl    token ids and labels, as a run of ours would train on them
DIR/model.toml     what ``tunewise model register --from`` reads afterwards
DIR/README.md      the two commands
DIR/tunewise.json  dataset version, base model and settings
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tracker import audit
from tunewise.domain.errors import ModelError, SpecError
from tunewise.domain.experiment import FinetuneSpec
from tunewise.workflow import processes
from tunewise.workflow.experiments.one_run import Task, config_of
from tunewise.workflow.experiments.planned import write_data
from tunewise.workflow.experiments.planning import Plan, make_plan
from tunewise.workflow.experiments.telling import Tell
from tunewise.workflow.home import Home
from tunewise.workflow.models.bases import FetchedModel
from tunewise.workflow.output import exported_record, write_folder
from tunewise.workflow.views import View

TRAINED = "trained"
WARMUP = 0.05  # share of the steps, as in trainer/finetune.py


def export(home: Home, spec_path: Path, folder: Path, *, tell: Tell) -> View:
    """Write what TRL needs to do the fine-tuning of a specification.

    The dataset version is registered, as when the experiment is run.

    Raises
    ------
    TunewiseError
        If the specification cannot be run as it stands, or the folder is not empty.
    """
    plan = make_plan(home, spec_path, tell=tell)
    if plan.base is None:
        raise SpecError(
            f"{spec_path}: nothing is fine-tuned here: every arm runs on an endpoint\n"
            "  Name base_model, or leave [endpoint] out."
        )
    settings = config(plan, plan.base)
    record = {
        "title": plan.spec.title,
        "dataset": plan.dataset,
        "base_model": asdict(plan.base),
        "finetune": FinetuneSpec.settings(asdict(plan.spec.finetune)),
        "seed": plan.spec.seeds[0],
    }
    with home.store() as store:
        head = audit.head(store)
    files = [
        ("config.yaml", _yaml(settings).encode()),
        ("train.jsonl", _rendered(plan)),
        ("model.toml", _register_from(plan, plan.base).encode()),
        ("README.md", _readme(plan).encode()),
        exported_record(record, head=head),
    ]
    return {**record, "files": write_folder(folder, files)}


def config(plan: Plan, base: FetchedModel) -> dict[str, Any]:
    """Return the settings of ``trl sft`` that train as a run of ours would.

    They name no device, so TRL takes a GPU where there is one.
    """
    spec = plan.spec.finetune
    adapter = {
        "use_peft": True,
        "lora_r": spec.rank,
        "lora_alpha": spec.alpha,
        "lora_dropout": 0.0,
        "lora_target_modules": "all-linear",
    }
    return {
        "model_name_or_path": str(Path(base.folder).resolve()),
        "dtype": "float32",
        "bf16": False,  # TRL's own default, which a machine without a GPU refuses
        "gradient_checkpointing": False,
        "datasets": [{"path": "json", "data_files": "train.jsonl"}],
        **(adapter if spec.method == "lora" else {}),
        "num_train_epochs": spec.epochs,
        "learning_rate": spec.learning_rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": WARMUP,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "per_device_train_batch_size": spec.batch_size,
        "gradient_accumulation_steps": 1,
        "max_length": None,
        "packing": False,
        "seed": plan.spec.seeds[0],
        "save_strategy": "epoch",
        "report_to": "none",
        "output_dir": TRAINED,
    }


def _rendered(plan: Plan) -> bytes:
    """Return the training examples as the trainer renders them, in a child process."""
    with tempfile.TemporaryDirectory() as name:
        there = Path(name) / "runs"
        moved = replace(plan, folder=there)
        write_data(moved)
        run = there / "finetune-0"
        run.mkdir()
        asked = config_of(Task(moved, "finetune", plan.spec.seeds[0]))
        (run / "run.json").write_text(json.dumps(asked), encoding="utf-8")
        ended = processes.call(["trainer.export_trl", str(run), str(there)])
        if ended.status:
            raise ModelError(ended.errors)
        return (there / "train.jsonl").read_bytes()


def _yaml(settings: Mapping[str, Any]) -> str:
    """Return settings as YAML, of which JSON is a part."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())


def _register_from(plan: Plan, base: FetchedModel) -> str:
    spec = plan.spec.finetune
    lora = spec.method == "lora"
    entries = {
        "option": "finetune",
        "adapter" if lora else "merged": TRAINED,
        "dataset": plan.dataset,
        "tool": "trl",
        "seeds": [plan.spec.seeds[0]],
    }
    licence = {"licence": base.licence} if base.licence else {}
    training = {
        key: getattr(spec, key)
        for key in (
            *("method", "epochs", "learning_rate", "batch_size"),
            *(("rank", "alpha") if lora else ()),
        )
    }
    return (
        _toml(entries)
        + "\n[base_model]\n"
        + _toml({"id": base.id, **licence})
        + "\n[training]\n"
        + _toml(training)
    )


def _toml(entries: Mapping[str, Any]) -> str:
    # strings, numbers and lists of numbers are written alike in JSON and TOML
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in entries.items())


def _readme(plan: Plan) -> str:
    return f"""# {plan.spec.title}: fine-tuning with TRL

The data are those of `{plan.dataset}`, rendered with the base model's chat template:
`labels` is -100 where nothing is trained. In this folder, in an environment with trl:

    trl sft --config config.yaml

What was trained is then in `{TRAINED}/`. Bring it back with its lineage:

    tunewise model register NAME --from model.toml
"""
