"""Tables beside the criteria: ``training.toml`` and ``base-models.toml``."""

import re
from math import inf

from tunewise.domain.facts import Scalar
from tunewise.domain.rules import (
    AllOf,
    BaseModel,
    Condition,
    Setting,
    SettingWarning,
)
from tunewise.engine.conditions import Definitions, read_condition
from tunewise.engine.source_text import RuleFile, Section, shown

_SETTING = ("key", "value", "because", "source", "when")
_WARNING = ("key", "at_least", "at_most", "because", "source", "when")
_BASE_MODEL = (
    "title",
    "parameters_b",
    "context_tokens",
    "licence",
    "good_for",
    "memory_to_serve_gb",
    "memory_to_tune_gb",
    "tunable_how",
    "hosted",
    "source",
    "as_of",
    "end_of_life",
    "fetch",
    "fetch_file",
    "fetch_sha256",
    "fetch_megabytes",
)
_PACKAGE = "pypi:"
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


def read_settings(file: RuleFile, definitions: Definitions) -> tuple[Setting, ...]:
    """Return the training settings in file order: the first that holds decides."""
    top = file.top()
    top.only(("setting", "warning"), "training.toml")
    if "setting" not in file.table:
        return ()
    return tuple(_setting(s, definitions) for s in top.sections("setting"))


def read_setting_warnings(
    file: RuleFile, definitions: Definitions
) -> tuple[SettingWarning, ...]:
    """Return what is warned of in the settings of a training, in file order."""
    if "warning" not in file.table:
        return ()
    entries = file.top().sections("warning")
    return tuple(_warning(entry, definitions) for entry in entries)


def read_base_models(file: RuleFile) -> tuple[BaseModel, ...]:
    """Return the base models in file order."""
    top = file.top()
    return tuple(_base_model(top, name) for name in file.table)


def _setting(entry: Section, definitions: Definitions) -> Setting:
    entry.only(_SETTING, "A setting")
    return Setting(
        key=entry.text("key"),
        value=_value(entry),
        because=entry.text("because"),
        source=entry.text("source"),
        when=_when(entry, definitions),
    )


def _warning(entry: Section, definitions: Definitions) -> SettingWarning:
    entry.only(_WARNING, "A warning")
    if not {"at_least", "at_most"} & entry.table.keys():
        raise entry.error(
            None, "a warning without a bound", "Give at_least, at_most or both."
        )
    return SettingWarning(
        key=entry.text("key"),
        at_least=_bound(entry, "at_least", -inf),
        at_most=_bound(entry, "at_most", inf),
        because=entry.text("because"),
        source=entry.text("source"),
        when=_when(entry, definitions),
    )


def _bound(entry: Section, key: str, without: float) -> float:
    return entry.number(key) if key in entry.table else without


def _when(entry: Section, definitions: Definitions) -> Condition:
    if "when" not in entry.table:
        return AllOf()
    return read_condition(entry.section("when"), definitions)


def _value(entry: Section) -> Scalar:
    value = entry.table.get("value")
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return entry.integer("value")
    if isinstance(value, float):
        return entry.number("value")
    raise entry.error(
        "value" if "value" in entry.table else None,
        f"value = {shown(value)} is no setting",
        "Write a text, a number, true or false.",
    )


def _base_model(top: Section, name: str) -> BaseModel:
    if not _ID.fullmatch(name):
        raise top.error(
            name,
            f"{name!r} cannot be the id of a base model",
            "Use a-z, 0-9, - and . (the last in quotes).",
        )
    entry = top.section(name)
    entry.only(_BASE_MODEL, "A base model")
    tunable = "memory_to_tune_gb" in entry.table
    fetch = entry.text("fetch", "")
    packaged = fetch.startswith(_PACKAGE)
    return BaseModel(
        id=name,
        title=entry.text("title"),
        parameters_b=_positive(entry, "parameters_b"),
        context_tokens=int(_positive(entry, "context_tokens")),
        licence=entry.text("licence"),
        good_for=entry.texts("good_for"),
        memory_to_serve_gb=_not_negative(entry, "memory_to_serve_gb"),
        memory_to_tune_gb=(
            _not_negative(entry, "memory_to_tune_gb") if tunable else None
        ),
        tunable_how=entry.text("tunable_how", ""),
        hosted=entry.boolean("hosted"),
        source=entry.text("source"),
        as_of=entry.date("as_of"),
        end_of_life=entry.date("end_of_life", ""),
        fetch=fetch,
        fetch_file=entry.text("fetch_file") if packaged else "",
        fetch_sha256=entry.text("fetch_sha256") if packaged else "",
        fetch_megabytes=_positive(entry, "fetch_megabytes") if packaged else 0.0,
    )


def _positive(entry: Section, key: str) -> float:
    value = entry.number(key)
    if value <= 0:
        raise entry.error(key, f"{key} = {value:g}", "It must be above 0.")
    return value


def _not_negative(entry: Section, key: str) -> float:
    value = entry.number(key)
    if value < 0:
        raise entry.error(key, f"{key} = {value:g}", "It must be 0 or more.")
    return value
