import pytest

from tracker.records import RecordEvent
from tracker.runs import RunRow
from tunewise.domain.decision import Actor
from tunewise.domain.experiment import RunStatus
from tunewise.evidence.costs import Quantity
from tunewise.workflow.experiments.worked import worked

ADA = Actor("Ada")


def result(**other: object) -> dict[str, object]:
    return {
        "seconds": 100.0,
        "n": 50,
        "setups": [{}, {}],
        "train": None,
        "latency_seconds": {"p50": 0.5, "p95": 0.9},
        "answers_per_second": 10.0,
        "prompt_tokens_mean": 300.0,
        "answer_tokens_mean": 5.0,
        "prompt_tokens_shared": 250,
        **other,
    }


def run(*steps: tuple[str, str, dict[str, object]], endpoint: bool = False) -> RunRow:
    """A run from its steps: action, minute of the hour, body."""
    events = tuple(
        RecordEvent(n, action, f"2026-11-22T12:{minute}:00+00:00", ADA, body)
        for n, (action, minute, body) in enumerate(steps)
    )
    return RunRow(
        id="r",
        status=RunStatus.FINISHED,
        experiment="e",
        arm="finetune",
        seed=0,
        body={"endpoint": {"model": "m"} if endpoint else None},
        blobs=(),
        by=ADA,
        at="2026-11-22T12:00:00+00:00",
        result=steps[-1][2].get("result"),  # type: ignore[arg-type]
        events=events,
    )


def finished(minute: str = "10", **other: object) -> tuple[str, str, dict[str, object]]:
    return ("finished", minute, {"result": result(**other)})


def test_every_attempt_of_every_run_counts() -> None:
    failed = run(("claimed", "00", {}), ("failed", "03", {"because": "x"}))
    again = run(
        ("claimed", "00", {}),
        ("failed", "01", {}),
        ("requeued", "02", {}),
        ("claimed", "04", {}),
        finished(train={"seconds": 40.0}),
    )

    found = worked([again, failed], validation=20)

    # one minute, then the 100 s that the run itself says, and three minutes
    assert (found.runs, found.seconds, found.unknown) == (2, 60 + 100 + 180, 0)
    assert found.training_seconds == 40


def test_an_attempt_that_nobody_saw_end_is_told() -> None:
    killed = run(
        ("claimed", "00", {}), ("requeued", "30", {}), ("claimed", "31", {}), finished()
    )

    found = worked([killed], validation=20)

    assert (found.seconds, found.unknown) == (100, 1)
    assert found.training_seconds is None


def test_an_endpoint_was_asked_for_each_set_up_and_the_held_out_examples() -> None:
    found = worked(
        [run(("claimed", "00", {}), finished(), endpoint=True)], validation=20
    )

    assert (found.hosted, found.requests) == (True, 50 + 2 * 20)
    assert (found.tokens_in, found.shared_tokens) == (300, 250)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({}, Quantity(0.5, 0.1, 0.9)),
        ({"answers_per_second": None}, Quantity(0.5, 0.5, 0.9)),
        ({"latency_seconds": None}, Quantity.exact(0.1)),
        ({"latency_seconds": None, "answers_per_second": None}, None),
    ],
)
def test_a_request_takes_what_it_takes_alone_at_best_what_it_takes_in_a_batch(
    said: dict[str, object], seconds: Quantity | None
) -> None:
    found = worked([run(("claimed", "00", {}), finished(**said))], validation=0)

    assert found.seconds_per_request == seconds
