"""``python -m trainer.fetch gguf FILE FOLDER`` or ``hub ID FOLDER``: a base model.

Runs in a process of its own, because it loads the model libraries. Exit status 2
and one message on standard error when the user can mend it.
"""

import os
import shutil
import sys
import warnings
from pathlib import Path

from tunewise.domain.errors import EnvironmentProblem, ModelError, TunewiseError


def main(argv: list[str]) -> int:
    """Fetch or convert, as the arguments say."""
    kind, source, target = argv
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    warnings.filterwarnings("ignore", category=FutureWarning)
    try:
        if kind == "gguf":
            from trainer.base import convert_gguf

            convert_gguf(Path(source), Path(target))
        else:
            _from_hub(source, Path(target))
    except TunewiseError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _from_hub(name: str, target: Path) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    temporary = target.with_name(target.name + ".partial")
    try:
        snapshot_download(
            name,
            local_dir=temporary,
            allow_patterns=["*.json", "*.safetensors", "*.jinja", "tokenizer*"],
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise EnvironmentProblem(
            f"{name}: the model hub did not give this model ({type(error).__name__})\n"
            "  Check the name and the network, or name a local folder instead."
        ) from None
    if not list(temporary.glob("*.safetensors")):
        shutil.rmtree(temporary, ignore_errors=True)
        raise ModelError(f"{name}: the model has no safetensors weights")
    temporary.rename(target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
