import hashlib

import pytest

from tunewise.domain.errors import RuleFileError
from tunewise.domain.rules import (
    AllOf,
    AnyOf,
    FactReference,
    Leaf,
    Operator,
    Option,
)
from tunewise.engine.conditions import describe
from tunewise.engine.loader import digest, load

FACTS = '[a]\ntype = "bool"\nquestion = "A?"\nwhy = "W"\n'

GOOD = """title = "Answers must cite their sources"
since = 2026-11-22
source = "Guide, item 3"

[when]
must_cite_sources = true
knowledge_changes = { in = ["weekly", "daily"] }
prompt_score = { below = { fact = "target_score" } }

[[when.any]]
training_examples = { at_least = 50, below = 100 }

[[when.any]]
needed_until = { above = 2027-01-01 }

[[then]]
option = "rag"
weight = 3
because = "Retrieval can be quoted."
next = "tunewise experiment run SPEC"
who = "ML engineer"

[[then]]
option = "finetune"
veto = true
because = "A tuned model keeps no link."
"""


def test_criterion_becomes_a_tree_of_typed_tests(rules):
    criterion = rules({"must-cite": GOOD}).criteria[0]

    assert criterion.when == AllOf(
        (
            Leaf("must_cite_sources", Operator.IS, True),
            Leaf("knowledge_changes", Operator.IN, ("weekly", "daily")),
            Leaf("prompt_score", Operator.BELOW, FactReference("target_score")),
            AnyOf(
                (
                    AllOf(
                        (
                            Leaf("training_examples", Operator.AT_LEAST, 50),
                            Leaf("training_examples", Operator.BELOW, 100),
                        )
                    ),
                    AllOf((Leaf("needed_until", Operator.ABOVE, "2027-01-01"),)),
                )
            ),
        )
    )
    assert criterion.id == "must-cite"
    assert criterion.since == "2026-11-22"
    assert criterion.origin == "shipped"
    assert [(t.option, t.weight, t.veto) for t in criterion.then] == [
        (Option.RAG, 3, False),
        (Option.FINETUNE, 0, True),
    ]
    assert criterion.then[0].next_step == "tunewise experiment run SPEC"


def test_condition_reads_as_one_line(rules):
    criterion = rules({"must-cite": GOOD}).criteria[0]

    assert describe(criterion.when) == (
        "must_cite_sources is true and knowledge_changes is weekly or daily and "
        "prompt_score is below target_score and ((training_examples is at least 50 "
        "and training_examples is below 100) or needed_until is above 2027-01-01)"
    )


