import pytest

from tunewise.datasets.references import check_labels, check_wording

FILES = {"train": "t.jsonl", "validation": "v.jsonl", "heldout": "h.jsonl"}


def by_code(findings):
    return {f.code: f for f in findings}


def labelled(**counts: int):
    return [(f"{label} {i}", label) for label, n in counts.items() for i in range(n)]


def test_imbalance_and_the_majority_are_told(dataset) -> None:
    data = dataset(train=labelled(yes=50, no=5), heldout=labelled(yes=3, no=1))

    found = by_code(check_labels(data, FILES))

    assert set(found) == {"class_imbalance", "majority_share"}
    assert "always 'yes' scores an accuracy of 75.0 %" in (
        found["majority_share"].message
    )


def test_labels_without_training_are_told_with_their_lines(dataset) -> None:
    data = dataset(train=labelled(yes=6, no=6), heldout=labelled(yes=2, perhaps=1))

    assert by_code(check_labels(data, FILES))["unseen_labels"].lines == (3,)


@pytest.mark.parametrize(("known", "severity"), [(24, "warn"), (99, "note")])
def test_labels_without_training_are_as_grave_as_their_share(
    dataset, known: int, severity: str
) -> None:
    data = dataset(train=labelled(yes=6, no=6), heldout=labelled(yes=known, perhaps=1))

    assert by_code(check_labels(data, FILES))["unseen_labels"].severity == severity


def test_a_finding_of_a_split_without_a_file_names_the_split(dataset) -> None:
    refusal = ("q", "I'm sorry, but I can't help with that.")
    data = dataset(train=[refusal], validation=[refusal], heldout=[refusal])

    told = [f.message for f in check_wording(data, {"train": "t.jsonl"})]
    with_files = [f.message for f in check_wording(data, FILES)]

    assert [m.partition(": ")[0] for m in told] == [
        "line 1 (train)",
        "line 1 (validation)",
        "line 1 (held-out)",
    ]
    assert {m.partition(": ")[0] for m in with_files} == {"line 1"}


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({"yes": 9}, "single_label"),
        ({"yes": 9, "Yes": 9}, "label_spelling"),
        ({"yes": 9, "no": 4}, "few_per_label"),
    ],
)
def test_faults_of_a_label_set_are_found(dataset, counts, code: str) -> None:
    assert code in by_code(check_labels(dataset(train=labelled(**counts)), FILES))


def test_free_text_is_not_judged_as_labels(dataset) -> None:
    data = dataset(train=[(f"q{i}", f"answer number {i}") for i in range(30)])

    assert list(check_labels(data, FILES)) == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Hello, I am {{name}}.", "template_marks"),
        ("Dear [Your Name], thank you.", "template_marks"),
        ("I'm sorry, but I can't help with that.", "refusals"),
        ("As an AI language model, I have no opinion.", "refusals"),
        ("Es tut mir leid, aber das geht nicht.", "refusals"),
        ("Leider kann ich Ihnen dabei nicht helfen.", "refusals"),
        ("Ich kann diese Frage nicht beantworten.", "refusals"),
        ("Als KI-Modell habe ich keine Meinung.", "refusals"),
        ("Je suis désolé, mais je ne peux pas vous aider.", "refusals"),
        ("Je ne peux pas répondre à cette question.", "refusals"),
        ("En tant qu'IA, je n'ai pas d'avis.", "refusals"),
        ("Lo siento, pero no puedo ayudarte con eso.", "refusals"),
        ("No puedo responder a esa pregunta.", "refusals"),
        ("Como modelo de lenguaje, no tengo opiniones.", "refusals"),
        ("This answer repeats. " * 500, "repetitive_reference"),
    ],
)
def test_wording_that_no_model_should_learn_is_found(
    dataset, answer: str, code: str
) -> None:
    data = dataset(train=[("q", "fine"), ("r", answer)])

    assert {c: f.lines for c, f in by_code(check_wording(data, FILES)).items()} == {
        code: (2,)
    }


@pytest.mark.parametrize(
    "answer",
    [
        "I am sorry to hear that. Here is what to do.",
        '{"a": {"b": 1}}',
        "[1, 2]",
        "sorry",
        "Es tut mir leid, das zu hören. So geht es weiter.",
        "Ich kann das für Sie erledigen.",
        "Je suis désolée de l'apprendre. Voici quoi faire.",
        "Lo siento mucho. Vamos a arreglarlo.",
        "Als Kind war er oft dort.",
        "Como iba diciendo, es posible.",
    ],
)
def test_ordinary_answers_are_left_alone(dataset, answer: str) -> None:
    assert list(check_wording(dataset(train=[("q", answer)]), FILES)) == []
