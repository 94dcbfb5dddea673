"""Experiments on endpoints: what may be sent where, and what is kept of it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.served import Asked, Reply, Service, echo, says, serving
from tracker import blobs
from tunewise.datasets import files
from tunewise.domain.dataset import Provenance
from tunewise.domain.errors import EnvironmentProblem, SpecError, TunewiseError
from tunewise.domain.experiment import EndpointSpec, ExperimentSpec
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import endpoints, running
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.experiments.telling import Event
from tunewise.workflow.home import Home

from .conftest import write_spec

SECRETS = 'dataset.classification = "confidential"'


def ignore(_: Event) -> None:
    """Take what a run has to tell."""


def desk(asked: Asked) -> Reply:
    """Answer card where the word stands in the question, else refund."""
    if asked.get("stream"):
        return echo(asked)
    said = "card" if "card" in asked["messages"][-1]["content"].lower() else "refund"
    return says(asked, said)


def judge(asked: Asked) -> Reply:
    question = json.loads(asked["messages"][-1]["content"])
    right = [a["answer"] == question["reference"] for a in question["answers"]]
    given = ["right" if r else "wrong" for r in right]
    return says(asked, json.dumps({"verdicts": given}))


@pytest.fixture
def service() -> Iterator[Service]:
    pytest.importorskip("openai", reason="needs the extra [endpoint]")
    with serving(desk) as server:
        yield server


def spec_of(toy: Path, url: str, *, extra: str = "", keys: str = "") -> Path:
    """A zero-shot prompt arm on an endpoint, without latency and documents."""
    fixed = f"""
