"""Text of people keeps its direction to itself, and holds only characters."""

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from tests.bidi import spills
from tunewise import resources
from tunewise.report import markdown
from tunewise.report.environment import environment
from tunewise.report.shown import shown, verbatim

MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f\u061c"
TURNING = "אבגم" + MARKS + "ab 12:.\n\r\t\u2029\u2028\x85\x1c\x00"


@given(st.text(alphabet=TURNING, max_size=40))
def test_no_text_turns_what_stands_behind_it(text):
    assert spills(f"{shown(text)} 12:30, by Ada") == ""
    assert spills(f"{markdown.inline(text)} 12:30, by Ada") == ""
    assert spills(f"{markdown.code(text)} 12:30, by Ada") == ""


@given(st.text(alphabet=TURNING, max_size=40))
def test_no_letter_is_lost_or_moved(text):
    def letters(said):
        return [char for char in said if char.isalnum()]

    assert letters(str(shown(text))) == letters(text)


@pytest.mark.parametrize(
    "value", ["", "plain", "Größe – 3 €\n\t", 3, None, Markup("א")]
)
def test_what_needs_nothing_stays_as_it_is(value):
    assert shown(value) is value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1b", "a\u2400b\u241b"),
        ("\ud800", "\ufffd"),
        ("\x9b\uffff", "\ufffd" * 2),
    ],
)
def test_what_is_no_character_of_a_page_is_shown_as_its_picture(text, expected):
    assert shown(text) == expected


def test_a_template_shows_text_contained_and_a_field_keeps_what_was_typed():
    template = '<p>{{ a }} 12:30</p><input value="{{ a | verbatim }}">'

    text = environment().from_string(template).render(a="<\u202e>")

    assert text == (
        '<p>\u2068&lt;\u202e&gt;\u2069 12:30</p><input value="&lt;\u202e&gt;">'
    )
    assert verbatim("<\u202e>") == Markup("&lt;\u202e&gt;")


def test_every_field_of_a_form_sends_what_was_typed():
    folder = resources.templates_dir()
    written = "\n".join(p.read_text(encoding="utf-8") for p in folder.rglob("*.html"))
    without_bars = re.sub(r"<progress[^>]*>", "", written)
    values = re.findall(r'\bvalue="\{\{(.*?)\}\}', without_bars)
    areas = re.findall(r"\{\{([^}]*)\}\}</textarea>", written)

    assert values
    assert areas
    assert [v for v in values + areas if not v.strip().endswith("| verbatim")] == []


@given(st.text(alphabet=TURNING + "<>&'\"\\\ud800\uffff\x7f😀"))
def test_front_matter_keeps_a_text_without_a_mark_in_it(text):
    line = f"title: {markdown.yaml(text)}\n"

    assert not set(MARKS) & set(line)
    assert len(line.splitlines()) == 1
    assert json.loads(line.partition(": ")[2]) == text
    assert yaml.safe_load(line) == {"title": text}
