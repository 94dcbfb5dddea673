import pytest

from tunewise.domain.facts import Comparison, Conclusion, FactSheet
from tunewise.domain.rules import Option
from tunewise.engine.arms import Arm, examples_to_settle
from tunewise.engine.measured import judge


def compare(a, b, conclusion, difference=0.1, needs_n=None):
    return {
        "a": a,
        "b": b,
        "metric": "accuracy",
        "difference": difference,
        "low": difference - 0.05,
        "high": difference + 0.05,
        "p_value": 0.01,
        "conclusion": conclusion,
        "needs_n": needs_n,
    }


def score(value, half=0.03, evidence="run:r1"):
    low, high = max(value - half, 0), min(value + half, 1)
    return {"value": value, "low": low, "high": high, "evidence": evidence}


def test_one_measured_option_or_an_assumed_score_decides_nothing(sheet):
    assert judge(sheet(), ()) is None
    assert judge(sheet(prompt_score=score(0.9)), ()) is None
    assert judge(sheet(prompt_score=score(0.9), rag_score=0.5), ()) is None
    by_hearsay = score(0.5, evidence="person:Ana")
    assert judge(sheet(prompt_score=score(0.9), rag_score=by_hearsay), ()) is None


def test_imported_scores_count_as_measured(sheet):
    imported = score(0.5, evidence="imported:answers.jsonl")

    assert judge(sheet(prompt_score=score(0.9), rag_score=imported), ()) is not None


def test_cheapest_option_whose_lower_bound_meets_the_target_is_recommended(sheet):
    facts = sheet(
        prompt_score=score(0.80),  # 0.77 to 0.83
        rag_score=score(0.88),  # 0.85 to 0.91
        finetune_score=score(0.95),
        target_score=0.85,
    )

    judgement = judge(facts, ())

    assert judgement.recommended is Option.RAG
    assert judgement.shown
    assert judgement.runner_up is Option.FINETUNE
    assert judgement.margin == -0.07  # 0.88 - 0.95
    assert judgement.because == (
        "rag (0.880, 0.850 to 0.910) is the cheapest option shown to meet the target "
        "0.85."
    )


def test_veto_stands_above_a_score_that_meets_the_target(sheet):
    facts = sheet(
        prompt_score=score(0.9), finetune_score=score(0.95), target_score=0.85
    )

    assert judge(facts, {Option.PROMPT}).recommended is Option.FINETUNE
    assert judge(facts, {Option.PROMPT, Option.FINETUNE}) is None


def test_no_option_that_meets_the_target_is_defer_and_says_by_how_much(sheet):
    facts = sheet(
        prompt_score=score(0.70), finetune_score=score(0.80), target_score=0.90
    )

    judgement = judge(facts, {Option.RAG, Option.HYBRID})

    assert judgement.recommended is Option.DEFER
    assert judgement.runner_up is Option.FINETUNE
    assert judgement.margin == 0.1
    assert judgement.because == (
        "No option meets the target 0.9: the best, finetune (0.800, 0.770 to 0.830), "
        "misses it by 0.100."
    )
    assert [s.who for s in judgement.next_steps] == ["decision owner"]
    assert "stronger base model" in judgement.next_steps[0].action


def test_missed_target_asks_to_measure_what_is_left_before_anything_else(sheet):
    facts = sheet(
        prompt_score=score(0.70), finetune_score=score(0.80), target_score=0.90
    )

    steps = judge(facts, {Option.HYBRID}).next_steps

    assert steps[0].action.startswith("Measure rag: ")


def test_interval_that_spans_the_target_is_open_and_says_how_many_more(sheet):
    facts = sheet(
        prompt_score=score(0.60),
        finetune_score=score(0.80, half=0.08),  # 0.72 to 0.88
        target_score=0.75,
    )

    judgement = judge(facts, ())

    assert judgement.recommended is Option.FINETUNE  # the prompt cannot meet it
    assert judgement.open
    assert not judgement.shown
    # By hand: n = 1.96^2 * 0.16 / 0.05^2 = 246; an interval of +-0.08 was measured
    # on 1.96^2 * 0.16 / 0.08^2 = 96; 246 - 96 = 150.
    assert judgement.warnings == (
        "finetune (0.800, 0.720 to 0.880) is inconclusive against the target 0.75: "
        "about 150 more held-out examples would do.",
    )


