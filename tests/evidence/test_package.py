import subprocess
import sys

import pytest

MODULES = {
    "tunewise.datasets": ("checks", "files", "diff", "quality", "splits", "statistics"),
    "tunewise.evidence": (
        "break_even",
        "comparisons",
        "drift",
        "intervals",
        "paired",
        "price_table",
        "slices",
    ),
}


@pytest.mark.parametrize("package", MODULES)
def test_importing_loads_no_heavy_library(package: str) -> None:
    imports = "; ".join(f"import {package}.{m}" for m in MODULES[package])
    heavy = "{'scipy', 'sklearn', 'jsonschema', 'torch'} & sys.modules.keys()"

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {imports}; sys.exit(len({heavy}))"],
        check=False,
    )

    assert done.returncode == 0
