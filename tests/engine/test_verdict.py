import datetime as dt
import time

import pytest

from tunewise.domain.decision import Lead, NextStep, Search
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import Option
from tunewise.engine import durable_adapter
from tunewise.engine.verdict import advise

TODAY = dt.date(2026, 11, 23)
MEASURE = "on the same held-out examples: tunewise experiment run experiment.toml"
OFF = '[a]\nby = "Ada"\nbecause = "We quote by hand."\n'
STRONGER = "Measure the prompt on the strongest allowed model"


def ask(rule_set, facts, engine="reference"):
    return advise(rule_set, facts, today=TODAY, engine=engine)


def measured(value, half=0.02, **more):
    return {
        "value": value,
        "low": value - half,
        "high": value + half,
        "evidence": "run:r1",
        **more,
    }


def test_without_facts_the_verdict_is_defer(rules, write):
    verdict = ask(rules({"c": write("must_cite_sources = true", "rag 3")}), FactSheet())

    assert verdict.recommended is Option.DEFER
    assert verdict.because == "Nothing that is known speaks for any option yet."
    assert verdict.basis == "rules"
    assert verdict.lead is Lead.OPEN  # one answer turns it to rag
    assert verdict.unknown == ("must_cite_sources",)
    assert verdict.next_question.fact == "must_cite_sources"
    assert verdict.next_question.why == "It may turn the verdict: true → rag."
    assert verdict.flips[0].change == {"must_cite_sources": True}
    assert verdict.next_steps == ()


def test_totals_margin_and_findings_are_the_sums_of_weights(rules, write, sheet):
    rule_set = rules(
        {
            "a-cite": write("must_cite_sources = true", "rag 3", "finetune veto"),
            "b-many": write("training_examples = { at_least = 50 }", "finetune 2"),
            "c-more": write("training_examples = { above = 90 }", "prompt 1", "rag -1"),
        }
    )  # fmt: skip

    verdict = ask(rule_set, sheet(must_cite_sources=True, training_examples=100))

    # By hand: rag 3 - 1 = 2, prompt 1; finetune has 2 and is ruled out.
    assert verdict.recommended is Option.RAG
    assert verdict.runner_up is Option.PROMPT
    assert verdict.totals == {
        Option.PROMPT: 1,
        Option.RAG: 2,
        Option.FINETUNE: 2,
        Option.HYBRID: 0,
        Option.DEFER: 0,
    }
    assert verdict.margin == 1
    assert verdict.lead is Lead.NARROW  # nothing is unknown, and one is a small margin
    assert verdict.ruled_out == {Option.FINETUNE: ("a-cite",)}
    assert verdict.assumed == ("must_cite_sources", "training_examples")
    assert [(f.criterion, f.option.value, f.weight) for f in verdict.findings] == [
        ("a-cite", "finetune", 0),  # the veto
        ("a-cite", "rag", 3),
        ("b-many", "finetune", 2),
        ("c-more", "prompt", 1),
        ("c-more", "rag", -1),
    ]
    assert verdict.because == "B rag: rag has a total of 2, against 1 for prompt."
    # By hand: 2.8 * sqrt(0.25 / 200) = 0.099.
    assert verdict.next_steps == (
        NextStep(
            f"Measure prompt and rag {MEASURE}",
            "the person who has the examples",
            "no option has been measured on your data; 200 held-out examples show a "
            "difference of 0.10 or more, if a quarter of the answers differ",
        ),
    )


def test_large_margin_that_no_unknown_fact_turns_is_a_clear_lead(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { at_least = 50 }", "prompt 1"),
        }
    )

    verdict = ask(rule_set, sheet(must_cite_sources=True))

    assert verdict.lead is Lead.CLEAR
    assert verdict.unknown == ("training_examples",)
    assert verdict.next_question is None  # 1 cannot outweigh 3


