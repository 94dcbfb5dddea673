import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from trainer.scoring import metrics_for, score
from tunewise.domain.dataset import Example, Message
from tunewise.domain.experiment import METRICS, TASK_TYPES
from tunewise.evidence.aggregates import AGGREGATES, label_counts

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}},
    "required": ["a"],
}


def examples(references: list[str], **metadata) -> list[Example]:
    return [
        Example((Message("user", "?"), Message("assistant", r)), **metadata)
        for r in references
    ]


def value(metric: str, reference: str, answer: str, **metadata) -> float:
    return score(
        metric, examples([reference], **metadata), [answer], schema=SCHEMA
    ).value


def random_labels() -> tuple[list[str], list[str]]:
    """200 references of five labels, and answers with an invented sixth."""
    rng = np.random.default_rng(0)
    expected = rng.choice(list("abcde"), 200)
    guessed = rng.choice([*"abcde", "sorry?"], 200)
    return expected.tolist(), np.where(
        rng.random(200) < 0.6, expected, guessed
    ).tolist()


def test_accuracy_is_scikit_learns() -> None:
    expected, answered = random_labels()

    found = score("accuracy", examples(expected), answered)

    assert found.value == pytest.approx(accuracy_score(expected, answered))


def test_macro_f1_is_scikit_learns_over_the_expected_labels() -> None:
    expected, answered = random_labels()

    found = score("macro_f1", examples(expected), answered)

    assert found.value == pytest.approx(
        f1_score(expected, answered, labels=list("abcde"), average="macro")
    )


def test_invented_label_lowers_recall_and_adds_no_class() -> None:
    # By hand: "card" has precision 1/1, recall 1/2, F1 2/3; "refund" has F1 1.
    found = score(
        "macro_f1", examples(["refund", "card", "card"]), ["refund", "card", "sorry?"]
    )

    assert found.value == pytest.approx((2 / 3 + 1) / 2)


def test_a_label_never_answered_has_f1_0_and_no_warning() -> None:
    # "b" has precision 0; "a" has precision 1/2, recall 1, F1 2/3
    found = score("macro_f1", examples(["a", "b"]), ["a", "a"])

    assert found.value == pytest.approx(1 / 3)


def test_counts_of_macro_f1_are_those_that_evidence_reads() -> None:
    expected, answered = random_labels()

    found = score("macro_f1", examples(expected), answered)

    assert found.counts.tolist() == label_counts(expected, answered).tolist()


@pytest.mark.parametrize("metric", METRICS)
def test_the_sums_of_the_counts_give_the_value_again(metric) -> None:
    references = ['{"a": 1, "b": [2, 3]}', "red light", "", "red light", '{"a": 2}']
    answers = ['{"a": 1, "b": [3]}', "a red LED", "no", "red light", '{"a": 2.5}']

    found = score(metric, examples(references), answers, schema=SCHEMA)

    again = AGGREGATES[found.kind](found.counts.sum(axis=0))
    assert found.value == pytest.approx(float(again))
    assert 0 < found.value < 1
    assert len(found.counts) == 5


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("reference", ["the", "A", "...", "{}", '""', "card"])
def test_an_answer_that_is_empty_is_wrong_in_every_metric(metric, reference) -> None:
    for empty in ("", " \n"):
        assert value(metric, reference, empty) == 0
        assert value(metric, reference, empty, answers=("", reference)) == 0


TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["a", "b", "{", "[]", '{"a": 1}', '{"a": {"b": [1, null]}}', "NaN"]
    ),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
@pytest.mark.parametrize("metric", METRICS)
def test_every_score_is_between_0_and_1_and_the_mean_of_its_counts(
    metric, pairs
) -> None:
    references, answers = [list(side) for side in zip(*pairs, strict=True)]

    found = score(metric, examples(references), answers, schema=SCHEMA)

    assert 0 <= found.value <= 1
    again = AGGREGATES[found.kind](found.counts.sum(axis=0))
    assert found.value == pytest.approx(float(again))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab. é", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON, min_size=1, max_size=4))
@pytest.mark.parametrize("metric", ["field_f1", "exact_match", "accuracy", "macro_f1"])
def test_identical_answers_score_1(metric, values) -> None:
    texts = [json.dumps(v) for v in values]

    assert score(metric, examples(texts), texts).value == 1.0


@pytest.mark.parametrize("metric", METRICS)
def test_an_answer_like_its_reference_scores_1(metric) -> None:
    assert value(metric, '{"a": 7}', '{"a": 7}') == pytest.approx(1.0)


