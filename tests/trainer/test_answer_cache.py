from pathlib import Path

from trainer.answer_cache import AnswerCache
from trainer.answering import Answer

ASKED = {"model": "m", "messages": [{"role": "user", "content": "Where?"}]}
ANSWER = Answer("in Rome", 7, 2, "length")
DAY = 86_400.0


def test_an_answer_is_found_by_what_was_asked_and_the_question_is_not_kept(
    tmp_path: Path,
) -> None:
    AnswerCache(tmp_path, days=1).put(ASKED, ANSWER, "m-1")

    assert AnswerCache(tmp_path, days=1).get(dict(reversed(ASKED.items()))) == (
        ANSWER,
        "m-1",
    )
    assert AnswerCache(tmp_path, days=1).get({**ASKED, "model": "n"}) is None
    [file] = tmp_path.rglob("*.json")
    assert "Where" not in file.read_text()


def test_an_answer_that_is_too_old_is_absent(tmp_path: Path) -> None:
    AnswerCache(tmp_path, days=2, now=lambda: 0.0).put(ASKED, ANSWER, "m")

    young = AnswerCache(tmp_path, days=2, now=lambda: 1.9 * DAY)
    old = AnswerCache(tmp_path, days=2, now=lambda: 2.1 * DAY)

    assert young.get(ASKED) is not None
    assert old.get(ASKED) is None
    assert (young.used, old.used) == (1, 0)


def test_a_damaged_answer_is_absent(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, days=1)
    for content in ("", "[]", '{"at": 1, "served": "m", "answer": {"text": "x"}}'):
        cache.put(ASKED, ANSWER, "m")
        [file] = tmp_path.rglob("*.json")
        file.write_text(content)

        assert cache.get(ASKED) is None


def test_no_days_keep_nothing(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, days=0)
    cache.put(ASKED, ANSWER, "m")

    assert cache.get(ASKED) is None
    assert list(tmp_path.iterdir()) == []