def test_tie_goes_to_the_cheaper_option_and_is_open(rules, write, sheet):
    rule_set = rules({"a": write("must_cite_sources = true", "hybrid 2", "rag 2")})

    verdict = ask(rule_set, sheet(must_cite_sources=True))

    assert verdict.recommended is Option.RAG
    assert verdict.runner_up is Option.HYBRID
    assert verdict.lead is Lead.OPEN


def test_every_option_ruled_out_or_spoken_against_is_defer(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "prompt -1", "finetune veto"),
            "b": write("must_cite_sources = true", "rag veto", "hybrid -2"),
        }
    )

    verdict = ask(rule_set, sheet(must_cite_sources=True))

    assert verdict.recommended is Option.DEFER
    assert verdict.runner_up is Option.PROMPT
    assert "not ruled out (finetune and rag)" in verdict.because


def test_criteria_that_do_not_match_say_what_failed_or_what_they_wait_for(
    rules, write, sheet
):
    rule_set = rules(
        {
            "fails": write("must_cite_sources = false", "prompt 1"),
            "waits": write("training_examples = { at_least = 50 }", "finetune 1"),
        }
    )

    verdict = ask(rule_set, sheet(must_cite_sources=True))

    assert [(n.criterion, n.failed, n.waiting_for) for n in verdict.not_matched] == [
        ("fails", ("must_cite_sources is true, not false",), ()),
        ("waits", (), ("training_examples",)),
    ]


def test_next_steps_are_those_of_the_recommended_option_and_of_defer(rules, sheet):
    text = 'title = "T"\nsince = 2026-11-23\nsource = "S"\n[when]\n'
    text += "must_cite_sources = true\n"
    steps = [("rag", 3, "do"), ("prompt", 1, "no"), ("defer", 1, "ask")]
    for option, weight, then in steps:
        text += f'[[then]]\noption = "{option}"\nweight = {weight}\nbecause = "B"\n'
        text += f'next = "{then}"\nwho = "Ana"\nvariant = "{option}/form"\n'

    verdict = ask(rules({"c": text}), sheet(must_cite_sources=True))

    assert [(s.action, s.who) for s in verdict.next_steps[:2]] == [
        ("do", "Ana"),
        ("ask", "Ana"),
    ]
    assert verdict.next_steps[2].action == f"Measure prompt and rag {MEASURE}"
    assert verdict.variant == "rag/form"


def test_stale_fact_is_warned_of(rules, sheet):
    facts = sheet(
        target_score={"value": 0.5, "valid_until": "2026-11-22"},
        rag_score={"value": 0.5, "valid_until": "2026-11-23"},
    )

    verdict = ask(rules(), facts)

    assert verdict.warnings == ("target_score was valid until 2026-11-22: ask again.",)


def test_untuned_score_has_no_weight_for_tuning_while_a_stronger_model_is_open(
    rules, write, sheet
):
    rule_set = rules(
        {
            "short": write(
                "prompt_score = { below = { fact = 'target_score' } }",
                "finetune 3",
                "prompt -1",
            ),
            "many": write("training_examples = { at_least = 50 }", "rag 1"),
        }
    )
    facts = {
        "prompt_score": measured(0.5, model="small"),
        "target_score": 0.9,
        "training_examples": 60,
    }

    unknown = ask(rule_set, sheet(**facts))
    allowed = ask(rule_set, sheet(**facts, stronger_model_allowed=True))
    not_allowed = ask(rule_set, sheet(**facts, stronger_model_allowed=False))

    assert not_allowed.recommended is Option.FINETUNE
    assert not_allowed.warnings == ()
    for verdict in (unknown, allowed):
        assert verdict.recommended is Option.RAG
        said = {
            f.option.value: f.weight for f in verdict.findings if f.criterion == "short"
        }
        assert said == {"finetune": 0, "prompt": -1}
        assert verdict.next_steps[0].action == STRONGER
        assert verdict.warnings[0].startswith("short: no weight for tuning")
    assert unknown.next_steps[0].why == (
        "whether a stronger model than the measured one (small) is allowed is unknown"
    )
    assert allowed.next_steps[0].why == (
        "a stronger model than the measured one (small) is allowed"
    )


