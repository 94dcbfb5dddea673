"""No option is recommended on the strength of what a lookup without a model scores."""

import datetime as dt

import pytest

from tunewise import resources
from tunewise.domain.facts import Evidence, EvidenceKind, Fact, FactSheet
from tunewise.domain.rules import Option
from tunewise.engine.loader import load
from tunewise.engine.lookup import lookup_of
from tunewise.engine.measured import judge
from tunewise.engine.verdict import advise

TODAY = dt.date(2026, 11, 27)
RUN = Evidence(EvidenceKind.RUN, "r1")


def score(name: str, value: float, half: float = 0.03) -> Fact:
    low, high = max(value - half, 0), min(value + half, 1)
    return Fact(name, value, low=low, high=high, evidence=RUN)


def sheet(
    lookup: float, beside: str, *, needs: int | None = None, **values: float
) -> FactSheet:
    facts = [score(f"{name}_score", v) for name, v in values.items() if name != "goal"]
    facts += [
        Fact("best_lookup", "majority", evidence=RUN),
        score("lookup_score", lookup),
        Fact("options_beside_lookup", beside, evidence=RUN),
    ]
    if needs:
        facts.append(Fact("lookup_needs_examples", needs, evidence=RUN))
    if "goal" in values:
        facts.append(Fact("target_score", values["goal"]))
    return FactSheet({fact.name: fact for fact in facts})


def test_arms_that_a_lookup_equals_are_not_yet_and_the_lookup_is_named() -> None:
    judgement = judge(sheet(0.5, "not_better", prompt=0.4, finetune=0.5), ())

    assert judgement is not None
    assert judgement.recommended is Option.DEFER
    assert judgement.runner_up is Option.FINETUNE
    assert judgement.because == (
        "No measured option beats the most frequent answer (0.500, 0.470 to 0.530), a "
        "lookup without a model: the best is finetune (0.500, 0.470 to 0.530)."
    )
    assert [s.action.split(":")[0] for s in judgement.next_steps] == [
        "Measure rag and hybrid"
    ]


def test_what_is_open_asks_for_examples_first_and_claims_nothing() -> None:
    facts = sheet(0.5, "open", needs=840, prompt=0.4, finetune=0.53)

    judgement = judge(facts, {Option.RAG, Option.HYBRID})

    assert judgement is not None
    assert judgement.open
    assert not judgement.shown
    (step,) = judgement.next_steps
    assert step.action.startswith("Measure on about 840 held-out examples: tunewise")
    assert step.who == "data owner"
    assert "before anything is claimed" in judgement.warnings[0]


def test_without_a_number_it_asks_for_more_examples() -> None:
    judgement = judge(sheet(0.0, "open", prompt=0.0, finetune=0.0), ())

    assert judgement is not None
    assert judgement.next_steps[1].action.startswith("Measure on more held-out")


def test_an_option_that_beats_the_lookup_is_judged_as_before() -> None:
    beaten = sheet(0.5, "better", prompt=0.4, finetune=0.9)
    without = beaten.without("best_lookup", "lookup_score", "options_beside_lookup")

    assert judge(beaten, ()) == judge(without, ())


@pytest.mark.parametrize(
    ("lookup", "goal", "recommended"),
    [
        (0.70, 0.60, Option.DEFER),  # the lookup meets it: nothing else is needed
        (0.70, 0.75, Option.FINETUNE),  # the option is shown to meet it (0.77)
        (0.70, 0.79, Option.DEFER),  # may meet it, and is not shown to beat the lookup
        (0.70, 0.95, Option.DEFER),  # none can
    ],
)
def test_beside_a_target(lookup: float, goal: float, recommended: Option) -> None:
    facts = sheet(lookup, "open", prompt=0.5, finetune=0.8, goal=goal)

    judgement = judge(facts, ())

    assert judgement is not None
    assert judgement.recommended is recommended


def test_only_the_target_that_no_option_can_meet_says_by_how_much() -> None:
    judgement = judge(sheet(0.1, "open", prompt=0.1, finetune=0.1, goal=0.8), ())

    assert judgement is not None
    assert "No option meets the target 0.8" in judgement.because


def test_a_lookup_that_nobody_measured_holds_nothing_back() -> None:
    measured = sheet(0.5, "not_better", prompt=0.4, finetune=0.5)
    said = measured.with_facts(
        Fact("options_beside_lookup", "not_better"), Fact("lookup_score", 0.5)
    )

    judgement = judge(said, ())

    assert lookup_of(said) is None
    assert judgement is not None
    assert judgement.recommended is not Option.DEFER


def test_an_unknown_lookup_is_not_waited_for() -> None:
    verdict = advise(load(resources.rule_texts()), FactSheet(), today=TODAY)

    why = {n.criterion: n for n in verdict.not_matched}
    for criterion in ("lookup-does-as-well", "no-option-beats-lookup"):
        assert why[criterion].waiting_for == ()
    assert "options_beside_lookup" not in verdict.unknown


@pytest.mark.parametrize("engine", ["reference", "auto"])
def test_the_form_to_try_is_no_language_model_where_the_lookup_scores_well(
    engine: str,
) -> None:
    rules = load(resources.rule_texts())
    near, far = (
        sheet(lookup, "not_better", prompt=0.02, finetune=lookup)
        for lookup in (0.02, 0.6)
    )

    verdicts = [advise(rules, s, today=TODAY, engine=engine) for s in (near, far)]

    assert [v.recommended for v in verdicts] == [Option.DEFER, Option.DEFER]
    assert [v.variant for v in verdicts] == [
        "defer/another-base-or-data",
        "defer/no-language-model",
    ]


def test_what_one_measured_arm_has_not_shown_the_rules_do_not_recommend() -> None:
    rules = load(resources.rule_texts())
    failed = sheet(0.3, "not_better", prompt=0.1).with_facts(
        Fact("prompt_tried", True, evidence=RUN), Fact("task_type", "reasoning_qa")
    )
    beaten = failed.with_facts(Fact("options_beside_lookup", "better", evidence=RUN))

    verdicts = [advise(rules, s, today=TODAY) for s in (failed, beaten)]

    assert [v.recommended for v in verdicts] == [Option.DEFER, Option.PROMPT]
    assert "No measured option beats the most frequent answer" in verdicts[0].because