# Each edit of GOOD, the line it makes wrong, and what the message must say.
@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("weight = 3", "wieght = 3", 18, "unknown key 'wieght'"),
        ("weight = 3", "weight = -99", 18, "weight = -99"),
        ("weight = 3", "weight = 0", 18, "weight = 0 says nothing"),
        ("weight = 3\n", "", 16, "weight = 0 says nothing"),
        ("weight = 3\n", 'variant = "rag/x"\n', 16, "weight = 0 says nothing"),
        ("weight = 3", 'weight = 0\nvariant = ""', 18, "weight = 0 says nothing"),
        ("weight = 3", 'weight = 1\nvariant = "prompt/x"', 19, "is no form of rag"),
        ("weight = 3", "weight = true", 18, "weight = true is not an integer"),
        ("veto = true", "veto = true\nweight = 1", 26, "beside veto = true"),
        ('option = "rag"', 'option = "rga"', 17, "Did you mean 'rag'?"),
        ('source = "Guide, item 3"\n', "", 1, "'source' is missing"),
        ("since = 2026-11-22", 'since = "soon"', 2, "is not a date"),
        ("must_cite_sources", "must_cite_source", 6, "'must_cite_sources'?"),
        ("must_cite_sources = true", 'must_cite_sources = "yes"', 6, "true or false"),
        ('"weekly"', '"weakly"', 7, "Did you mean 'weekly'?"),
        ('{ in = ["weekly", "daily"] }', '["weekly"]', 7, "write { in ="),
        ('{ in = ["weekly", "daily"] }', '{ in = [] }', 7, "is not a list"),
        ('{ in = ["weekly", "daily"] }', '{ above = "weekly" }', 7, "cannot be asked"),
        ("below = { fact", "belwo = { fact", 8, "Did you mean 'below'?"),
        ('"target_score"', '"knowledge_changes"', 8, "cannot be compared"),
        ('"target_score"', '"prompt_score"', 8, "cannot be compared"),
        ('"target_score"', '"targetscore"', 8, "Did you mean 'target_score'?"),
        ("at_least = 50", "at_least = 50.5", 11, "is not an integer"),
        ("at_least = 50", "at_least = -1", 11, "an integer of at least 0"),
        ("at_least = 50, below = 100", "", 11, "asks nothing"),
        ("2027-01-01", '"2027-13-01"', 14, "a date"),
        ("[when]", "[when", 5, "not valid TOML"),
        ("option = \"finetune\"", "option = \"defer\"", 25, "a veto of defer"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_its_line(rules, old, new, line, says):
    assert old in GOOD

    with pytest.raises(RuleFileError) as error:
        rules({"must-cite": GOOD.replace(old, new, 1)})

    first, *todo = str(error.value).split("\n")
    assert first.startswith(f"rules/criteria/must-cite.toml:{line}: ")
    assert says in str(error.value)
    assert todo
    assert all(text.startswith("  ") for text in todo)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (FACTS.replace("bool", "boole"), "facts.toml:2: unknown type \"boole\""),
        (FACTS.replace("A?", "A"), "facts.toml:3: \"A\" is not a question"),
        (FACTS.replace("[a]", "[any]"), "facts.toml:1: 'any' cannot be the name"),
        (FACTS + "low = 1\n", "facts.toml:5: low = 1 for the type \"bool\""),
        (FACTS + "hgih = 1\n", "Did you mean 'high'?"),
        (FACTS.replace("bool", "enum"), "is not a choice"),
        (FACTS.replace("bool", "enum") + 'values = ["x", "unknown"]\n', "unknown"),
        (FACTS.replace("bool", "number") + "low = 2\nhigh = 1\n", "is above high"),
        (FACTS.replace("bool", "number") + "low = nan\n", "finite"),
        (FACTS + FACTS, "facts.toml:5: not valid TOML"),
        (FACTS + 'usual = "true"\n', "facts.toml:5: usual = \"true\""),
        (FACTS.replace("bool", "integer") + "usual = 1\n", "only a bool has a usual"),
        (
            FACTS.replace("bool", "enum") + 'values = ["x", "y"]\nusual = "x"\n',
            "facts.toml:6: usual = \"x\" for the type \"enum\"",
        ),
        (FACTS.replace("bool", "text") + "usual = true\n", "for the type \"text\""),
    ],
)  # fmt: skip
def test_fact_dictionary_is_checked(facts, says):
    with pytest.raises(RuleFileError) as error:
        load({"facts.toml": facts})

    assert says in str(error.value)


@pytest.mark.parametrize(
    ("line", "usual"),
    [("", None), ("usual = true\n", True), ("usual = false\n", False)],
)
def test_bool_may_have_a_usual_answer(line, usual):
    assert load({"facts.toml": FACTS + line}).facts["a"].usual is usual


def test_weight_of_zero_beside_a_variant_names_a_form(rules):
    text = GOOD.replace("weight = 3", 'weight = 0\nvariant = "rag/quoting"')

    consequence = rules({"must-cite": text}).criteria[0].then[0]

    assert (consequence.weight, consequence.variant) == (0, "rag/quoting")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("criteria/Bad_Name.toml", "cannot be an id"),
        ("criteria/a.tml", "is not a .toml file"),
        ("criterai/a.toml", "no rule file has this name"),
        ("fact.toml", "Did you mean 'facts.toml'?"),
    ],
)
def test_path_that_is_no_rule_file_is_refused(path, says):
    with pytest.raises(RuleFileError) as error:
        load({"facts.toml": FACTS, path: ""})

    assert says in str(error.value)


def test_rule_set_without_facts_is_refused():
    with pytest.raises(RuleFileError, match=r"facts\.toml: missing"):
        load({})