def test_measured_win_stands_above_the_criteria(rules, write, sheet):
    rule_set = rules({"c": write("must_cite_sources = true", "rag 3")})
    facts = sheet(
        must_cite_sources=True,
        prompt_score=measured(0.7),
        finetune_score=measured(0.9),
        stronger_model_allowed=False,
    )

    verdict = ask(rule_set, facts)

    assert verdict.recommended is Option.FINETUNE
    assert verdict.basis == "measured"
    assert verdict.margin == 0.2
    assert verdict.lead is Lead.CLEAR
    assert verdict.unknown == ("target_score",)
    assert verdict.next_steps == ()


def test_veto_stands_above_a_measured_win(rules, write, sheet):
    rule_set = rules({"c": write("must_cite_sources = true", "finetune veto")})
    facts = sheet(
        must_cite_sources=True,
        prompt_score=measured(0.7),
        finetune_score=measured(0.9),
        stronger_model_allowed=False,
    )

    verdict = ask(rule_set, facts)

    assert verdict.recommended is Option.PROMPT
    assert verdict.ruled_out == {Option.FINETUNE: ("c",)}


def test_veto_that_waits_keeps_a_measured_win_open(rules, write, sheet):
    rule_set = rules({"c": write("must_cite_sources = true", "finetune veto")})
    facts = sheet(
        prompt_score=measured(0.7),
        finetune_score=measured(0.9),
        target_score=0.8,
        stronger_model_allowed=False,
    )

    verdict = ask(rule_set, facts)

    assert verdict.recommended is Option.FINETUNE
    assert verdict.lead is Lead.OPEN
    assert verdict.next_question.fact == "must_cite_sources"


def test_measured_win_of_tuning_is_set_aside_while_a_stronger_model_is_open(
    rules, write, sheet
):
    facts = sheet(
        must_cite_sources=True,
        prompt_score=measured(0.7, model="small"),
        finetune_score=measured(0.9),
    )

    decided = ask(rules({"c": write("must_cite_sources = true", "finetune 1")}), facts)
    undecided = ask(rules(), facts)

    assert decided.recommended is Option.FINETUNE  # by the criterion, not the scores
    assert decided.basis == "rules"
    assert undecided.recommended is Option.DEFER
    assert "nothing else decides" in undecided.because
    for verdict in (decided, undecided):
        assert verdict.next_steps[0].action == STRONGER
        assert verdict.warnings[0].startswith("The scores speak for finetune, but ")
        assert not any(MEASURE in step.action for step in verdict.next_steps)


def test_one_measured_option_is_named_in_the_step_to_measure(rules, write, sheet):
    rule_set = rules({"c": write("must_cite_sources = true", "rag 3")})

    verdict = ask(rule_set, sheet(must_cite_sources=True, prompt_score=measured(0.7)))

    assert verdict.next_steps[-1].action == f"Measure prompt and rag {MEASURE}"
    assert verdict.next_steps[-1].why.startswith(
        "only prompt has been measured on your data; "
    )


def test_findings_are_vetoes_then_the_heaviest_then_names_of_forms(rules, write, sheet):
    named = write("must_cite_sources = true", "rag 0").replace(
        "weight = 0\n", 'weight = 0\nvariant = "rag/quoting"\n'
    )
    rule_set = rules(
        {
            "a": named,
            "b": write("must_cite_sources = true", "rag 1", "prompt -3"),
            "c": write("must_cite_sources = true", "hybrid 2", "finetune veto"),
            "d": write("must_cite_sources = true", "prompt veto", "rag 3"),
        }
    )

    verdict = ask(rule_set, sheet(must_cite_sources=True))

    said = [
        (f.criterion, f.option.value, "veto" if f.veto else f.weight)
        for f in verdict.findings
    ]
    assert said == [
        ("c", "finetune", "veto"),
        ("d", "prompt", "veto"),
        ("b", "prompt", -3),
        ("d", "rag", 3),
        ("c", "hybrid", 2),
        ("b", "rag", 1),
        ("a", "rag", 0),
    ]


