from trainer.scoring import score
from tunewise.domain.dataset import Example, Message
from tunewise.workflow.experiments import slices


def example(question: str, reference: str, group: str = "") -> Example:
    told = Message("system", "Name the label.")
    asked, right = Message("user", question), Message("assistant", reference)
    return Example((told, asked, right), group=group)


def test_the_reference_is_a_slice_only_where_answers_are_labels() -> None:
    examples = [example("q", "card"), example("q", "refund ")]

    assert slices.parts_of(examples, "classification")["label"] == ["card", "refund"]
    assert "label" not in slices.parts_of(examples, "knowledge_qa")


def test_groups_of_one_are_no_slices() -> None:
    alone = [example("q", "a", "x"), example("q", "a", "y")]
    together = [example("q", "a", "x"), example("q", "a", "x"), example("q", "a")]

    assert "group" not in slices.parts_of(alone, "extraction")
    assert slices.parts_of(together, "extraction")["group"] == ["x", "x", ""]


def test_thirds_are_by_length_and_never_part_equal_prompts() -> None:
    # lengths 1 2 2 2 5 9: a third ends with the second, 2, which holds the third and
    # fourth too; two thirds end there as well
    lengths = [2, 9, 1, 2, 5, 2]
    found = slices.parts_of([example("x" * n, "a") for n in lengths], "extraction")

    short, long = "short, up to 2 characters", "long, more than 2 characters"
    assert found["length"] == [short, long, short, short, long, short]


def test_thirds_of_different_lengths_are_of_one_size() -> None:
    examples = [example("x" * n, "a") for n in (30, 10, 20, 60, 50, 40)]

    assert slices.parts_of(examples, "extraction")["length"] == [
        "middle, 21 to 40 characters",
        "short, up to 20 characters",
        "short, up to 20 characters",
        "long, more than 40 characters",
        "long, more than 40 characters",
        "middle, 21 to 40 characters",
    ]


def test_macro_f1_gives_way_to_accuracy_and_lengths_stand_in_order() -> None:
    examples = [
        example("x" * (n + 1), "card" if n < 25 else "refund") for n in range(75)
    ]
    answers = ["card"] * 75
    scored = {m: score(m, examples, answers) for m in ("macro_f1", "accuracy")}
    parts = slices.parts_of(examples, "classification")

    view = slices.slices_view(scored, parts, seed=0, groups=None)

    assert {s["metric"] for s in view} == {"accuracy"}
    assert [(s["name"].partition(",")[0], s["n"], s["value"]) for s in view] == [
        ("refund", 50, 0.0),
        ("card", 25, 1.0),
        ("short", 25, 1.0),
        ("middle", 25, 0.0),
        ("long", 25, 0.0),
    ]


def test_what_is_too_small_is_counted_by_kind() -> None:
    examples = [example("q", "card")] * 20 + [example("q", "refund")] * 3

    found = slices.left_out(slices.parts_of(examples, "classification"))

    assert found == {"least": 20, "left_out": {"label": 1, "length": 0}}
