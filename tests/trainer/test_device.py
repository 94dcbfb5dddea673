import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from trainer.device import Compute, pick  # noqa: E402

pytestmark = pytest.mark.model


def test_a_choice_is_recorded_in_words() -> None:
    compute = Compute(torch.device("cpu"), torch.float32, torch.bfloat16)

    assert compute.described() == {
        "device": "cpu",
        "precision_training": "float32",
        "precision_answering": "bfloat16",
    }


@pytest.mark.skipif(
    torch.cuda.is_available() or torch.backends.mps.is_available(),
    reason="this machine has an accelerator",
)
def test_without_an_accelerator_training_keeps_float32_on_the_cpu() -> None:
    compute = pick()

    assert compute.device == torch.device("cpu")
    assert compute.training == torch.float32
    assert compute.answering in (torch.float32, torch.bfloat16)