@pytest.mark.parametrize("metric", METRICS)
def test_blanks_around_an_answer_do_not_matter(metric) -> None:
    assert value(metric, '{"a": 7}', '\n {"a": 7}  ') == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        # order and layout do not matter
        ('{"a": 1, "b": "x"}', '{"b":"x",\n "a":1}', 1.0),
        # a right, b wrong: 1 right, 1 invented, 1 missed = 2 / 4
        ('{"a": 1, "b": 2}', '{"a": 1, "b": 3}', 0.5),
        # a right, b missed: 2 / (2 + 1)
        ('{"a": 1, "b": 2}', '{"a": 1}', 2 / 3),
        # both right, c and d invented: 4 / (4 + 2)
        ('{"a": 1, "b": 2}', '{"a": 1, "b": 2, "c": 3, "d": 4}', 2 / 3),
        # nested: .a.x right, .a.y wrong, .b right: 4 / (4 + 1 + 1)
        ('{"a": {"x": 1, "y": 2}, "b": 3}', '{"a": {"x": 1, "y": 0}, "b": 3}', 2 / 3),
        # the same value elsewhere is another leaf
        ('{"a": {"x": 1}}', '{"b": {"x": 1}}', 0.0),
        # lists: as sets that count; two of three right
        ('{"a": [1, 2, 3]}', '{"a": [3, 2, 4]}', 2 / 3),
        ('{"a": [1, 1]}', '{"a": [1]}', 2 / 3),
        # of a list of objects: name right, role wrong
        ('[{"n": "Eva", "r": "x"}]', '[{"n": "Eva", "r": "y"}]', 0.5),
        # an empty list or object is a leaf of its own
        ('{"a": [], "b": {}}', '{"a": [], "b": {}}', 1.0),
        ('{"a": []}', '{"a": {}}', 0.0),
        # types count: the text "1" and true are not the number 1
        ('{"a": 1}', '{"a": "1"}', 0.0),
        ('{"a": 1}', '{"a": true}', 0.0),
        # what is not JSON has no field: all missed
        ('{"a": 1}', '{"a": 1', 0.0),
        ('{"a": 1}', 'Here you are: {"a": 1}', 0.0),
        ('{"a": 1}', "", 0.0),
        ("not JSON", "not JSON", 0.0),
    ],
)
def test_field_f1_by_hand(reference, answer, expected) -> None:
    assert value("field_f1", reference, answer) == pytest.approx(expected)


def test_field_f1_is_micro_averaged_over_all_examples() -> None:
    # first: 3 right; second: broken, 1 missed. 6 / (6 + 1), not the mean of 1 and 0
    references = ['{"a": 1, "b": 2, "c": 3}', '{"a": 1}']

    found = score("field_f1", examples(references), [references[0], "{"])

    assert found.value == pytest.approx(6 / 7)
    assert found.counts.tolist() == [[3, 0, 0], [0, 0, 1]]


def test_json_nested_too_deep_to_walk_fits_nothing() -> None:
    deep = "[" * 700 + "]" * 700

    assert value("field_f1", '{"a": 1}', deep) == 0.0
    recursive = {"type": "array", "items": {"$ref": "#"}}
    assert score("schema_valid", examples(["[]"]), [deep], schema=recursive).value == 0


@pytest.mark.parametrize(
    ("answer", "valid", "fits"),
    [
        ('{"a": 1}', 1.0, 1.0),
        ('{"a": "1"}', 1.0, 0.0),
        ("{}", 1.0, 0.0),
        ("null", 1.0, 0.0),
        ("{'a': 1}", 0.0, 0.0),
        ('```json\n{"a": 1}\n```', 0.0, 0.0),
        ("", 0.0, 0.0),
        ("9" * 5000, 0.0, 0.0),  # more digits than Python reads
    ],
)
def test_json_and_schema_validity(answer, valid, fits) -> None:
    assert value("json_valid", "x", answer) == valid
    assert value("schema_valid", "x", answer) == fits


def test_schema_validity_needs_a_schema() -> None:
    with pytest.raises(ValueError, match="needs a JSON Schema"):
        score("schema_valid", examples(["x"]), ["{}"])


@pytest.mark.parametrize(
    "metric", ["exact_match", "token_f1", "answer_contained", "rouge_l", "chrf"]
)
def test_the_best_of_the_accepted_answers_counts(metric) -> None:
    accepted = ("thirty days", "one month")

    assert value(metric, "x", "one month", answers=accepted) == pytest.approx(1.0)
    assert value(metric, "x", "x", answers=accepted) == 0.0


def test_accuracy_is_of_the_reference_alone() -> None:
    assert value("accuracy", "x", "x", answers=("y",)) == 1.0
    assert value("accuracy", "x", "y", answers=("y",)) == 0.0


def test_exact_match_heeds_case_and_punctuation() -> None:
    assert value("exact_match", "Yes", "yes") == 0.0
    assert value("exact_match", "Yes", "Yes.") == 0.0


@pytest.mark.parametrize(("references", "answers"), [(["a"], []), ([], [])])
def test_answers_that_do_not_fit_the_examples_are_refused(references, answers) -> None:
    with pytest.raises(ValueError, match="examples and 0 answers"):
        score("accuracy", examples(references), answers)


@pytest.mark.parametrize("schema", [True, False])
@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_every_task_reports_its_primary_metric_first_and_known_ones_beside_it(
    task_type, schema
) -> None:
    names = metrics_for(task_type, "chrf", schema=schema)

    assert names[0] == "chrf"
    assert set(names) <= set(METRICS)
    assert len(set(names)) == len(names) > 1
    assert schema or "schema_valid" not in names


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="bleu"):
        score("bleu", examples(["a"]), ["a"])
