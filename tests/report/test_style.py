"""The style sheet: text can be read in both schemes, nothing is fetched."""

import re

import pytest

from tunewise.report.documents import stylesheet

# Text on ground, as the pages pair them. WCAG 2.2 AA: 4.5 for text, 3 for marks.
TEXT = [
    ("ink", "ground"), ("ink", "raised"), ("soft", "ground"), ("soft", "raised"),
    ("accent", "ground"), ("accent", "raised"), ("ink", "accent-ground"),
    ("soft", "accent-ground"), ("accent", "accent-ground"), ("ground", "accent"),
    ("good", "good-ground"), ("warn", "warn-ground"), ("bad", "bad-ground"),
    ("good", "ground"), ("bad", "ground"), ("ink", "warn-ground"),
    ("ink", "bad-ground"),
]  # fmt: skip
MARKS = [
    ("mark", "ground"),
    ("accent", "ground"),
    ("warn", "ground"),
    ("mark", "raised"),
]


def colours(scheme):
    css = stylesheet()
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#\w{6})", blocks[scheme]))


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("pair", "least"), [(p, 4.5) for p in TEXT] + [(p, 3) for p in MARKS]
)
def test_contrast_is_enough(pair, least, scheme):
    found = colours(scheme)

    assert contrast(found[pair[0]], found[pair[1]]) >= least


def test_the_style_sheet_fetches_nothing():
    assert not re.search(r"url\(|@import|https?:", stylesheet())


def test_no_template_has_a_style_attribute_or_an_inline_handler():
    from tunewise.resources import templates_dir

    for path in templates_dir().rglob("*.html"):
        assert not re.search(r"\s(style|on\w+)=", path.read_text()), path


def test_no_template_switches_escaping_off():
    from tunewise.resources import templates_dir

    for path in templates_dir().rglob("*"):
        if path.suffix in (".html", ".md"):
            assert not re.search(r"\|\s*safe\b|autoescape", path.read_text()), path
