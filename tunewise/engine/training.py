"""The training configuration that the rules suggest, and what they warn of."""

from collections.abc import Mapping

from tunewise.domain.decision import TrainingSetting
from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import RuleSet, Truth
from tunewise.engine.reference import evaluate


def configure(rule_set: RuleSet, sheet: FactSheet) -> Mapping[str, TrainingSetting]:
    """Return the first setting of each key whose condition holds, in file order."""
    chosen: dict[str, TrainingSetting] = {}
    for setting in rule_set.settings:
        if setting.key in chosen:
            continue
        if evaluate(setting.when, sheet) is Truth.HOLDS:
            chosen[setting.key] = TrainingSetting(setting.value, setting.because)
    return chosen


def warnings(
    rule_set: RuleSet, sheet: FactSheet, settings: Mapping[str, object]
) -> tuple[str, ...]:
    """Return what the rules say against settings, in file order."""
    return tuple(
        f"{warning.key} {value:g}: {warning.because}"
        for warning in rule_set.setting_warnings
        if isinstance(value := settings.get(warning.key), int | float)
        and warning.at_least <= value <= warning.at_most
        and evaluate(warning.when, sheet) is Truth.HOLDS
    )