arms = ["prompt"]
seeds = [0]
limits.latency = 0
endpoint = {{ base_url = "{url}", model = "desk", retries = 0{keys} }}
"""
    documents = "\0" if "rag." in extra else "documents"
    return write_spec(toy, extra=fixed + extra, without=documents)


def with_rag(spec: Path) -> Path:
    spec.write_text(spec.read_text().replace('["prompt"]', '["prompt", "rag"]'))
    return spec


def kept_answers(home: Home) -> list[Path]:
    return sorted((home.runs / endpoints.ANSWERS).rglob("*.json"))


# --- what is refused before the first byte, and before anything is recorded

REFUSED = {
    "confidential, endpoint says nothing": ("", SECRETS, "prompt: toy-desk is confid"),
    "secret": (
        ', data_up_to = "confidential"',
        'dataset.classification = "secret"',
        "receive data up to confidential; nothing was sent",
    ),
    "nobody classified, public only": (
        ', data_up_to = "public"',
        "",
        "not classified, so it counts as internal",
    ),
}


@pytest.mark.parametrize(("keys", "extra", "said"), REFUSED.values(), ids=REFUSED)
def test_data_above_what_an_endpoint_may_receive_are_never_sent(
    service: Service, home: Home, toy: Path, keys: str, extra: str, said: str
) -> None:
    with pytest.raises(SpecError, match=said):
        running.run(
            home, spec_of(toy, service.url, keys=keys, extra=extra), tell=ignore
        )

    assert service.asked == []
    assert not home.path.exists()


def test_the_judge_may_receive_no_more_than_an_arm(
    service: Service, home: Home, toy: Path
) -> None:
    may = ', data_up_to = "confidential"'
    judged = f'judge.endpoint = {{ base_url = "{service.url}", model = "j" }}'

    spec = spec_of(toy, service.url, keys=may, extra=f"{SECRETS}\n{judged}")

    with pytest.raises(SpecError, match="judge: toy-desk is confidential"):
        running.run(home, spec, tell=ignore)

    assert service.asked == []


def test_content_that_is_confidential_under_another_name_stays_so(
    service: Service, home: Home, toy: Path, paths: dict[str, Path]
) -> None:
    secret = Provenance(classification="secret")
    datasets.register(home, "payroll", paths, provenance=secret)

    with pytest.raises(SpecError, match="prompt: toy-desk is secret"):
        running.run(home, spec_of(toy, service.url), tell=ignore)

    assert service.asked == []


def test_data_that_were_classified_since_are_not_sent_by_going_on(
    service: Service, home: Home, toy: Path
) -> None:
    service.answer = lambda asked: Reply(b"", status=503)
    with pytest.raises(SpecError, match="every arm failed"):
        running.run(home, spec_of(toy, service.url), tell=ignore)
    [failed] = experiments.list_all(home)
    secret = Provenance(classification="secret")
    datasets.describe(home, "toy-desk@1", secret, because="names of customers")
    before = len(service.asked)

    with pytest.raises(SpecError, match="prompt: toy-desk@1 is secret"):
        running.resume(home, failed["experiment"], tell=ignore)

    assert len(service.asked) == before


def test_a_missing_key_is_refused_before_anything_is_recorded(
    service: Service, home: Home, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DESK_KEY", raising=False)

    spec = spec_of(toy, service.url, keys=', key_env = "DESK_KEY"')

    with pytest.raises(EnvironmentProblem, match=r"prompt: .*DESK_KEY(.|\n)*export"):
        running.run(home, spec, tell=ignore)

    assert not home.path.exists()


def test_documents_that_are_public_make_no_examples_public(
    home: Home, toy: Path, paths: dict[str, Path]
) -> None:
    public = Provenance(classification="public")
    other = {**paths, "train": paths["heldout"], "heldout": paths["validation"]}
    other["validation"] = paths["train"]
    datasets.register(home, "handbook", other, provenance=public)
    content = files.load(paths).dataset

    assert endpoints.classification_of(home, content, "") == ""


# --- what was sent where, and what is kept of it


def test_what_was_sent_where_is_recorded_and_told(
    service: Service, home: Home, toy: Path
) -> None:
    told: list[Event] = []
    prices = ", price_in = 2.0, price_out = 8.0"

    report = running.run(home, spec_of(toy, service.url, keys=prices), tell=told.append)

    # 6 held-out examples at 7 tokens in and 2 out: 6 (7 x 2 + 2 x 8) / 10**6
    sent = report["arms"]["prompt"]["sent_to"]
    assert sent == {
        "base_url": service.url,
        "model": "desk",
        "data_up_to": "internal",
        "classification": "not classified, so it counts as internal",
        "requests": 6,
        "from_cache": 0,
        "without_text": 0,
        "cost": pytest.approx(0.00018),
        "currency": "USD",
        "warnings": [],
    }
    assert report["arms"]["prompt"]["cost"]["value"] == pytest.approx(0.03)
    assert any("prompt: sent to http" in event.text for event in told)
    assert len(service.asked) == 6


def test_answers_of_another_model_than_asked_are_a_warning_of_the_report(
    service: Service, home: Home, toy: Path
) -> None:
    service.answer = lambda asked: says(asked, "card", model="tiny")

    report = running.run(home, spec_of(toy, service.url), tell=ignore)

    assert "prompt: asked was desk, and the answers name tiny" in report["warnings"]


def test_a_run_that_failed_says_where_it_sent_data(
    service: Service, home: Home, toy: Path
) -> None:
    with serving(lambda asked: Reply(b"", status=500)) as broken:
        own = (
            f'rag.endpoint = {{ base_url = "{broken.url}", model = "r", retries = 0 }}'
        )
        spec = with_rag(spec_of(toy, service.url, extra=own))
        report = running.run(home, spec, tell=ignore)

    assert report["arms"]["rag"]["status"] == "failed"
    assert report["arms"]["rag"]["sent_to"]["base_url"] == broken.url
    assert report["arms"]["prompt"]["status"] == "finished"


def test_a_cap_keeps_what_was_answered_for_the_next_run(
    service: Service, home: Home, toy: Path
) -> None:
    capped = spec_of(toy, service.url, keys=", most_requests = 4")
    with pytest.raises(SpecError, match="cap of 4 requests is reached"):
        running.run(home, capped, tell=ignore)
    assert len(service.asked) == 4

    report = running.run(home, spec_of(toy, service.url), tell=ignore)

    sent = report["arms"]["prompt"]["sent_to"]
    assert (sent["requests"], sent["from_cache"]) == (2, 4)
    assert report["arms"]["prompt"]["answers_per_second"] is None  # no rate of these
    asked = Counter(json.dumps(a["messages"]) for a in service.asked)
    assert set(asked.values()) == {1}


def test_deleting_a_dataset_deletes_what_was_answered_about_it(
    service: Service, home: Home, toy: Path
) -> None:
    report = running.run(home, spec_of(toy, service.url), tell=ignore)
    assert len(kept_answers(home)) == 6

    datasets.delete(home, "toy-desk@1", because="consent withdrawn")

    assert kept_answers(home) == []
    assert not (home.runs / report["experiment"] / "data").exists()
    with pytest.raises(TunewiseError, match="deleted already"):
        datasets.delete(home, "toy-desk@1", because="once more")


# --- models of their own, and the judge


def test_arms_on_two_endpoints_say_that_the_models_differ(
    service: Service, home: Home, toy: Path
) -> None:
    own = f'rag.endpoint = {{ base_url = "{service.url}", model = "reader" }}'
    spec = with_rag(spec_of(toy, service.url, extra=own))

    report = running.run(home, spec, tell=ignore)

    models = {arm: view["model"] for arm, view in report["arms"].items()}
    assert models == {"prompt": "desk", "rag": "reader"}
    assert report["diagnostics"]["gold_passage"]["model"] == "reader"
    [compared] = report["comparisons"]
    assert compared["models"] == {
        "a": models[compared["a"]],
        "b": models[compared["b"]],
    }
    assert report["facts_after"]["facts"]["rag_score"]["model"] == "reader"


def test_a_judges_scores_stand_beside_the_metric_and_decide_nothing(
    service: Service, home: Home, toy: Path
) -> None:
    (toy / "judge.txt").write_text("Right is what the reference says.")
    with serving(judge) as judging:
        at = f'{{ base_url = "{judging.url}", model = "j", retries = 0 }}'
        own = f'rag.k = [2]\njudge = {{ endpoint = {at}, prompt = "judge.txt" }}'
        spec = with_rag(spec_of(toy, service.url, extra=own))
        report = running.run(home, spec, tell=ignore)

    found, arms = report["judge"], report["arms"]
    assert (found["status"], found["judged"], found["unreadable"]) == ("finished", 6, 0)
    # it calls right what equals the reference, which is what accuracy counts
    for arm in arms:
        accuracy = arms[arm]["metrics"]["accuracy"]["value"]
        assert found["scores"][arm]["value"] == accuracy
    assert found["agreement"]["value"] == 1
    # two orders each; where both arms answered alike these are one and the same
    sent = found["sent_to"]
    assert sent["requests"] + sent["from_cache"] == 12
    assert report["primary_metric"] == "accuracy"
    with home.store() as store:
        told = blobs.read(store.blobs, found["prompt_blob"]).decode()
    assert told == "Right is what the reference says."
    shown = experiments.show(home, report["experiment"])
    assert shown["judge"] == found
    assert "judge" not in shown["arms"]
    assert set(experiments.answers(home, report["experiment"])[0]["arms"]) == {
        *arms,
        *report["diagnostics"],
    }


def test_a_judge_that_fails_ends_nothing(
    service: Service, home: Home, toy: Path
) -> None:
    with serving(lambda asked: says(asked, "no idea")) as judging:
        at = f'{{ base_url = "{judging.url}", model = "j" }}'
        spec = spec_of(toy, service.url, extra=f"judge.endpoint = {at}")
        report = running.run(home, spec, tell=ignore)

    assert report["judge"]["status"] == "failed"
    assert "no reply of the judge is a verdict" in report["judge"]["error"]
    assert report["arms"]["prompt"]["status"] == "finished"


@pytest.mark.model
def test_a_local_arm_beside_an_endpoint_keeps_its_cost(
    service: Service, home: Home, toy: Path, tiny_model: Path
) -> None:
    spec = spec_of(toy, service.url)
    text = spec.read_text().replace('["prompt"]', '["prompt", "finetune"]')
    spec.write_text(text.replace('base_model = "tiny"', f'base_model = "{tiny_model}"'))

    report = running.run(home, spec, tell=ignore)

    assert report["arms"]["finetune"]["cost"]["value"] > 0
    assert report["arms"]["prompt"]["cost"] is None  # no prices are stated
    assert report["arms"]["finetune"]["sent_to"] is None


# --- who answers


def spec_with(**tables: Any) -> ExperimentSpec:
    from tunewise.workflow.experiments.specs import parse_spec

    least = {
        "title": "Desk",
        "dataset": "desk@1",
        "task": {"type": "classification", "metric": "accuracy"},
    }
    return parse_spec({**least, **tables}, where="spec.toml", folder=Path())


def test_an_arms_own_model_or_endpoint_stands_above_the_common_one() -> None:
    common = {"base_url": "http://common", "model": "c"}
    spec = spec_with(
        endpoint=common,
        prompt={"model": "small"},
        rag={"endpoint": {"base_url": "http://own", "model": "o"}},
        hybrid={"model": "large"},
    )

    hosts = {arm: spec.endpoint_of(arm) for arm in ("prompt", "rag", "gold_passage")}
    assert hosts["prompt"] is None
    assert hosts["rag"] == hosts["gold_passage"] == EndpointSpec("http://own", "o")
    models = {a: spec.model_of(a) for a in ("prompt", "rag", "finetune", "hybrid")}
    assert models == {
        "prompt": "small",
        "rag": "",
        "finetune": "smollm2-135m-instruct",
        "hybrid": "large",
    }
    assert spec.model_of("majority") == ""
    assert list(endpoints.used(spec)) == ["rag", "gold_passage"]


def test_without_its_own_every_asked_arm_has_the_common_endpoint() -> None:
    spec = spec_with(endpoint={"base_url": "http://common", "model": "c"})

    assert list(endpoints.used(spec)) == ["prompt", "rag", "gold_passage"]
    assert spec.endpoint_of("finetune") is None


def test_what_is_unclassified_counts_as_internal() -> None:
    spec = spec_with(endpoint={"base_url": "http://common", "model": "c"})
    assert spec.endpoint is not None
    public = replace(spec, endpoint=replace(spec.endpoint, data_up_to="public"))

    endpoints.require_allowed(spec, "", "desk@1")
    endpoints.require_allowed(public, "public", "desk@1")
    with pytest.raises(SpecError):
        endpoints.require_allowed(public, "", "desk@1")
