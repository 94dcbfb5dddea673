import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from safetensors.torch import load_file, save_file  # noqa: E402

from trainer import checkpoints, finetune  # noqa: E402
from trainer.files import Progress  # noqa: E402
from tunewise.domain.errors import EnvironmentProblem, ModelError  # noqa: E402
from tunewise.domain.experiment import FinetuneSpec  # noqa: E402

from .conftest import FULL, LORA  # noqa: E402

pytestmark = pytest.mark.model

METHODS = pytest.mark.parametrize("spec", [LORA, FULL], ids=["lora", "full"])
STEPS = 9  # five examples in batches of two, three epochs


@pytest.fixture(autouse=True)
def save_after_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny model's steps are shorter than a checkpoint takes to write."""
    monkeypatch.setattr(checkpoints, "SHARE_OF_TIME", 1e9)


class Killed(BaseException):
    """What a test stops training with: nothing may catch it."""


class Killer(Progress):
    """Kills training after so many steps."""

    def __init__(self, path: Path, after: int) -> None:
        super().__init__(path)
        self._after = after

    def step(self, stage: str, done: int, total: int, **said: Any) -> None:
        if done == self._after and "step_loss" in said["metrics"]:
            raise Killed


def weights_of(folder: Path) -> dict[str, Any]:
    (path,) = (
        p
        for p in folder.iterdir()
        if p.name in ("adapter_model.safetensors", "model.safetensors")
    )
    return load_file(path)


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@METHODS
@pytest.mark.parametrize("after", [1, 3, 4, 8, 9])
def test_a_run_killed_after_any_step_ends_with_the_same_weights_bit_for_bit(
    train, tmp_path, spec: FinetuneSpec, after: int
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    _, uninterrupted = train(spec, whole)
    done, scores = (after - 1) // 3, [0.1, 0.2, 0.3]
    with pytest.raises(Killed):
        train(
            spec,
            killed,
            scores=scores[:done],
            progress=Killer(tmp_path / "p.jsonl", after),
        )
    (killed / "step-000099.partial").mkdir()  # what it was writing then
    (killed / "step-000099.partial" / "optimiser.safetensors").write_bytes(b"half")

    _, resumed = train(spec, killed, scores=scores[done:])

    for epoch in ("epoch-1", "epoch-2", "epoch-3"):
        assert same(weights_of(whole / epoch), weights_of(killed / epoch)), epoch
    assert [e["score"] for e in resumed.epochs] == scores
    assert [e["loss"] for e in resumed.epochs] == [
        e["loss"] for e in uninterrupted.epochs
    ]
    assert resumed.steps == uninterrupted.steps == STEPS
    assert not list(killed.glob("*.partial"))


def test_a_run_killed_while_it_answers_trains_nothing_again(train, tmp_path) -> None:
    def killed(_: object) -> float:
        raise Killed

    with pytest.raises(Killed):
        train(LORA, tmp_path, evaluate=killed)
    progress = Progress(tmp_path / "after.jsonl")

    train(LORA, tmp_path, progress=progress, scores=[0.1, 0.2, 0.3])

    lines = (tmp_path / "after.jsonl").read_text().splitlines()
    steps = [e["done"] for e in map(json.loads, lines) if "step_loss" in e]
    assert steps[0] == 4  # the first of the second epoch


def test_random_numbers_go_on_where_they_were(train, fresh, tmp_path) -> None:
    def run(folder: str, **changed: Any) -> None:
        model = fresh()
        for layer in model.model.layers:  # draws some in each step
            layer.self_attn.attention_dropout = 0.3
        train(LORA, tmp_path / folder, model=model, **changed)

    run("whole")
    killer = Killer(tmp_path / "p.jsonl", 5)
    with pytest.raises(Killed):
        run("killed", progress=killer, scores=[0.1])

    run("killed", scores=[0.2, 0.3])

    whole, killed = (weights_of(tmp_path / f / "epoch-3") for f in ("whole", "killed"))
    assert same(whole, killed)


@METHODS
def test_checkpoints_hold_safetensors_and_text_only(train, tmp_path, spec) -> None:
    train(spec, tmp_path)

    files = [p for p in tmp_path.rglob("*") if p.is_file() and p.parent != tmp_path]
    assert {p.suffix for p in files} <= {".safetensors", ".json", ".md"}
    (step,) = tmp_path.glob("step-*")  # the newest only
    assert step.name == "step-000009"
    state = load_file(step / "optimiser.safetensors")
    assert {k.split(".")[1] for k in state} == {"step", "exp_avg", "exp_avg_sq"}
    position = json.loads((step / "position.json").read_text())
    assert (position["epoch"], position["batches"]) == (3, 3)
    assert position["threads"] == torch.get_num_threads()


def test_saving_takes_a_small_share_of_the_time(
    train, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = []
    write = checkpoints._whole_or_not
    monkeypatch.setattr(
        checkpoints,
        "_whole_or_not",
        lambda target, how: (saved.append(target.name), write(target, how)),
    )
    monkeypatch.setattr(checkpoints, "SHARE_OF_TIME", 1e-6)

    train(LORA, tmp_path)

    steps = [name for name in saved if name.startswith("step")]
    assert steps == ["step-000001", "step-000003", "step-000006", "step-000009"]


def full_disk(*_: object, **__: object) -> None:
    """Fail as safetensors does on a full disk."""
    from safetensors import SafetensorError

    raise SafetensorError("I/O error: No space left on device (os error 28)")


def test_a_full_disk_is_an_error_of_the_disk_and_leaves_the_last_checkpoint(
    train, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Killed):
        train(LORA, tmp_path, progress=Killer(tmp_path / "p.jsonl", 2))
    monkeypatch.setattr(checkpoints, "save_file", full_disk)

    with pytest.raises(OSError, match="No space left") as caught:
        train(LORA, tmp_path)

    assert caught.value.errno == 28
    assert [p.name for p in tmp_path.glob("step-*")] == ["step-000002"]


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_weights(
    train, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss_of, asked = finetune.loss_of, []

    def spoilt(model: Any, one: Any) -> Any:
        asked.append(one)
        return loss_of(model, one) * (math.nan if len(asked) == 3 else 1)

    monkeypatch.setattr(finetune, "loss_of", spoilt)

    with pytest.raises(ModelError, match=r"step 3 of 9: the loss is no number") as told:
        train(LORA, tmp_path)

    assert "Lower learning_rate (it was 0.005)" in str(told.value)
    (step,) = tmp_path.glob("step-*")
    assert step.name == "step-000002"
    kept = load_file(step / "weights.safetensors")
    assert all(w.isfinite().all() for w in kept.values())


def out_of_memory(above: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let passes of more tokens fail as the allocator of torch does; return sizes."""
    loss_of, sizes = finetune.loss_of, []

    def limited(model: Any, one: Any) -> Any:
        sizes.append(one.ids.shape[1])
        if sizes[-1] > above:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")
        return loss_of(model, one)

    monkeypatch.setattr(finetune, "loss_of", limited)
    return sizes


def test_running_out_of_memory_halves_the_work_at_a_time_and_trains_the_same(
    train, examples, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(LORA, batch_size=5)
    train(spec, tmp_path / "whole")
    longest = max(len(e.ids) for e in examples)
    sizes = out_of_memory(longest, monkeypatch)

    _, trained = train(spec, tmp_path / "little")

    assert sizes[0] > longest
    assert max(sizes[5:]) <= longest
    assert trained.pack_tokens < finetune.PACK_TOKENS
    assert trained.steps == 3
    whole = weights_of(tmp_path / "whole" / "epoch-3")
    little = weights_of(tmp_path / "little" / "epoch-3")
    assert max(float((whole[k] - little[k]).abs().max()) for k in whole) < 1e-4


def test_what_fitted_into_memory_is_remembered(
    train, examples, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(LORA, batch_size=5)
    sizes = out_of_memory(max(len(e.ids) for e in examples), monkeypatch)
    with pytest.raises(Killed):
        train(spec, tmp_path, progress=Killer(tmp_path / "p.jsonl", 1))
    sizes.clear()

    train(spec, tmp_path)

    assert max(sizes) <= max(len(e.ids) for e in examples)


def test_an_example_that_does_not_fit_at_all_is_said(
    train, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_memory(3, monkeypatch)

    with pytest.raises(EnvironmentProblem, match="memory ran out on a single example"):
        train(LORA, tmp_path)


def test_other_errors_are_no_lack_of_memory(
    train, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> None:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(finetune, "loss_of", wrong)

    with pytest.raises(RuntimeError, match="shapes"):
        train(LORA, tmp_path)


def test_a_checkpoint_is_replaced_when_its_epoch_is_ended_again(
    train, tmp_path
) -> None:
    _, first = train(LORA, tmp_path)
    save_file({"broken": torch.zeros(1)}, tmp_path / "epoch-3" / "old.safetensors")
    (tmp_path / "epoch-3" / "epoch.json").unlink()  # it was killed just before

    _, second = train(LORA, tmp_path, scores=[0.3])

    assert second == first
    assert not (tmp_path / "epoch-3" / "old.safetensors").exists()
