import pytest

from trainer.knowledge_scores import abstains, answer_stands_in, cited, supported

KNOWN = {"returns", "CVE-2009-3129", "doc 7"}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "  ",
        "I don't know.",
        "I do not know when it arrives.",
        "I’m sorry, but I cannot answer that.",
        "Not stated in the documents.",
        "not mentioned",
        "The documents do not say.",
        "No answer.",
        "There is no information on that.",
        "Unanswerable",
        "Das weiß ich nicht.",
        "Keine Angabe",
        "Je ne sais pas.",
        "No lo sé.",
    ],
)
def test_an_answer_that_says_it_cannot_answer_abstains(answer: str) -> None:
    assert abstains(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "30 days",
        "Unknown",  # may be what a document says
        "Not known to be used",
        "not given to minors",
        "No se permite fumar",
        "Nothing.",
        "The documents say within 30 days.",
        "no",
    ],
)
def test_an_answer_is_no_abstention(answer: str) -> None:
    assert not abstains(answer)


def test_how_a_data_set_abstains_is_known_from_its_references() -> None:
    assert abstains("unknown.", {"Unknown"})
    assert not abstains("The unknown soldier", {"Unknown"})
    assert not abstains("...", {"!!"})  # neither has a word


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        ("30 days [returns]", ("returns",)),
        ("Yes [CVE-2009-3129; returns], see [returns]", ("CVE-2009-3129", "returns")),
        ("Yes [doc 7].", ("doc 7",)),
        ("Yes [made-up-3].", ("made-up-3",)),
        ("Yes [as they say], no [ ] and [].", ()),
        ("30 days returns", ()),
    ],
)
def test_citations_are_ids_in_brackets(answer: str, ids: tuple[str, ...]) -> None:
    assert cited(answer, KNOWN) == ids


PASSAGES = ["returns Returns: Send a hub back within 30 days.", "A red light."]


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        ("30 days", 1.0),
        ("Within 30 days, in the red box", 4 / 5),  # not: box
        ("Within 30 days [returns] [made-up]", 1.0),  # a citation claims nothing
        ("forty weeks", 0.0),
        ("the", None),
        ("", None),
    ],
)
def test_content_words_are_looked_for_in_the_passages(answer, share) -> None:
    pytest.importorskip("bm25s", reason="needs the extra [train]")

    assert supported(answer, PASSAGES) == share


def test_without_passages_nothing_is_said_of_support() -> None:
    pytest.importorskip("bm25s", reason="needs the extra [train]")

    assert supported("30 days", []) is None


def test_an_accepted_answer_stands_in_a_passage_or_does_not(ask) -> None:
    assert answer_stands_in(ask("?", "30 days"), PASSAGES)
    assert answer_stands_in(ask("?", "x", answers=("x", "red light")), PASSAGES)
    assert not answer_stands_in(ask("?", "30 days", answers=("a month",)), PASSAGES)
    assert not answer_stands_in(ask("?", "days. A red"), PASSAGES)  # across passages
    assert not answer_stands_in(ask("?", "30 days"), [])