def test_form_is_named_without_a_weight_and_by_the_heaviest_of_several(
    rules, write, sheet
):
    def form(weight, name):
        return write("must_cite_sources = true", f"rag {weight}").replace(
            f"weight = {weight}\n", f'weight = {weight}\nvariant = "rag/{name}"\n'
        )

    facts = sheet(must_cite_sources=True)
    plain = write("must_cite_sources = true", "rag 1")

    named = ask(rules({"a": form(0, "quoting"), "b": plain}), facts)
    heavier = ask(rules({"a": form(0, "quoting"), "b": form(2, "long")}), facts)
    against = ask(
        rules(
            {"a": form(-1, "quoting"), "b": write("must_cite_sources = true", "rag 2")}
        ),
        facts,
    )

    assert (named.variant, named.totals[Option.RAG]) == ("rag/quoting", 1)
    assert heavier.variant == "rag/long"
    assert against.variant == ""  # what speaks against a form does not name it


def test_form_alone_recommends_nothing(rules, write, sheet):
    form = write("must_cite_sources = true", "rag 0").replace(
        "weight = 0\n", 'weight = 0\nvariant = "rag/quoting"\n'
    )

    verdict = ask(rules({"a": form}), sheet(must_cite_sources=True))

    assert verdict.recommended is Option.DEFER
    assert verdict.variant == ""


def test_step_to_measure_names_the_options_that_something_speaks_for(
    rules, write, sheet
):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "finetune 3"),
            "b": write("training_examples = { above = 1 }", "hybrid 2", "rag -1"),
        }
    )

    one = ask(rule_set, sheet(must_cite_sources=True))
    two = ask(rule_set, sheet(must_cite_sources=True, training_examples=2))

    # Always beside the prompt, and never an option with a total of 0.
    assert one.next_steps[-1].action == f"Measure prompt and finetune {MEASURE}"
    assert two.next_steps[-1].action == (
        f"Measure prompt, finetune and hybrid {MEASURE}"
    )


@pytest.mark.parametrize(
    ("examples", "difference"),
    # 2.8 * sqrt(0.25 / n) = 1.4 / sqrt(n), never more than all
    [(400, "0.07"), (50, "0.20"), (1, "1.00")],
)
def test_step_to_measure_says_how_small_a_difference_the_examples_show(
    rules, write, sheet, examples, difference
):
    facts = '[heldout_examples]\ntype = "integer"\nquestion = "How many?"\nwhy = "W"\n'
    facts += '[cites]\ntype = "bool"\nquestion = "Cites?"\nwhy = "W"\n'
    rule_set = rules({"a": write("cites = true", "rag 2")}, {"facts.toml": facts})
    sheet = FactSheet(
        {n: Fact(n, v) for n, v in [("heldout_examples", examples), ("cites", True)]}
    )

    verdict = ask(rule_set, sheet)

    assert verdict.next_steps[-1].why == (
        f"no option has been measured on your data; your {examples} held-out examples "
        f"show a difference of {difference} or more, if a quarter of the answers differ"
    )


def test_how_far_flips_were_searched_is_told(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 3"),
            "b": write("training_examples = { at_least = 50 }", "prompt 1"),
        }
    )

    verdict = ask(rule_set, sheet(must_cite_sources=True))

    # Not citing makes it defer; with it, 49, 50 and 51 examples were tried.
    assert verdict.searched == Search(single=4)


