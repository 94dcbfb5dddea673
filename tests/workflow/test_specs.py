import tomllib
from pathlib import Path

import pytest

from tunewise.domain.dataset import Provenance
from tunewise.domain.errors import TunewiseError
from tunewise.domain.experiment import ExperimentSpec
from tunewise.workflow.experiments.specs import parse_spec, read_spec

LEAST = """
title = "Desk"
dataset = "desk@1"
task = { type = "classification", metric = "accuracy" }
"""


def parse(text: str, folder: Path = Path()) -> ExperimentSpec:
    return parse_spec(tomllib.loads(text), where="spec.toml", folder=folder)


def changed(old: str, new: str) -> str:
    assert old in LEAST
    return LEAST.replace(old, new)


def test_what_is_left_out_has_the_documented_default() -> None:
    spec = parse(LEAST)

    assert spec.base_model == "smollm2-135m-instruct"
    assert spec.seeds == (0,)
    assert spec.arms == ()  # prompt and finetune, and two more where documents are
    assert spec.task.margin == 0.02
    assert (spec.task.target_score, spec.task.constrained) == (None, False)
    assert spec.endpoint is None
    assert spec.limits.heldout == 0
    assert spec.facts == {}


def test_every_table_is_read() -> None:
    spec = parse(
        LEAST
        + """
        arms = ["prompt", "rag"]
        seeds = [3, 5]
        facts.must_cite_sources = true
        endpoint = { base_url = "http://localhost:1", model = "m", key_env = "KEY" }
        prompt = { setups = ["few-shot"], shots = 3 }
        rag = { k = [1, 3], shots = 0, chunk_tokens = 40 }
        finetune = { method = "full", epochs = 2, learning_rate = 1e-5 }
        hybrid = { k = 3, train = 4 }
        limits = { heldout = 50, minutes = 1.5 }
        """
    )

    assert (spec.arms, spec.seeds) == (("prompt", "rag"), (3, 5))
    assert spec.facts == {"must_cite_sources": True}
    assert spec.endpoint is not None
    assert spec.endpoint.model == "m"
    assert (spec.prompt.setups, spec.rag.k) == (("few-shot",), (1, 3))
    assert (spec.finetune.method, spec.finetune.learning_rate) == ("full", 1e-5)
    assert (spec.hybrid.k, spec.hybrid.train) == ((3,), 4)
    assert spec.limits.minutes == 1.5


