import json
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.token_counter import context_tokens, load_counter
from tunewise.domain.errors import ModelError

pytest.importorskip("tokenizers")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder with a tokenizer that knows two words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "config.json").write_text(json.dumps({"max_position_embeddings": 64}))
    return tmp_path


def test_tokens_are_those_of_the_tokenizer(base: Path) -> None:
    count = load_counter(base)

    assert [count(text) for text in ("a b a", "a", "")] == [3, 1, 0]
    assert context_tokens(base) == 64


def test_what_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(ModelError, match=r"tokenizer\.json: no tokenizer"):
        load_counter(tmp_path)
    assert context_tokens(tmp_path) is None


def test_counting_needs_no_torch(base: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from trainer.token_counter import "
        f"load_counter; load_counter(Path({str(base)!r}))('a'); "
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0
