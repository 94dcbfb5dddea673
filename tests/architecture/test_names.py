"""``tracker`` and ``trainer`` are ours: other projects on PyPI have the same names.

Two distributions that ship the same package overwrite each other without a word from
pip; hence an environment of its own, which this guards.
"""

import importlib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("package", ["tunewise", "tracker", "trainer"])
def test_package_is_imported_from_this_checkout(package: str) -> None:
    module = importlib.import_module(package)

    assert Path(module.__file__).parent == ROOT / package


@pytest.mark.parametrize("package", ["tunewise", "tracker", "trainer"])
def test_no_other_distribution_ships_the_package(package: str) -> None:
    # An editable install lists no Python file, so that here the right owner may be
    # absent; test_wheel.py asks the same of a real install, where it must be there.
    owners = packages_distributions().get(package, [])

    assert set(owners) <= {"tunewise"}
