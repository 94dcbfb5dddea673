import numpy as np

from trainer.scoring import MetricCounts
from tunewise.workflow.experiments import lookups
from tunewise.workflow.experiments.results import Terms


def share(right: int, of: int = 100) -> MetricCounts:
    values = np.array([1.0] * right + [0.0] * (of - right))
    return MetricCounts(right / of, np.column_stack([values, np.ones(of)]), "mean")


TERMS = Terms("accuracy", margin=0.02, heldout_digest="sha256:1", groups=None)
FOUND = {"majority": share(10), "nearest_example": share(86)}


def test_arms_that_a_lookup_may_equal_are_named_with_its_score() -> None:
    arms = {"prompt": share(86), "rag": share(88), "finetune": share(97)}

    compared = lookups.compared(arms, FOUND, TERMS)

    assert lookups.warned(compared, FOUND) == [
        "prompt and RAG are not shown to beat the answer of the nearest training "
        "example (accuracy 0.860): a lookup without a model may do as well."
    ]


def test_an_arm_that_a_lookup_beats_is_named_too() -> None:
    compared = lookups.compared({"prompt": share(5)}, FOUND, TERMS)

    majority, nearest = lookups.warned(compared, FOUND)

    assert majority.startswith("prompt is not shown to beat the most frequent answer")
    assert nearest.startswith("prompt is not shown to beat the answer of the nearest")


def test_nothing_is_said_where_every_arm_is_shown_to_be_better() -> None:
    compared = lookups.compared({"finetune": share(100)}, FOUND, TERMS)

    assert [(c.a, c.b) for c in compared] == [
        ("finetune", "majority"),
        ("finetune", "nearest_example"),
    ]
    assert lookups.warned(compared, FOUND) == []
