import sys

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from trainer.environment import peak_memory_bytes  # noqa: E402
from trainer.memory import give_back, peak_since_bytes, restart_peak  # noqa: E402

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux restarts a peak"),
]
CPU = torch.device("cpu")
BLOCK = 256 * 2**20  # bytes


def test_the_peak_is_of_what_follows_and_not_of_what_was_given_back() -> None:
    large = torch.ones(BLOCK // 4)
    before = peak_memory_bytes()
    del large
    give_back()

    assert restart_peak(CPU)
    without = peak_since_bytes(CPU)
    small = torch.ones(BLOCK // 16)
    with_it = peak_since_bytes(CPU)

    assert before - without > BLOCK * 0.8
    assert 0.8 * BLOCK / 4 < with_it - without < BLOCK / 2
    assert small.numel() == BLOCK // 16
