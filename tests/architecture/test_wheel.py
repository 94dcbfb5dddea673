"""The wheel works away from the checkout, without torch and without a compiler."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
FACTS = "must_cite_sources = true\n"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a bare environment with the wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    constraints = ROOT / "constraints.txt"
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", "-c", constraints, wheel],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return python


@pytest.fixture
def tunewise(python: Path, tmp_path: Path) -> Callable[..., str]:
    """Run the installed command from a folder that is not the checkout."""
    environment = {**os.environ, "TUNEWISE_HOME": str(tmp_path / "home")}
    environment.pop("PYTHONPATH", None)

    def call(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [python.with_name("tunewise"), *arguments],
            cwd=tmp_path,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return call


def test_wheel_carries_every_rule_and_template(wheel: Path) -> None:
    packed = set(ZipFile(wheel).namelist())

    for folder in ("rules", "templates"):
        shipped = {
            f"tunewise/_{folder}/{path.relative_to(ROOT / folder).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file()
        }
        assert shipped
        assert shipped - packed == set()


def test_bare_environment_has_our_packages_and_no_torch(python: Path) -> None:
    code = (
        "import json, importlib.util as u; from importlib.metadata import "
        "packages_distributions as p; d = p(); "
        "print(json.dumps([d['tunewise'], d['tracker'], d['trainer'], "
        "u.find_spec('torch') is None, u.find_spec('durable') is None]))"
    )

    out = subprocess.check_output([python, "-I", "-c", code], cwd=python.parent)

    assert json.loads(out) == [["tunewise"], ["tunewise"], ["tunewise"], True, True]


def test_installed_command_advises_and_checks_its_rules(
    tunewise: Callable[..., str],
) -> None:
    help_text = tunewise("--help")
    verdict = json.loads(tunewise("advise", "-", "--json", stdin=FACTS))
    tunewise("rules", "check")

    assert "advise" in help_text
    assert "finetune" in verdict["ruled_out"]
    assert "must-cite-sources" in {f["criterion"] for f in verdict["findings"]}


def test_installed_command_records_and_reports_a_decision(
    tunewise: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "facts.toml").write_text(FACTS)

    proposed = json.loads(
        tunewise("decision", "propose", "facts.toml", "--title", "Policies", "--json")
    )
    tunewise("decision", "report", proposed["id"], "-o", "report.html")

    assert "Policies" in tunewise("decision", "list")
    assert "must-cite-sources" in (tmp_path / "report.html").read_text()
