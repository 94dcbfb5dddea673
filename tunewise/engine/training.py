"""The training configuration that the rules suggest for a fact sheet."""

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
