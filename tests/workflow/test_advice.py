import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tunewise.domain.errors import EnvironmentProblem, FactError
from tunewise.workflow.advice import (
    MOST_QUESTIONS,
    Interview,
    answer_open_questions,
    give_advice,
)
from tunewise.workflow.home import Home


def typed(
    answers: list[str],
    asked: list[str] | None = None,
    hints: list[str] | None = None,
) -> Callable[[str, str], str]:
    """Return someone who types these answers and then closes the terminal."""
    rest = iter(answers)

    def ask(question: str, hint: str) -> str:
        if asked is not None:
            asked.append(question)
        if hints is not None:
            hints.append(hint)
        for answer in rest:
            return answer
        raise EOFError

    return ask


def test_advice_records_nothing(home: Home) -> None:
    view = give_advice(home, {"must_cite_sources": True})

    assert "finetune" in view["ruled_out"]
    assert not home.path.exists()


def test_advice_with_unknown_facts_is_refused(home: Home) -> None:
    with pytest.raises(FactError, match="must_cite_sources"):
        give_advice(home, {"must_cite_sorces": True})


def test_a_folder_of_rules_that_is_missing_is_named(home: Home, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="no folder of rules"):
        give_advice(home, {}, rules_folder=tmp_path / "none")


def test_a_rule_file_that_is_not_text_is_named(home: Home) -> None:
    bad = home.path / "house" / "prices.toml"
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"\xff\xfe")

    with pytest.raises(EnvironmentProblem, match=r"prices\.toml: cannot be read"):
        give_advice(home, {})


def test_asking_begins_with_the_most_telling_question(home: Home) -> None:
    first = give_advice(home, {})["next_question"]["question"]
    asked: list[str] = []

    answer_open_questions(home, {}, ask=typed([], asked))

    assert asked == [first]


SCORE = """
[must_cite_sources]
type = "bool"
question = "Must answers cite their sources?"
why = "A tuned model keeps no link."
help = "A page number is a source."
who = "domain expert"

[style]
type = "enum"
question = "Which style?"
why = "Style is learnt."
values = ["plain", "house"]

[searched]
type = "bool"
question = "Was a search tried?"
why = "It may do."

[search_score]
type = "number"
question = "What did the search score?"
why = "It may do."
low = 0.0
high = 1.0
"""
CONTRADICTION = """
[[contradiction]]
because = "A search that was not tried has no score."
when = { searched = false, search_score = { known = true } }
"""


def write_rules(folder: Path, *criteria: tuple[str, str]) -> Path:
    """Write a small rule set: each criterion a condition, and "rag 3"."""
    (folder / "criteria").mkdir(parents=True)
    (folder / "facts.toml").write_text(SCORE)
    (folder / "contradictions.toml").write_text(CONTRADICTION)
    for n, (when, says) in enumerate(criteria):
        option, weight = says.split()
        (folder / "criteria" / f"c{n}.toml").write_text(
            f'title = "T"\nsince = 2026-11-26\nsource = "S"\n[when]\n{when}\n'
            f'[[then]]\noption = "{option}"\nweight = {weight}\nbecause = "B"\n'
        )
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two facts that matter: citing speaks for rag, the house's style for tuning."""
    return write_rules(
        tmp_path / "rules",
        ("must_cite_sources = true", "rag 3"),
        ('style = "house"', "finetune 1"),
    )


def test_a_verdict_says_how_far_flips_were_searched(home: Home, small: Path) -> None:
    view = give_advice(home, {"must_cite_sources": True}, rules_folder=small)

    # Not citing, and the two styles; 1 cannot outweigh 3.
    assert view["searched"] == {"single": 3, "pairs": 0, "of_pairs": 0}


def test_advice_names_all_contradictions_together(home: Home) -> None:
    facts = {
        "prompt_tried": False,
        "prompt_score": 0.5,
        "rag_tried": False,
        "rag_score": 0.4,
    }

    with pytest.raises(FactError) as told:
        give_advice(home, facts)

    named = [line for line in str(told.value).splitlines() if line[0] != " "]
    assert named == [
        "prompt_tried = false and prompt_score = 0.5 contradict each other",
        "rag_tried = false and rag_score = 0.4 contradict each other",
    ]


def test_asking_ends_after_eight_questions(home: Home) -> None:
    asked: list[str] = []

    def pass_over(question: str, _: str) -> str:
        asked.append(question)
        return ""

    interview = answer_open_questions(home, {}, ask=pass_over)

    assert interview == Interview(
        {},
        "8 questions asked: enough for a useful verdict.",
    )
    assert len(asked) == len(set(asked)) == MOST_QUESTIONS == 8


