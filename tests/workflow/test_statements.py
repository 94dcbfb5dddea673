import pytest

from tunewise.domain.errors import StatusError
from tunewise.workflow.statements import day, required


def test_a_statement_is_kept_without_the_blanks_around_it() -> None:
    assert required("because", " the owner left\n") == "the owner left"


@pytest.mark.parametrize("said", ["", "  ", "\n"])
def test_a_statement_that_says_nothing_is_refused(said: str) -> None:
    with pytest.raises(StatusError, match=r"because: nothing is said\n.*--because"):
        required("because", said)


def test_a_day_is_a_date_or_nothing() -> None:
    assert day("review-on", "2027-01-31") == "2027-01-31"
    assert day("review-on", "") == ""


@pytest.mark.parametrize("said", ["soon", "2027-13-45", "31.1.2027", "20270131"])
def test_a_day_that_is_no_date_is_refused(said: str) -> None:
    with pytest.raises(StatusError, match=f"review-on: '{said}' is not a date"):
        day("review-on", said)
