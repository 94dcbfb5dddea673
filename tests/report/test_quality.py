from tunewise.report.quality import by_severity, severities

FINDINGS = [
    {"severity": "note", "code": "majority_share", "lines": []},
    {"severity": "warn", "code": "leakage", "lines": [3]},
    {"severity": "block", "code": "not_json", "lines": [1, 2]},
    {"severity": "warn", "code": "leakage", "lines": [4, 5]},
    {"severity": "warn", "code": "of-the-house", "lines": [1]},
]


def test_findings_are_counted_by_code_the_gravest_first() -> None:
    counted = by_severity(FINDINGS)

    assert [(c.severity, c.code, c.count) for c in counted] == [
        ("block", "not_json", "2 lines"),
        ("warn", "leakage", "2 findings, 3 lines"),
        ("warn", "of-the-house", "1 line"),
        ("note", "majority_share", ""),
    ]
    assert counted[0].meaning == "a line is not JSON"
    assert counted[2].meaning == ""


def test_severities_are_counted_in_order() -> None:
    assert severities(FINDINGS) == "1 block, 3 warn, 1 note"
    assert severities([]) == ""