def test_asking_ends_as_soon_as_no_answer_matters(home: Home, small: Path) -> None:
    asked: list[str] = []

    interview = answer_open_questions(
        home, {}, ask=typed(["true"], asked), rules_folder=small
    )

    # rag 3 stands above finetune 1: the style is not asked for.
    assert asked == ["Must answers cite their sources?"]
    assert interview == Interview(
        {"must_cite_sources": True},
        "No further answer seems to change this verdict.",
    )


def test_nothing_is_asked_where_nothing_matters(home: Home, small: Path) -> None:
    asked: list[str] = []

    interview = answer_open_questions(
        home, {"must_cite_sources": True}, ask=typed([], asked), rules_folder=small
    )

    assert asked == []
    assert interview == Interview(
        {"must_cite_sources": True},
        "Nothing to ask: no answer seems to change this verdict.",
    )


@pytest.mark.parametrize("unknown", ["", "unknown"])
def test_what_somebody_does_not_know_is_not_asked_again(
    home: Home, small: Path, unknown: str
) -> None:
    asked: list[str] = []

    interview = answer_open_questions(
        home, {}, ask=typed([unknown, unknown], asked), rules_folder=small
    )

    assert asked == ["Must answers cite their sources?", "Which style?"]
    assert interview == Interview({}, "No further answer seems to change this verdict.")


def test_asking_ends_where_the_terminal_is_closed(home: Home, small: Path) -> None:
    interview = answer_open_questions(home, {}, ask=typed([]), rules_folder=small)

    assert interview == Interview({}, "You ended the questions.")


def test_an_answer_becomes_a_fact_and_is_not_asked_again(
    home: Home, small: Path
) -> None:
    asked: list[str] = []

    interview = answer_open_questions(
        home, {}, ask=typed(["no", "house"], asked), rules_folder=small
    )

    assert interview.facts == {"must_cite_sources": False, "style": "house"}
    assert asked == ["Must answers cite their sources?", "Which style?"]


def test_an_answer_that_does_not_fit_is_asked_for_until_it_fits(
    home: Home, small: Path
) -> None:
    asked: list[str] = []
    ask = typed(["perhaps", "who knows", "yes"], asked)

    interview = answer_open_questions(home, {}, ask=ask, rules_folder=small)

    assert interview.facts == {"must_cite_sources": True}
    assert asked[1] == (
        'must_cite_sources = "perhaps" is not true or false\n'
        "Must answers cite their sources?"
    )
    assert asked[2].count("\n") == 1  # what is wrong, and the question


def test_a_question_says_why_it_is_asked_who_knows_and_what_its_answer_may_be(
    home: Home, small: Path
) -> None:
    hints: list[str] = []

    answer_open_questions(
        home, {}, ask=typed(["", ""], hints=hints), rules_folder=small
    )

    assert hints[0].splitlines() == [
        "A page number is a source.",
        "Why: A tuned model keeps no link. It may turn the verdict: true → rag.",
        "Who usually knows: domain expert.",
        "Answer: true or false; empty where you do not know.",
    ]
    # What a fact does not have is left out.
    assert hints[1].splitlines() == [
        "Why: Style is learnt. It may turn the verdict: house → finetune.",
        "Answer: one of plain or house; empty where you do not know.",
    ]


def test_asking_keeps_what_stands_beside_the_facts(home: Home) -> None:
    raw = {"title": "HR", "facts": {"must_cite_sources": True}, "comparisons": []}

    interview = answer_open_questions(home, raw, ask=typed([]))

    assert interview.facts == raw


def test_answers_are_put_into_the_table_of_facts_and_the_given_one_is_kept(
    home: Home, small: Path
) -> None:
    raw = {"title": "HR", "facts": {}, "comparisons": []}

    interview = answer_open_questions(home, raw, ask=typed(["yes"]), rules_folder=small)

    assert interview.facts == {**raw, "facts": {"must_cite_sources": True}}
    assert raw["facts"] == {}


def test_an_answer_that_contradicts_another_is_asked_for_again(
    home: Home, tmp_path: Path
) -> None:
    folder = write_rules(tmp_path / "rules", ("searched = true", "rag 3"))
    asked: list[str] = []

    interview = answer_open_questions(
        home,
        {"search_score": 0.5},
        ask=typed(["no", "yes"], asked),
        rules_folder=folder,
    )

    assert interview.facts == {"search_score": 0.5, "searched": True}
    assert asked == [
        "Was a search tried?",
        "searched = false and search_score = 0.5 contradict each other\n"
        "Was a search tried?",
    ]


def test_old_prices_are_warned_of_where_the_facts_speak_of_money(home: Home) -> None:
    later = replace(home, clock=lambda: dt.datetime(2027, 6, 1, tzinfo=dt.UTC))

    money = give_advice(later, {"request_volume_per_day": 500})["warnings"]
    none = give_advice(later, {"must_cite_sources": True})["warnings"]

    assert any(w.startswith("Prices older than 90 days: ") for w in money)
    assert not any(w.startswith("Prices") for w in none)
