from tunewise.engine.training import configure

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
