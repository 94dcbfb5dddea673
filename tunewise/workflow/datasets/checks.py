"""Dataset files read, filled, checked and counted, before anything is recorded.

files -> Dataset (fifths filled) -> findings, statistics -> Checked
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tunewise.datasets import files
from tunewise.datasets.checks import check as find
from tunewise.datasets.fields import validator_of
from tunewise.datasets.flagged import flagged
from tunewise.datasets.quality import grade
from tunewise.datasets.splits import fill
from tunewise.datasets.statistics import statistics
from tunewise.datasets.tokens import TokenCounter, count
from tunewise.domain.dataset import Dataset, QualityFinding, Severity, Split
from tunewise.domain.errors import DatasetError, ModelError, RuleFileError
from tunewise.domain.quality import QualityGrade
from tunewise.workflow.home import Home
from tunewise.workflow.output import RECORD

View = dict[str, Any]
RULES = "data-quality.toml"


@dataclass(frozen=True, slots=True)
class Checked:
    """A dataset as read, with what was found in it."""

    dataset: Dataset
    findings: tuple[QualityFinding, ...]
    statistics: Mapping[str, object]
    sources: Mapping[str, str]  # the name of each role's file
    flagged: Mapping[str, tuple[int, ...]]  # by code, places in train (from 1)

    @property
    def blocking(self) -> tuple[QualityFinding, ...]:
        """The findings that stop a registration."""
        return tuple(f for f in self.findings if f.severity is Severity.BLOCK)


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade, and the text of the rules that gave it."""

    quality: QualityGrade
    rules: str
    origin: str  # shipped or house


def read(
    paths: Mapping[str, Path],
    *,
    schema: Mapping[str, object] | None = None,
    counter: TokenCounter | None = None,
    called: Mapping[str, str] | None = None,
) -> Checked:
    """Read the files of a dataset by role, fill its splits and check everything.

    Without a counter the tokens are an estimate, and the report says so. Findings
    name a file as it is ``called``, else by its path.
    """
    loaded = files.load(paths, called=called)
    dataset = fill(loaded.dataset)
    tokens = count(dataset, counter or TokenCounter())
    found = (
        *loaded.findings,
        *find(dataset, files=loaded.files, tokens=tokens, schema=schema),
    )
    sources = {role: Path(p).name for role, p in paths.items()}
    return Checked(
        dataset,
        found,
        statistics(dataset, tokens),
        sources,
        flagged(dataset.split(Split.TRAIN), found, loaded.files),
    )


def by_role(named: Sequence[Path], **roles: Path | None) -> dict[str, Path]:
    """Return files by role; a file given without one has it guessed from its name."""
    paths = {role: path for role, path in roles.items() if path is not None}
    for path in named:
        if path.name == RECORD:  # what an export is of, and no part of its content
            continue
        role = files.role_of(path.name)
        if role in paths:
            raise DatasetError(
                f"{path}: {paths[role]} is the {role} file already\n"
                f"  Say which is which: --train, --validation, --heldout, --documents."
            )
        paths[role] = path
    if not paths:
        raise DatasetError("no file was named\n  Name chat JSONL files.")
    return paths


def check(
    home: Home,
    paths: Mapping[str, Path],
    *,
    schema: Mapping[str, object] | None = None,
    base_model: str = "",
    called: Mapping[str, str] | None = None,
) -> View:
    """Return what ``tunewise dataset check --json`` prints."""
    counter = counter_for(home, base_model)
    checked = read(paths, schema=schema, counter=counter, called=called)
    return {
        "examples": checked.statistics["examples"],
        "quality": asdict(graded(home, checked).quality),
        "findings": findings_view(checked.findings),
        "statistics": dict(checked.statistics),
    }


def graded(home: Home, checked: Checked) -> Graded:
    """Return the grade by the rules of this home."""
    rules = home.rules()
    if RULES not in rules.texts:
        raise RuleFileError(f"{RULES}: missing\n  Without it no data can be graded.")
    quality = grade(checked.findings, checked.statistics, rules.data_quality)
    origin = "house" if RULES in rules.house_files else "shipped"
    return Graded(quality, rules.texts[RULES], origin)


def counter_for(home: Home, base_model: str) -> TokenCounter:
    """Return what counts a base model's tokens; an estimate where none is named.

    Raises
    ------
    ModelError
        If the base model is not on this machine: nothing is fetched for a check.
    """
    if not base_model:
        return TokenCounter()
    # in here: the service never counts tokens
    from trainer.token_counter import context_tokens, load_counter

    folder = Path(base_model).expanduser()
    if not folder.is_dir():
        folder = home.models / "base" / base_model.replace("/", "--")
    if not folder.is_dir():
        raise ModelError(
            f"base model '{base_model}' is not on this machine\n"
            f"  Fetch it with 'tunewise model fetch {base_model}', or name a folder."
        )
    return TokenCounter(load_counter(folder), folder.name, context_tokens(folder))


def refuse_blocking(checked: Checked) -> None:
    """Refuse a dataset with findings that stop a registration."""
    if not checked.blocking:
        return
    first = checked.blocking[0]
    lines = f":{first.lines[0]}" if first.lines else ""
    more = len(checked.blocking) - 1
    raise DatasetError(
        f"{first.file}{lines}: {first.code}: {first.message}\n"
        + (f"  And {more} more that block. " if more else "  ")
        + "See all with 'tunewise dataset check'; to register it all the same, "
        "say why with --accept-because (in a specification: [dataset] accept_because)."
    )


def accepted(home: Home, checked: Checked, because: str) -> View | None:
    """Return which findings were accepted despite blocking, by whom and why."""
    if not because or not checked.blocking:
        return None
    return {
        "by": home.actor.name,
        "identity": home.actor.identity,
        "because": because,
        "findings": [
            {"code": f.code, "file": f.file, "lines": list(f.lines)}
            for f in checked.blocking
        ],
    }


def findings_view(findings: tuple[QualityFinding, ...]) -> list[View]:
    """Return findings as JSON, the gravest first."""
    return [
        {
            "code": f.code,
            "severity": f.severity.value,
            "file": f.file,
            "lines": list(f.lines),
            "message": f.message,
        }
        for f in findings
    ]


def read_schema(path: str) -> View | None:
    """Read a JSON Schema; "" means none."""
    if not path:
        return None
    with files.opened(Path(path)) as file:
        content = file.read()
    try:
        schema = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise _no_schema(path, "it is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _no_schema(path, f"it is not JSON from {where} on") from None
    except (ValueError, RecursionError):
        raise _no_schema(
            path,
            "it is nested too deeply, or holds a number of more "
            "digits than can be read",
        ) from None
    if not isinstance(schema, dict):
        raise _no_schema(path, "it is not one JSON object")
    validator_of(schema, where=path)
    return schema


def _no_schema(path: str, why: str) -> DatasetError:
    return DatasetError(
        f"{path}: this is no JSON Schema: {why}\n"
        "  Name a file such as "
        '{"type": "object", "properties": {"vendor": {"type": "string"}}}.'
    )