def test_cheapest_of_those_that_span_the_target_unless_a_dearer_one_beats_it(sheet):
    def judged(conclusion):
        facts = sheet(
            [compare("finetune", "prompt", conclusion)],
            prompt_score=score(0.74, half=0.05),
            finetune_score=score(0.76, half=0.05),
            target_score=0.75,
        )
        return judge(facts, ()).recommended

    assert judged("inconclusive") is Option.PROMPT
    assert judged("equivalent") is Option.PROMPT
    assert judged("win") is Option.FINETUNE


def test_without_target_a_shown_win_of_the_dearer_option_decides(sheet):
    facts = sheet(
        [compare("prompt", "finetune", "lose", -0.1)],
        prompt_score=score(0.8),
        finetune_score=score(0.9),
    )

    judgement = judge(facts, ())

    assert judgement.recommended is Option.FINETUNE
    assert judgement.margin == 0.1
    assert judgement.shown
    assert "is shown to beat prompt" in judgement.because


def test_without_target_inconclusive_goes_to_the_cheaper_and_says_how_many(sheet):
    facts = sheet(
        [compare("finetune", "prompt", "inconclusive", 0.02, needs_n=412)],
        prompt_score=score(0.80),
        finetune_score=score(0.82),
    )

    judgement = judge(facts, ())

    assert judgement.recommended is Option.PROMPT
    assert not judgement.shown
    assert judgement.warnings == (
        "finetune against prompt is inconclusive (difference +0.020, -0.030 to "
        "+0.070): about 412 held-out examples would settle it; the cheaper option is "
        "recommended.",
    )


def test_a_dearer_option_that_scores_higher_is_not_passed_over_in_silence(sheet):
    facts = sheet(
        [
            compare("rag", "prompt", "win"),
            compare("finetune", "rag", "inconclusive", 0.08),
            compare("finetune", "prompt", "win"),
        ],
        prompt_score=score(0.39),
        rag_score=score(0.55),
        finetune_score=score(0.63),
    )

    judgement = judge(facts, ())

    assert judgement.recommended is Option.RAG
    assert judgement.because == (
        "rag (0.550, 0.520 to 0.580) was measured and is shown to beat prompt (0.390, "
        "0.360 to 0.420); finetune (0.630, 0.600 to 0.660), dearer, is not shown to "
        "be better."
    )
    assert judgement.margin == -0.08


def test_cheapest_equivalent_to_the_best_is_recommended(sheet):
    facts = sheet(
        [
            compare("finetune", "rag", "equivalent", 0.001),
            compare("finetune", "prompt", "win"),
            compare("rag", "prompt", "win"),
        ],
        prompt_score=score(0.7),
        rag_score=score(0.899),
        finetune_score=score(0.9),
    )

    judgement = judge(facts, ())

    assert judgement.recommended is Option.RAG
    assert judgement.shown


def test_without_a_comparison_only_intervals_apart_show_a_win(sheet):
    def judged(finetune, **options):
        facts = sheet(
            prompt_score=score(0.8), finetune_score=score(finetune, **options)
        )
        return judge(facts, ())

    assert judged(0.87).recommended is Option.FINETUNE  # 0.83 < 0.84
    close = judged(0.85)  # 0.82 to 0.88 touches 0.77 to 0.83
    assert close.recommended is Option.PROMPT
    assert "not compared on the same held-out examples" in close.warnings[0]
    assert judged(0.99, half=0).recommended is Option.PROMPT  # no interval, no win


def test_score_without_interval_meets_the_target_but_not_clearly(sheet):
    facts = sheet(
        prompt_score=score(0.9, half=0), rag_score=score(0.95), target_score=0.85
    )

    judgement = judge(facts, ())

    assert judgement.recommended is Option.PROMPT
    assert not judgement.shown
    assert judgement.warnings[0].startswith("prompt_score has no interval")


@pytest.mark.parametrize(
    ("value", "target", "examples"),
    [
        (0.5, 0.4, 97),  # 3.8416 * 0.25 / 0.01 = 96.04
        (0.9, 0.8, 35),  # 3.8416 * 0.09 / 0.01 = 34.57
        (0.9, 0.9, None),
        (1.0, 0.9, None),
    ],
)
def test_examples_to_settle_a_target_follow_wald(value, target, examples):
    assert examples_to_settle(Arm(Option.PROMPT, value, 0, 1), target) == examples


def test_comparison_is_read_from_either_side():
    comparison = Comparison(
        "prompt", "rag", "accuracy", -0.2, -0.3, -0.1, 0.001, Conclusion.LOSE
    )

    assert comparison.seen_from("rag").conclusion is Conclusion.WIN
    assert judge(FactSheet(comparisons=(comparison,)), ()) is None