def test_more_than_twelve_tests_in_one_table_are_refused(rules, write):
    facts = "".join(
        f'[f{n}]\ntype = "bool"\nquestion = "F?"\nwhy = "W"\n' for n in range(13)
    )
    when = "\n".join(f"f{n} = true" for n in range(13))

    with pytest.raises(RuleFileError, match="13 tests in one table"):
        load({"facts.toml": facts, "criteria/c.toml": write(when, "rag 1")})


def test_digest_is_over_sorted_paths_and_texts_and_leaves_the_readme_out():
    texts = {"options.toml": '[rag]\nbuys = "x"\n', "facts.toml": FACTS}

    rule_set = load({**texts, "README.md": "# anything", ".hidden.toml": "x"})

    by_hand = hashlib.sha256(
        b"facts.toml\0" + FACTS.encode() + b'\0options.toml\0[rag]\nbuys = "x"\n\0'
    ).hexdigest()
    assert rule_set.digest == f"sha256:{by_hand}"
    assert rule_set.texts == texts
    assert digest(rule_set.texts) == rule_set.digest


def test_digest_is_the_same_with_windows_line_ends():
    windows = load({"facts.toml": "\ufeff" + FACTS.replace("\n", "\r\n")})

    assert windows.digest == load({"facts.toml": FACTS}).digest


def test_house_file_replaces_the_shipped_one_and_changes_the_digest(write):
    shipped = {
        "facts.toml": FACTS,
        "criteria/one.toml": write("a = true", "rag 1"),
        "criteria/two.toml": write("a = true", "rag 1"),
    }
    house = {
        "criteria/two.toml": write("a = true", "rag 2"),
        "criteria/ours.toml": write("a = false", "prompt 1"),
        "report.html": "<p>",
    }

    rule_set = load(shipped, house=house)

    assert [(c.id, c.origin, c.then[0].weight) for c in rule_set.criteria] == [
        ("one", "shipped", 1),
        ("ours", "house", 1),
        ("two", "house", 2),
    ]
    assert rule_set.house_files == ("criteria/ours.toml", "criteria/two.toml")
    assert rule_set.digest != load(shipped).digest
    assert load(rule_set.texts).digest == rule_set.digest


def test_mistake_in_a_house_file_names_the_house(write):
    with pytest.raises(RuleFileError, match=r"^house/criteria/x.toml:5: unknown fact"):
        load(
            {"facts.toml": FACTS},
            house={"criteria/x.toml": write("b = true", "rag 1")},
        )


def test_worked_case_is_checked_against_facts_and_criteria(rules, write):
    def case(facts="must_cite_sources = true", matched='["c"]', recommended="rag"):
        text = (
            f'title = "T"\n[facts]\n{facts}\n[expect]\nmatched = {matched}\n'
            f'recommended = "{recommended}"\n'
        )
        criteria = {
            "b": write("must_cite_sources = false", "rag 1"),
            "c": write("must_cite_sources = true", "rag 1"),
        }
        return rules(criteria, {"cases/one.toml": text}).cases[0]

    assert case().matched == ("c",)
    assert case().recommended is Option.RAG
    with pytest.raises(
        RuleFileError, match=r"cases/one\.toml:3: must_cite_sources = 1"
    ):
        case(facts="must_cite_sources = 1")
    with pytest.raises(RuleFileError, match=r"cases/one\.toml:5: no criterion 'd'"):
        case(matched='["d"]')
    with pytest.raises(RuleFileError, match="is not sorted"):
        case(matched='["c", "b"]')
    with pytest.raises(RuleFileError, match="unknown option"):
        case(recommended="tune")


