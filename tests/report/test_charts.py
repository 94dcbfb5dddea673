"""Marks stand where their values are."""

import pytest

from tunewise.report.charts import bar_chart, interval_chart, line_chart


def row(value, low=None, high=None, label="a"):
    return {"label": label, "text": "", "value": value, "low": low, "high": high}


def test_an_interval_is_placed_on_the_tenths_that_enclose_all_values():
    # Axis 0.5 to 0.9, drawn from 2 % to 98 %: 0.7 is the middle, 0.6 a quarter.
    chart = interval_chart([row(0.7, 0.6, 0.88), row(0.55)])

    first = chart["rows"][0]
    assert (first["low"], first["x"]) == (pytest.approx(26), pytest.approx(50))
    assert [t["label"] for t in chart["ticks"]] == ["0.5", "0.6", "0.7", "0.8", "0.9"]


def test_the_target_is_always_on_the_axis():
    chart = interval_chart([row(0.31, 0.3, 0.32)], target=0.95)

    assert 2 <= chart["target"] <= 98


def test_the_line_of_no_difference_is_on_the_axis():
    chart = interval_chart([row(0.26, 0.2, 0.32)], zero=True)

    assert chart["zero"] == 2  # axis 0 to 0.4


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5])
def test_equal_values_still_have_an_axis(value):
    chart = interval_chart([row(value), row(value)])

    assert all(2 <= r["x"] <= 98 for r in chart["rows"])


def test_arms_without_a_score_are_left_out():
    assert interval_chart([row(None)]) is None
    assert interval_chart([]) is None


def test_bars_grow_from_zero_to_either_side():
    # Axis -2 to 6: zero at 2 + 96 * 2/8 = 26 %, 12 % a unit.
    chart = bar_chart([row(6), row(-2)])

    assert chart["zero"] == 26
    assert [(r["x"], r["width"]) for r in chart["rows"]] == [(26, 72), (2, 24)]


def test_bars_that_are_all_zero_have_no_width():
    chart = bar_chart([row(0)])

    assert chart["rows"][0]["width"] == 0


def test_a_long_label_is_cut_and_its_title_is_whole():
    chart = bar_chart([row(1, label="x" * 50)])

    assert len(chart["rows"][0]["label"]) == 22
    assert "x" * 50 in chart["rows"][0]["title"]


def test_a_curve_spans_its_box():
    chart = line_chart([(0, 2.0), (10, 1.0)], label="loss")

    assert chart["points"] == "0.00,5.00 100.00,95.00"


def test_one_point_is_no_curve():
    assert line_chart([(0, 2.0)], label="loss") is None
