"""What any test may ask for: a home of its own, and a clock that stands still."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

NO_BROWSER = (
    "NO BROWSER"  # begins the reason of the tests that were skipped for want of it
)
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud that no page was tested in a browser: who skips has not passed."""
    reasons = [str(r.longrepr) for r in terminalreporter.stats.get("skipped", [])]
    missed = [reason for reason in reasons if NO_BROWSER in reason]
    if missed:
        why = missed[0].partition(f"{NO_BROWSER}: ")[2].rstrip("')")
        line = f"NO PAGE WAS TESTED IN A BROWSER ({len(missed)} tests skipped): {why}"
        terminalreporter.write_line(line, red=True, bold=True)


@pytest.fixture
def fixed_clock() -> Callable[[], dt.datetime]:
    """A clock for whatever takes one: noon of 22 November 2026, UTC."""
    return lambda: NOON


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home that TUNEWISE_HOME names too, and nobody named in TUNEWISE_BY."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TUNEWISE_HOME", str(folder))
    monkeypatch.delenv("TUNEWISE_BY", raising=False)
    return folder


CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model folder made in a second: two layers, random weights, bytes.

    Like SmolLM2 it pads with its end-of-turn token and has no generation mark in
    its chat template.
    """
    torch = pytest.importorskip("torch", reason="needs the extra [train]")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    marks = ["<|im_start|>", "<|im_end|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: n for n, token in enumerate([*marks, *letters])}
    inner = Tokenizer(models.BPE(vocabulary, []))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token=marks[0],
        eos_token=marks[1],
        pad_token=marks[1],
        chat_template=CHAT_TEMPLATE,
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(vocabulary),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=2048,
            tie_word_embeddings=True,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )
    folder = tmp_path_factory.mktemp("tiny") / "tiny"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
