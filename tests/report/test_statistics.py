from tunewise.report.statistics import complete_statistics

LENGTHS = {"p5": 69.0, "p50": 77.0, "p95": 87.4, "max": 1100.0, "mean": 78.0}
FOUND = {
    "splits": {
        "heldout": {"examples": 100, "tokens": LENGTHS, "truncated_share": 0.02},
        "train": {"examples": 1600, "tokens": LENGTHS, "truncated_share": None},
    },
    "documents": {"documents": 12, "characters": LENGTHS},
    "labels": [{"label": "card", "train": 3, "validation": 0, "heldout": 1}],
    "majority_share": 0.25,
    "smallest_difference": 0.125,
    "tokens_counted_by": {"how": "estimated, 1 for 4 bytes", "estimate": True},
}


def test_each_measure_is_a_row_and_each_split_a_column():
    shown = complete_statistics(FOUND)

    assert shown["columns"] == ["train", "heldout", "documents"]
    rows = {row["name"]: row["cells"] for row in shown["rows"]}
    assert rows["Examples"] == ["1,600", "100", "12"]
    lengths = "77 (69 to 87, at most 1,100)"
    assert rows["Tokens"] == [lengths, lengths, ""]
    assert rows["Longer than a training takes"] == ["", "2 %", ""]
    assert "Groups" not in rows  # nothing to say
    assert shown["counted"] == "Tokens are estimated, 1 for 4 bytes."


def test_what_holds_no_split_has_no_statistics():
    assert complete_statistics({}) is None
    assert complete_statistics({"examples": 3, "splits": {}}) is None