def test_pairs_are_counted_where_no_single_answer_flips(rules, write, sheet):
    both = "must_cite_sources = true\ntraining_examples = { at_least = 50 }"
    rule_set = rules({"a": write(both, "rag 3")})

    verdict = ask(rule_set, FactSheet())

    # Two answers of citing, and 49, 50, 51 examples: 2 * 3 pairs.
    assert verdict.searched == Search(single=5, pairs=6, of_pairs=6)
    assert [f.change for f in verdict.flips] == [
        {"must_cite_sources": True, "training_examples": 50}
    ]


def test_unknown_facts_stand_in_the_order_of_their_influence(rules, write, sheet):
    rule_set = rules(
        {
            "a": write("must_cite_sources = true", "rag 1"),
            "b": write("stronger_model_allowed = true", "prompt 3"),
            "c": write('note = "x"\nneeded_until = { above = 2027-01-01 }', "rag -1"),
        }
    )

    verdict = ask(rule_set, FactSheet())

    assert verdict.unknown[0] == "stronger_model_allowed"
    assert verdict.next_question.fact == verdict.unknown[0]
    assert set(verdict.unknown) == {
        "must_cite_sources",
        "stronger_model_allowed",
        "note",
        "needed_until",
    }


def test_criterion_that_is_switched_off_would_have_matched_is_warned_of(
    rules, write, sheet
):
    rule_set = rules(
        {"a": write("must_cite_sources = true", "rag 3")},
        house={"switched-off.toml": OFF},
    )

    matching = ask(rule_set, sheet(must_cite_sources=True))
    failing = ask(rule_set, sheet(must_cite_sources=False))

    assert matching.recommended is Option.DEFER
    assert matching.findings == matching.not_matched == ()
    assert matching.warnings == (
        "a would match and is switched off by Ada: We quote by hand.",
    )
    assert failing.warnings == ()
    assert ask(rule_set, FactSheet()).warnings == ()  # it waits


def test_training_is_configured_unless_tuning_is_ruled_out(rules, write, sheet):
    training = '[[setting]]\nkey = "rank"\nvalue = 16\nbecause = "B"\nsource = "S"\n'
    rule_set = rules(
        {"c": write("must_cite_sources = true", "finetune veto", "hybrid veto")},
        {"training.toml": training},
    )

    assert ask(rule_set, sheet()).training["rank"].value == 16
    assert ask(rule_set, sheet(must_cite_sources=True)).training == {}


def test_without_durable_rules_the_reference_decides_and_says_so(rules, monkeypatch):
    monkeypatch.setattr(durable_adapter, "_INSTALLED", False)

    verdict = ask(rules(), FactSheet(), engine="auto")

    assert verdict.engine == "reference 1"
    assert verdict.warnings == (
        "durable-rules is not installed; the reference evaluator decided.",
    )
    with pytest.raises(EnvironmentProblem, match="durable-rules is not installed"):
        ask(rules(), FactSheet(), engine="durable")


def test_engine_that_does_not_exist_is_a_bug(rules):
    with pytest.raises(ValueError, match="engine = 'prolog'"):
        ask(rules(), FactSheet(), engine="prolog")


def test_forty_criteria_over_an_empty_sheet_are_advised_quickly(rules, write):
    tests = [
        "must_cite_sources = true",
        'knowledge_changes = { in = ["weekly", "daily"] }',
        "training_examples = { at_least = N, below = 1000 }",
        "target_score = { above = 0.N }",
        "prompt_score = { below = { fact = 'target_score' } }",
    ]
    criteria = {
        f"c{n}": write(
            "\n".join(
                {t.replace("N", f"{n + 1}") for t in (tests[n % 5], tests[n % 3])}
            ),
            f"{['prompt', 'rag', 'finetune'][n % 3]} {n % 3 + 1}",
        )
        for n in range(40)
    }
    rule_set = rules(criteria)
    ask(rule_set, FactSheet())

    started = time.process_time()
    ask(rule_set, FactSheet())

    assert time.process_time() - started < 0.15