def test_settings_and_base_models_are_read(rules):
    training = (
        '[[setting]]\nkey = "learning_rate"\nvalue = 2e-4\nbecause = "B"\n'
        'source = "S"\nwhen = { training_examples = { below = 100 } }\n'
        '[[setting]]\nkey = "learning_rate"\nvalue = 1e-05\n'
        'because = "B"\nsource = "S"\n'
    )
    models = (
        '[small]\ntitle = "Small"\nparameters_b = 1\ncontext_tokens = 8192\n'
        'licence = "MIT"\ngood_for = ["classification"]\nmemory_to_serve_gb = 1.0\n'
        'hosted = false\nsource = "S"\nas_of = 2026-11-23\n'
    )

    rule_set = rules(files={"training.toml": training, "base-models.toml": models})

    assert [s.value for s in rule_set.settings] == [2e-4, 1e-5]
    assert describe(rule_set.settings[0].when) == "training_examples is below 100"
    assert rule_set.base_models[0].parameters_b == 1.0
    assert rule_set.base_models[0].memory_to_tune_gb is None
    with pytest.raises(RuleFileError, match=r"base-models.toml:3: parameters_b = 0"):
        rules(files={"base-models.toml": models.replace("_b = 1", "_b = 0")})
    with pytest.raises(RuleFileError, match=r"training.toml:3: value = \[\]"):
        rules(files={"training.toml": training.replace("2e-4", "[]")})


CRITERIA = {
    "facts.toml": FACTS,
    "criteria/one.toml": (
        'title = "T"\nsince = 2026-11-23\nsource = "S"\n[when]\na = true\n'
        '[[then]]\noption = "rag"\nweight = 1\nbecause = "B"\n'
    ),
}
OFF = '[one]\nby = "Ada"\nbecause = "We never do it."\n'


def test_house_switches_a_criterion_off_by_name(write):
    shipped = {**CRITERIA, "criteria/two.toml": write("a = true", "rag 2")}

    rule_set = load(shipped, house={"switched-off.toml": OFF})

    assert [c.id for c in rule_set.criteria] == ["two"]
    [off] = rule_set.switched_off
    assert (off.criterion.id, off.by, off.because) == (
        "one",
        "Ada",
        "We never do it.",
    )
    assert rule_set.house_files == ("switched-off.toml",)
    assert rule_set.texts["switched-off.toml"] == OFF
    assert rule_set.digest != load(shipped).digest


def test_house_switches_its_own_criterion_off_too(write):
    house = {"criteria/ours.toml": write("a = true", "rag 2")}

    rule_set = load(
        CRITERIA, house={**house, "switched-off.toml": OFF.replace("one", "ours")}
    )

    assert [c.id for c in rule_set.criteria] == ["one"]
    assert rule_set.switched_off[0].criterion.origin == "house"


def test_nothing_is_switched_off_without_the_file():
    assert load(CRITERIA).switched_off == ()
    assert load(CRITERIA, house={"switched-off.toml": ""}).switched_off == ()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (OFF.replace("[one]", "[oen]"), 1, "no criterion 'oen'"),
        (OFF.replace("[one]", "[oen]"), 1, "Did you mean 'one'?"),
        ('[one]\nbecause = "B"\n', 1, "'by' is missing"),
        ('[one]\nby = "Ada"\n', 1, "'because' is missing"),
        (OFF.replace('"Ada"', '" "'), 2, "'by' is empty"),
        (OFF.replace('"We never do it."', '""'), 3, "'because' is empty"),
        (OFF.replace("because", "becuase"), 3, "unknown key 'becuase'"),
        (OFF + "until = 2027-01-01\n", 4, "unknown key 'until'"),
        ("one = true\n", 1, "one"),
    ],
)
def test_mistake_in_what_is_switched_off_is_named(text, line, says):
    with pytest.raises(RuleFileError) as error:
        load(CRITERIA, house={"switched-off.toml": text})

    first, *todo = str(error.value).split("\n")
    assert first.startswith(f"house/switched-off.toml:{line}: ")
    assert says in str(error.value)
    assert todo


def test_shipped_rules_switch_nothing_off():
    with pytest.raises(RuleFileError) as error:
        load({**CRITERIA, "switched-off.toml": OFF})

    assert str(error.value) == (
        "rules/switched-off.toml:1: only a home's house/ switches criteria off\n"
        "  Take a criterion out by deleting its file."
    )


def test_case_may_name_a_criterion_that_the_house_switched_off(rules):
    case = (
        'title = "T"\n[facts]\na = true\n[expect]\nmatched = ["one"]\n'
        'recommended = "rag"\n'
    )

    rule_set = load(
        {**CRITERIA, "cases/c.toml": case}, house={"switched-off.toml": OFF}
    )

    assert rule_set.cases[0].matched == ("one",)
