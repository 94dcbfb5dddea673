from collections.abc import Callable
from pathlib import Path

import pytest

from tunewise.domain.errors import EnvironmentProblem, FactError
from tunewise.workflow.advice import answer_open_questions, give_advice
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


def test_asking_ends_when_everything_that_matters_was_asked_once(home: Home) -> None:
    asked: list[str] = []

    def pass_over(question: str, _: str) -> str:
        asked.append(question)
        return ""

    facts = answer_open_questions(home, {}, ask=pass_over)

    assert facts == {}
    assert len(asked) == len(set(asked)) > 10


def test_an_answer_becomes_a_fact_and_is_not_asked_again(home: Home) -> None:
    facts = answer_open_questions(home, {}, ask=typed(["information", ""]))

    assert list(facts.values()) == ["information"]


def test_an_answer_that_does_not_fit_is_asked_for_until_it_fits(home: Home) -> None:
    asked: list[str] = []
    ask = typed(["perhaps", "who knows", "information"], asked)

    facts = answer_open_questions(home, {}, ask=ask)

    assert list(facts.values()) == ["information"]
    assert '"perhaps" is not one of' in asked[1]
    assert asked[2].count("\n") == 1  # what is wrong, and the question


def test_a_question_says_what_its_answer_may_be(home: Home) -> None:
    hints: list[str] = []

    answer_open_questions(home, {}, ask=typed([], hints=hints))

    assert "one of information, behaviour or both" in hints[0]


def test_asking_keeps_what_stands_beside_the_facts(home: Home) -> None:
    raw = {"title": "HR", "facts": {"must_cite_sources": True}, "comparisons": []}

    answered = answer_open_questions(home, raw, ask=typed([]))

    assert answered == raw
