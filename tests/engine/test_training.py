import pytest

from tunewise import resources
from tunewise.domain.errors import RuleFileError
from tunewise.domain.facts import Fact, FactSheet
from tunewise.engine.loader import load
from tunewise.engine.training import configure, warnings

TRAINING = """
[[setting]]
key = "epochs"
value = 5
because = "Few examples."
source = "S"
when = { training_examples = { below = 100 } }

[[setting]]
key = "epochs"
value = 3
because = "The usual."
source = "S"

[[setting]]
key = "epochs"
value = 1
because = "Never reached."
source = "S"

[[setting]]
key = "learning_rate"
value = 1e-05
because = "Many examples."
source = "S"
when = { training_examples = { at_least = 100 } }
"""


def test_first_setting_of_a_key_whose_condition_holds_decides(rules, sheet):
    rule_set = rules(files={"training.toml": TRAINING})

    few = configure(rule_set, sheet(training_examples=20))
    many = configure(rule_set, sheet(training_examples=200))
    unknown = configure(rule_set, sheet())

    assert {k: s.value for k, s in few.items()} == {"epochs": 5}
    assert few["epochs"].because == "Few examples."
    assert {k: s.value for k, s in many.items()} == {
        "epochs": 3,
        "learning_rate": 1e-05,
    }
    assert {k: s.value for k, s in unknown.items()} == {"epochs": 3}


WARNINGS = """
[[warning]]
key = "learning_rate"
at_least = 1e-05
at_most = 2e-05
because = "Hardly moves it."
source = "S"
when = { training_examples = { below = 100 } }

[[warning]]
key = "epochs"
at_least = 10
because = "By heart."
source = "S"
"""


def test_a_value_within_the_bounds_of_a_warning_is_warned_of(rules, sheet):
    rule_set = rules(files={"training.toml": WARNINGS})

    def of(examples: int, **settings: object) -> tuple[str, ...]:
        return warnings(rule_set, sheet(training_examples=examples), settings)

    assert of(20, learning_rate=2e-5) == ("learning_rate 2e-05: Hardly moves it.",)
    assert of(20, learning_rate=1e-5, epochs=10) == (
        "learning_rate 1e-05: Hardly moves it.",
        "epochs 10: By heart.",
    )
    assert of(20, learning_rate=2.1e-5, epochs=9) == ()
    assert of(200, learning_rate=2e-5) == ()  # the condition fails
    assert of(20, method="lora") == ()


def test_a_warning_without_a_bound_is_refused(rules):
    text = '[[warning]]\nkey = "epochs"\nbecause = "B"\nsource = "S"\n'

    with pytest.raises(RuleFileError, match=r"training.toml:1: a warning without a bo"):
        rules(files={"training.toml": text})


@pytest.mark.parametrize(
    ("method", "rate", "word"),
    [
        ("lora", 1e-5, "A rate for full training"),
        ("lora", 2e-4, ""),
        ("lora", 1e-3, ""),
        ("full", 1e-5, ""),
        ("full", 5e-5, ""),
        ("full", 2e-4, "A rate for LoRA"),
    ],
)
def test_the_shipped_rules_warn_of_a_rate_that_does_not_fit_the_method(
    method, rate, word
):
    shipped = load(resources.rule_texts())
    asked = FactSheet({"tuning_method": Fact("tuning_method", method)})

    found = warnings(shipped, asked, {"learning_rate": rate})

    assert bool(found) == bool(word)
    assert all(word in warning for warning in found)
