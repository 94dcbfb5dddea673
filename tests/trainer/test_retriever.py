from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from trainer.encoder import SentenceEncoder, encoder_folder  # noqa: E402
from trainer.passages import Passage  # noqa: E402
from trainer.retrieval import (  # noqa: E402
    EncoderIndex,
    FusedIndex,
    LatentIndex,
    LexicalIndex,
    PassageIndex,
)
from trainer.retriever import pick, right  # noqa: E402
from tunewise.domain.errors import SpecError  # noqa: E402

CAR = Passage("car", "Cars", "The automobile needs new tyres and petrol.")
FUEL = Passage("fuel", "Fuel", "An automobile burns petrol; petrol is fuel.")
CAT = Passage("cat", "Cats", "A cat sleeps most of the day.")
DOG = Passage("dog", "Dogs", "The dog barks at the postman.")
BIRD = Passage("bird", "Birds", "A bird sings in the morning.")
FISH = Passage("fish", "Fish", "Fish swim in the cold water.")
PASSAGES = (CAR, FUEL, CAT, DOG, BIRD, FISH)


class Ranked(PassageIndex):
    """Finds passages in the order that it was given, whatever is asked."""

    def search(self, question: str, k: int) -> tuple[Passage, ...]:
        return self.passages[:k]

    def described(self) -> dict[str, object]:
        return {"method": "ranked"}


def test_ranks_are_fused_by_hand() -> None:
    fused = FusedIndex([Ranked([CAR, CAT, DOG]), Ranked([DOG, CAR, BIRD])])

    # car 1/61 + 1/62, dog 1/63 + 1/61, cat 1/62, bird 1/63
    assert fused.search("?", 4) == (CAR, DOG, CAT, BIRD)
    assert fused.search("?", 1) == (CAR,)


def test_a_latent_index_finds_what_shares_no_word_with_the_question() -> None:
    lexical, latent = LexicalIndex(PASSAGES), LatentIndex(PASSAGES)

    # "fuel" stands beside "petrol", and "petrol" in the passage on cars
    assert latent.search("fuel", 2)[0] == FUEL
    assert CAR in latent.search("fuel", 2)
    assert CAR not in lexical.search("fuel", 1)


def test_the_retriever_that_shows_most_answers_is_picked(ask) -> None:
    asked = [
        ask("What needs tyres?", "automobile", gold_doc_ids=("car",)),
        ask("Who barks?", "dog", gold_doc_ids=("dog",)),
    ]

    found = pick(("dense", "lexical", "fused"), PASSAGES, asked, k=1)

    assert set(found.found) == {"dense", "lexical", "fused"}
    assert found.found["lexical"] == 1.0
    assert found.found[found.name] == max(found.found.values())
    assert found.described()["found_on_validation"] == found.found


def test_a_tie_goes_to_the_name_that_comes_first(ask) -> None:
    asked = [ask("Who barks?", "dog", gold_doc_ids=("dog",))]

    for names in (("lexical", "fused"), ("fused", "lexical")):
        assert pick(names, PASSAGES, asked, k=6).name == names[0]


@pytest.mark.parametrize("asked", [[], ["never said anywhere"]], ids=["none", "unsaid"])
def test_without_a_known_passage_the_first_name_is_taken(ask, asked) -> None:
    examples = [ask("?", answer) for answer in asked]

    found = pick(("lexical", "dense"), PASSAGES, examples, k=1)

    assert (found.name, found.found) == ("lexical", {})
    assert "found_on_validation" not in found.described()


def test_right_are_the_gold_passages_with_the_answer_or_the_whole_document(ask) -> None:
    second = Passage("car", "Cars", "It has four doors.")
    passages = (*PASSAGES, second)

    def of(answer: str, *gold: str) -> frozenset[Passage]:
        return right(passages, ask("?", answer, gold_doc_ids=gold))

    assert of("AUTOMOBILE", "car") == {CAR}
    assert of("automobile") == {CAR, FUEL}  # no gold document is named
    assert of("worded anew", "car") == {CAR, second}
    assert of("worded anew") == frozenset()


# --- a sentence encoder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of random weights, as sentence encoders are saved."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    words = sorted({w for p in PASSAGES for w in p.text.lower().strip(".").split()})
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    (folder / "vocab.txt").write_text("\n".join(vocab), encoding="utf-8")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(vocab),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
        )
    ).save_pretrained(folder)
    return folder


def test_vectors_do_not_depend_on_what_stands_beside_them(encoder: Path) -> None:
    texts = [p.text for p in PASSAGES]
    model = SentenceEncoder(encoder)

    together = model.encode(texts)

    assert together.shape == (6, 16)
    assert abs((together**2).sum(1) - 1).max() < 1e-5
    for n, text in enumerate(texts):
        assert abs(model.encode([text])[0] - together[n]).max() < 1e-5


def test_a_passage_is_found_by_its_own_text(encoder: Path) -> None:
    index = EncoderIndex(PASSAGES, encoder)

    assert index.search(index.texts[3], 1) == (DOG,)
    assert str(index.described()["encoder"]).startswith("sha256:")


def test_an_encoder_is_a_folder_with_safetensors(encoder: Path, tmp_path: Path) -> None:
    assert encoder_folder("") is None
    assert encoder_folder(str(encoder)) == encoder
    with pytest.raises(SpecError, match="no sentence encoder in"):
        encoder_folder(str(tmp_path))
