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
        "attention": "sdpa",
    }


@pytest.mark.parametrize(
    ("training", "answering", "reasons"),
    [
        ("bfloat16", "bfloat16", ("accelerator", "natively")),
        ("float32", "bfloat16", ("1.3 times", "natively")),
        ("float32", "float32", ("emulated", "emulated")),
    ],
)
def test_every_choice_has_its_reason(
    training: str, answering: str, reasons: tuple[str, str]
) -> None:
    dtypes = [getattr(torch, name) for name in (training, answering)]

    because = Compute(torch.device("cpu"), *dtypes).because()

    assert reasons[0] in because["training"]
    assert reasons[1] in because["answering"]


@pytest.mark.skipif(
    torch.cuda.is_available() or torch.backends.mps.is_available(),
    reason="this machine has an accelerator",
)
def test_without_an_accelerator_training_keeps_float32_on_the_cpu() -> None:
    compute = pick()

    assert compute.device == torch.device("cpu")
    assert compute.training == torch.float32
    assert compute.answering in (torch.float32, torch.bfloat16)
