"""Fields as typed, and one message for each that cannot be taken."""

import pytest

from tunewise.web.forms import Form


def test_what_is_right_is_taken_without_the_space_around_it():
    sent = Form({"title": " Mail ", "on": "2027-06-30", "ok": "on", "all": "a\n\n b"})

    assert sent.title("title") == "Mail"
    assert sent.day("on") == "2027-06-30"
    assert sent.day("never") == ""
    assert (sent.flag("ok"), sent.flag("no")) == (True, False)
    assert sent.lines("all") == ("a", "b")
    assert sent.errors == {}


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda s: s.title("none"), "needed"),
        (lambda s: s.title("two"), "One line"),
        (lambda s: s.title("long"), "300 characters, and 200 are kept"),
        (lambda s: s.day("two"), "no date"),
        (lambda s: s.choice("two", ("rag", "prompt")), "one of: rag, prompt"),
        (lambda s: s.choice("none", ("rag",)), "needed"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(ask, said):
    sent = Form({"two": "a\nb", "long": "x" * 300})

    ask(sent)

    (message,) = sent.errors.values()
    assert said in message