def test_the_check_off_the_task_is_on_and_can_be_switched_off(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").touch()

    left_out = parse(LEAST).regression
    said = parse(LEAST + 'regression = { examples = "own.jsonl" }', tmp_path)
    off = parse(LEAST + "regression.check = false").regression

    assert (left_out.check, left_out.examples) == (True, "")
    assert said.regression.examples == str(tmp_path / "own.jsonl")
    assert not off.check


def test_files_carry_whose_they_are(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").touch()
    said = 'train = "train.jsonl", owner = "Ada", classification = "internal"'

    spec = parse(changed('"desk@1"', f"{{ {said} }}"), tmp_path)

    assert spec.dataset_files == {"train": str(tmp_path / "train.jsonl")}
    assert spec.provenance == Provenance(owner="Ada", classification="internal")


REFUSED = {
    "no title": (changed('title = "Desk"', ""), "'title' is missing"),
    "empty title": (changed('"Desk"', '" "'), "title must be a text"),
    "no dataset": (changed('dataset = "desk@1"', ""), "'dataset' is missing"),
    "no task": (changed("task", "tasks"), "did you mean 'task'"),
    "task is no table": (changed(LEAST.splitlines()[3], "task = 1"), "be a table"),
    "no metric": (changed(', metric = "accuracy"', ""), "'metric' is missing"),
    "no type": (changed('type = "classification", ', ""), "'type' is missing"),
    "unknown key": (LEAST + "titlle = 1", "unknown key 'titlle', did you mean 'title'"),
    "unknown key in a table": (LEAST + "finetune.epocs = 1", "did you mean 'epochs'"),
    "unknown task type": (changed("classification", "classifikation"), "did you mean"),
    "a judge as metric": (
        changed("accuracy", "judge"),
        "picked by it on validation, where no judge reads",
    ),
    "unknown metric": (changed("accuracy", "accuracyy"), "did you mean 'accuracy'"),
    "unknown arm": (LEAST + 'arms = ["promptt"]', "did you mean 'prompt'"),
    "arm twice": (LEAST + 'arms = ["rag", "rag"]', "'rag' is named twice"),
    "arms no list": (LEAST + 'arms = "rag"', "arms must be a list"),
    "no seed": (LEAST + "seeds = []", "at least one seed"),
    "seed twice": (LEAST + "seeds = [1, 1]", "each once"),
    "seed below 0": (LEAST + "seeds = [-1]", "whole numbers from 0"),
    "seed too large": (LEAST + f"seeds = [{10**20}]", "to 4294967295, got 1000"),
    "seed true": (LEAST + "seeds = [true]", "whole numbers"),
    "base model a number": (LEAST + "base_model = 3", "base_model must be a text"),
    "unknown setup": (LEAST + 'prompt.setups = ["zero"]', "did you mean 'zero-shot'"),
    "no setup": (LEAST + "prompt.setups = []", "prompt.setups must name at least one"),
    "no k": (LEAST + "rag.k = []", "rag.k must name at least one"),
    "k of 0": (LEAST + "rag.k = [1, 0]", "rag.k must lie between 1 and 64, got 0"),
    "shots of 0": (LEAST + "prompt.shots = 0", "must lie between 1 and 64, got 0"),
    "epochs a text": (LEAST + 'finetune.epochs = "3"', "must be a whole number"),
    "epochs a half": (LEAST + "finetune.epochs = 1.5", "must be a whole number"),
    "epochs below 1": (LEAST + "finetune.epochs = 0", "between 1 and 100, got 0"),
    "rate of 0": (LEAST + "finetune.learning_rate = 0", "between 1e-09 and 1, got 0"),
    "rate a bool": (LEAST + "finetune.learning_rate = true", "must be a number"),
    "unknown method": (LEAST + 'finetune.method = "qlora"', "did you mean 'lora'"),
    "unknown policy": (LEAST + 'finetune.too_long = "cut"', "drop, truncate, refuse"),
    "rank of full training": (
        LEAST + 'finetune = { method = "full", rank = 8 }',
        "finetune.rank: full training has none",
    ),
    "alpha of full training": (
        LEAST + 'finetune = { method = "full", alpha = 8 }',
        "finetune.alpha: full training has none",
    ),
    "rate below 0": (LEAST + "finetune.learning_rate = -1e-4", "1, got -0.0001"),
    "patience below 0": (LEAST + "finetune.patience = -1", "0 and 100, got -1"),
    "unknown key off the task": (
        LEAST + "regression.chek = true",
        "did you mean 'check'",
    ),
    "no examples off the task": (
        LEAST + 'regression.examples = "no.jsonl"',
        "regression.examples: no such file: no.jsonl\n  Name a chat JSONL file",
    ),
    "limit below 0": (LEAST + "limits.heldout = -1", "must be at least 0, got -1"),
    "minutes no number": (LEAST + "limits.minutes = nan", "and 1000000, got nan"),
    "minutes without end": (LEAST + "limits.minutes = inf", "and 1000000, got inf"),
    "target above 1": (changed('"accuracy"', '"accuracy", target_score = 2'), "and 1"),
    "constrained": (
        changed('"accuracy"', '"accuracy", constrained = true'),
        "cannot be constrained yet",
    ),
    "constrained a text": (
        changed('"accuracy"', '"accuracy", constrained = "yes"'),
        "true or false",
    ),
    "endpoint without url": (LEAST + 'endpoint.model = "m"', "'base_url' is missing"),
    "endpoint without a scheme": (
        LEAST + 'endpoint = { base_url = "localhost:1", model = "m" }',
        "endpoint.base_url: 'localhost:1' is no address",
    ),
    "password in an address": (
        LEAST + 'rag.endpoint = { base_url = "http://a:b@c/v1", model = "m" }',
        "rag.endpoint.base_url: a password in it",
    ),
    "spending cap without prices": (
        LEAST + 'endpoint = { base_url = "http://c", model = "m", most_cost = 5 }',
        "endpoint.most_cost: without prices nobody knows what is spent",
    ),
    "endpoint that may receive what is no circle": (
        LEAST
        + 'rag.endpoint = { base_url = "http://c", model = "m", data_up_to = "x" }',
        "rag.endpoint.data_up_to: 'x' is not known",
    ),
    "no time at all": (
        LEAST
        + 'endpoint = { base_url = "http://c", model = "m", timeout_seconds = 0 }',
        "endpoint.timeout_seconds must lie between 0.1 and 86400",
    ),
    "model and endpoint of one arm": (
        LEAST
        + 'rag = { model = "a", endpoint = { base_url = "http://c", model = "m" } }',
        "rag.model: the arm names an endpoint, too",
    ),
    "endpoint of an arm that is trained": (
        LEAST + 'finetune.endpoint = { base_url = "http://c", model = "m" }',
        "[finetune]: unknown key 'endpoint'",
    ),
    "judge without an endpoint": (LEAST + "judge = {}", "'endpoint' is missing"),
    "judge told by a file that is not there": (
        LEAST
        + 'judge.prompt = "no"\n'
        + 'judge.endpoint = { base_url = "http://c", model = "m" }',
        "judge.prompt: no: cannot be read",
    ),
    "schema_valid without a schema": (
        changed("accuracy", "schema_valid"),
        "schema_valid needs task.schema",
    ),
    "dataset a number": (changed('"desk@1"', "3"), "a name@n or a table of files"),
    "dataset file unknown": (changed('"desk@1"', '{ test = "x" }'), "unknown key"),
    "dataset without train": (changed('"desk@1"', "{}"), "dataset.train is missing"),
    "blank reason": (
        changed('"desk@1"', '{ train = "train.jsonl", accept_because = " " }'),
        "accept_because must be a text",
    ),
    "circle unknown": (
        changed('"desk@1"', '{ train = "train.jsonl", classification = "publik" }'),
        "dataset.classification: 'publik' is not known, did you mean 'public'?",
    ),
    "dataset file missing": (changed('"desk@1"', '{ train = "no" }'), "no such file"),
    "facts file missing": (LEAST + 'facts = "no.toml"', "facts: no such file"),
    "facts a number": (LEAST + "facts = 3", "facts must be a text"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_could_ruin_a_run_is_refused_with_the_place(
    text: str, message: str
) -> None:
    with pytest.raises(TunewiseError) as told:
        parse(text)

    assert message in str(told.value)
    assert str(told.value).startswith("spec.toml: ")


def test_a_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(LEAST + f"facts.x = {'[' * 3000}")

    with pytest.raises(TunewiseError, match=r"deep\.toml: not TOML"):
        read_spec(path)


def test_paths_are_relative_to_the_specification(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "train.jsonl").write_text("")
    (tmp_path / "known.toml").write_text("must_cite_sources = true")
    text = """
    title = "Desk"
    dataset.train = "train.jsonl"
    facts = "known.toml"
    base_model = "model"
    task = { type = "extraction", metric = "schema_valid", schema = "schema.json" }
    """

    spec = parse(text, tmp_path)

    assert spec.dataset_files == {"train": str(tmp_path / "train.jsonl")}
    assert spec.facts == {"must_cite_sources": True}
    assert spec.base_model == str(tmp_path / "model")
    assert spec.task.schema == str(tmp_path / "schema.json")


def test_facts_of_an_earlier_experiment_are_read_as_json(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"facts": {"must_cite_sources": true}}')

    spec = parse(LEAST + 'facts = "facts.json"', tmp_path)

    assert spec.facts == {"facts": {"must_cite_sources": True}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"title = ", "not TOML"),
        (b"\xff\xfe", "cannot be read"),
        (b"seeds = [%s]" % (b"9" * 5000), "not TOML: Exceeds the limit"),
        (b"a = %s" % (b"[" * 20_000), "not TOML: nested too deeply"),
    ],
    ids=["missing", "broken", "not text", "a huge number", "deep"],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "spec.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(TunewiseError) as told:
        read_spec(path)

    assert str(told.value).startswith(f"{path}: ")
    assert message in str(told.value)
