import os
import warnings

import pytest

from trainer.alone import keep_to_itself


def test_a_child_asks_no_hub_and_hears_no_warnings_of_transformers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HF_HUB_OFFLINE", "TOKENIZERS_PARALLELISM", "TRANSFORMERS_VERBOSITY"):
        monkeypatch.setenv(name, "")  # so that it is put back afterwards
    monkeypatch.delenv("TRANSFORMERS_VERBOSITY")

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        keep_to_itself()
        warnings.warn_explicit("old", FutureWarning, "x.py", 1, module="transformers.a")
        warnings.warn_explicit("mine", FutureWarning, "y.py", 1, module="trainer.a")

    assert [str(w.message) for w in heard] == ["mine"]
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert os.environ["TRANSFORMERS_VERBOSITY"] == "error"


def test_what_a_user_wants_to_hear_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "")
    monkeypatch.setenv("TRANSFORMERS_VERBOSITY", "debug")

    with warnings.catch_warnings():
        keep_to_itself()

    assert os.environ["TRANSFORMERS_VERBOSITY"] == "debug"
