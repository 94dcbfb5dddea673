from dataclasses import replace
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from trainer.forecast import Machine, cached_token_bytes, forecast  # noqa: E402
from trainer.packing import Pack  # noqa: E402
from trainer.probe import AnsweringRates, Probed, TrainingRates  # noqa: E402
from trainer.traced import TrainingMemory  # noqa: E402
from trainer.tuning import Fitted  # noqa: E402
from trainer.workload import Asking, Decoding, Training, Workload  # noqa: E402

RATES = AnsweringRates(read=0.01, step=0.1, row=0.02)
UNTOUCHED = Probed(load_seconds=2.0, answering=RATES, peak_bytes=1000)
TUNED = Probed(
    load_seconds=3.0,
    answering=RATES,
    peak_bytes=5000,
    training=TrainingRates(per_pass=0.5, per_token=0.001, step=0.25),
)
NOTHING = Fitted(tokens=(), asked=0, longest=0, truncated=0)
MACHINE = Machine(process=400, cached_token=2, base_answering=300)
ASKED = Asking(
    "heldout",
    chats=10,
    read=500.0,
    likely=Decoding(tokens=30.0, steps=4.0),
    most=Decoding(tokens=100.0, steps=10.0),
    cached=700,
)


def ones(tokens: int) -> Pack:
    one = torch.ones(1, tokens, dtype=torch.long)
    mask = torch.zeros(1, 1, tokens, tokens)
    return Pack(one, one, mask, one[0], one[0], (0, tokens))


def test_answering_is_reading_and_steps_by_hand() -> None:
    found = forecast(Workload(None, None, (ASKED,)), UNTOUCHED, None, None, MACHINE)

    assert found.load == 2.0
    assert found.once == pytest.approx(500 * 0.01 + 4 * 0.1 + 30 * 0.02)
    assert found.once_most == pytest.approx(500 * 0.01 + 10 * 0.1 + 100 * 0.02)
    assert (found.epochs, found.epoch) == (0, 0.0)
    assert found.bytes == found.bytes_most == 1000 + 2 * 700


def test_training_is_passes_steps_and_validation_by_hand() -> None:
    training = Training(
        fitted=NOTHING,
        epochs=3,
        least_epochs=2,
        steps=12,
        passes=(100, 200, 200),
        smallest=ones(100),
        largest=ones(200),
    )
    traced = TrainingMemory(800, 50, True, ((1, 21), (2, 42), (3, 63)))  # 21 a token
    work = Workload(training, ASKED, (ASKED,))

    found = forecast(work, UNTOUCHED, TUNED, traced, MACHINE)

    validation = 500 * 0.01 + 4 * 0.1 + 30 * 0.02
    assert found.epoch == pytest.approx(3 * 0.5 + 500 * 0.001 + 4 * 0.25 + validation)
    assert (found.epochs, found.least_epochs) == (3, 2)
    assert found.load == 2 * 3.0 + 2.0  # trained, and read again from disk
    assert found.bytes == 5000  # the probe's training needed most
    assert found.bytes_most == pytest.approx(400 + 800 + 4 * 50 + 200 * 21)


def test_a_check_off_the_task_loads_the_base_once_more() -> None:
    training = Training(NOTHING, 1, 1, 1, (10,), ones(10), ones(10))
    traced = TrainingMemory(800, 50, True, ((1, 1), (2, 2), (3, 3)))
    elsewhere = replace(ASKED, stage="off task")
    work = Workload(training, ASKED, (ASKED, elsewhere, elsewhere))

    found = forecast(work, UNTOUCHED, TUNED, traced, MACHINE)

    assert found.load == 2 * 3.0 + 2 * 2.0
    assert found.once == pytest.approx(3 * (500 * 0.01 + 4 * 0.1 + 30 * 0.02))


def test_reading_the_weights_again_may_need_most() -> None:
    training = Training(NOTHING, 1, 1, 1, (10,), ones(10), ones(10))
    traced = TrainingMemory(9000, 50, True, ((1, 1), (2, 2), (3, 3)))

    found = forecast(
        Workload(training, ASKED, (ASKED,)), UNTOUCHED, TUNED, traced, MACHINE
    )

    assert found.bytes == 400 + 2 * 9000 + 300


def test_a_token_in_the_cache_by_hand() -> None:
    text = SimpleNamespace(
        num_hidden_layers=30,
        num_key_value_heads=3,
        num_attention_heads=9,
        hidden_size=576,
    )
    config = SimpleNamespace(get_text_config=lambda: text)

    # keys and values, 30 layers, 3 heads of 64
    assert cached_token_bytes(config, torch.float32) == 2 * 30 * 3 * 64 * 4
    assert cached_token_bytes(config, torch.bfloat16) == 2 * 30 * 3 * 64 * 2
