from collections.abc import Callable

import pytest

from tunewise.domain.errors import StatusError
from tunewise.workflow.statements import day, plain, required


def test_a_statement_is_kept_without_the_blanks_around_it() -> None:
    assert required("because", " the owner left\n") == "the owner left"


@pytest.mark.parametrize("said", ["", "  ", "\n"])
def test_a_statement_that_says_nothing_is_refused(said: str) -> None:
    with pytest.raises(StatusError, match=r"because: nothing is said\n.*--because"):
        required("because", said)


@pytest.mark.parametrize("control", ["\x1b", "\0", "\x07", "\x7f", "\x9b", "\r"])
@pytest.mark.parametrize("check", [plain, required])
def test_a_statement_that_a_terminal_would_obey_is_refused(
    check: Callable[[str, str], str], control: str
) -> None:
    with pytest.raises(StatusError, match=r"because: .*control character") as told:
        check("because", f"a{control}[2J")

    assert control not in str(told.value)


def test_a_statement_may_have_lines_tabs_and_any_letters() -> None:
    said = "élan\n\tв порядке 好\r\n– yes"

    assert plain("because", said) == "élan\n\tв порядке 好\n– yes"
    assert plain("comment", "") == ""


def test_a_day_is_a_date_or_nothing() -> None:
    assert day("review-on", "2027-01-31") == "2027-01-31"
    assert day("review-on", "") == ""


@pytest.mark.parametrize("said", ["soon", "2027-13-45", "31.1.2027", "20270131"])
def test_a_day_that_is_no_date_is_refused(said: str) -> None:
    with pytest.raises(StatusError, match=f"review-on: '{said}' is not a date"):
        day("review-on", said)
