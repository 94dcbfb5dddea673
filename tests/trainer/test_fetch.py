import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.model


def test_a_model_that_the_hub_does_not_give_leaves_one_message_and_no_folder(
    tmp_path: Path,
) -> None:
    target = tmp_path / "base"

    done = subprocess.run(
        [sys.executable, "-P", "-m", "trainer.fetch", "hub", "no/such", str(target)],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")},
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("no/such: the model hub did not give this model")
    assert "Traceback" not in done.stderr
    assert not target.exists()
    assert not target.with_name("base.partial").exists()
