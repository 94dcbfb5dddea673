"""How a child process of ours behaves: it asks no model hub, and is quiet."""

import os
import warnings


def keep_to_itself() -> None:
    """Keep libraries off the network, and quiet; to be called before their import."""
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    # peft 0.21 reads a name that transformers 5.23 is about to rename
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
