"""What each arm's set-up puts into the prompt.

zero-shot           the task's own messages
few-shot 4          + the same spread of 4 training examples for every question
retrieved-shots 4   + the 4 training examples most like the question, nearest last
k=2                 + the two best passages, in front of the question
k=2, 2 shots        + shots that show how to answer from a passage
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trainer.passages import Passage
from trainer.retrieval import PassageIndex
from trainer.similar import ExampleIndex
from tunewise.domain.dataset import Example, Message

Build = Callable[[Example], tuple[Message, ...]]
Find = Callable[[Example], Sequence[Passage]]

RANKED = 10  # passages that a ranking is judged on, however few are shown


def nothing(_: Example) -> Sequence[Passage]:
    """Find no passage, as an arm without retrieval does."""
    return ()


@dataclass(frozen=True, slots=True)
class Setup:
    """One way to run an arm: its name, what it consists of, and the prompt it makes."""

    name: str
    build: Build
    details: Mapping[str, object]  # what a model version must keep to run again
    found: Find = nothing  # the passages shown with an example, in their order
    ranked: Find = nothing  # the :data:`RANKED` best of its retrieval, best first


def prompt_setups(
    names: Sequence[str], shots: Sequence[int], train: Sequence[Example], *, seed: int
) -> list[Setup]:
    """Return the prompt arm's set-ups that the training split allows.

    Each kind of shots comes with every number of ``shots``, few to many.
    """
    index = ExampleIndex(train) if train else None
    setups = []
    for name in names:
        if name == "zero-shot":
            setups.append(Setup(name, lambda e: e.prompt, {}))
        elif index is not None:
            make = _few_shot if name == "few-shot" else _retrieved_shots
            setups += [make(index, count, seed) for count in sorted(set(shots))]
    return setups


def rag_setups(
    passages: PassageIndex,
    ks: Sequence[int],
    shots: int,
    train: Sequence[Example],
    *,
    seed: int,
) -> list[Setup]:
    """Return the rag arm's set-ups, each without and with shots."""
    setups = []
    examples = ExampleIndex(train).spread(shots, seed=seed) if train and shots else ()
    ranked = search(passages, RANKED)
    for k in ks:
        found = search(passages, k)
        setups.append(Setup(f"k={k}", with_passages(found), {"k": k}, found, ranked))
        if examples:
            shown = _gold_first(passages, k)
            details = {"k": k, "shots": [_as_json(e) for e in examples]}
            name = f"k={k}, {len(examples)} shots"
            build = _passages_and_shots(found, shown, examples)
            setups.append(Setup(name, build, details, found, ranked))
    return setups


def with_passages(find: Find) -> Build:
    """Return a builder that puts passages in front of the last user message."""

    def build(example: Example) -> tuple[Message, ...]:
        return insert(example.prompt, find(example))

    return build


def search(passages: PassageIndex, k: int) -> Find:
    """Return what finds the ``k`` best passages for an example's question."""
    return lambda example: passages.search(example.question, k)


def retrieved_with_gold(passages: PassageIndex, k: int) -> Build:
    """Return the builder for training a hybrid: the gold passage and distractors.

    Where an example names its gold document, the passage of it that holds the answer
    stands among the ``k`` (best distractors around it), in four of five examples; in
    the fifth only what retrieval found, so that the model learns both (RAFT, arXiv
    2403.10131, keeps the gold passage in 80 %).
    """
    gold, plain = _gold_first(passages, k), search(passages, k)

    def find(example: Example) -> Sequence[Passage]:
        # by content, so that it does not depend on the order of the file
        fifth = sum(example.question.encode()) % 5 == 0
        found = plain(example) if fifth else gold(example)
        return found if sum(example.reference.encode()) % 2 else tuple(reversed(found))

    return with_passages(find)


def gold_passage(
    passages: PassageIndex,
    k: int,
    shots: int,
    train: Sequence[Example],
    *,
    seed: int,
) -> Setup:
    """Return the diagnostic: passages of the gold document, the answer's first.

    It is shown the rag arm's shots, so that what differs is the retriever alone.
    """

    def find(example: Example) -> Sequence[Passage]:
        gold = _gold(passages, example)
        whole = passages.of_document(example.gold_doc_ids)
        return (*gold, *(p for p in whole if p not in gold))[: max(k, 1)]

    examples = ExampleIndex(train).spread(shots, seed=seed) if train and shots else ()
    build = _passages_and_shots(find, find, examples)
    details = {"k": k, "shots": [_as_json(e) for e in examples]}
    return Setup(f"gold passage, {len(examples)} shots", build, details, find)


def _gold_first(
    passages: PassageIndex, k: int
) -> Callable[[Example], tuple[Passage, ...]]:
    def find(example: Example) -> tuple[Passage, ...]:
        found = passages.search(example.question, k)
        gold = _gold(passages, example)
        if not gold or any(p in gold for p in found):
            return found
        return (gold[0], *found)[:k]

    return find


def _gold(passages: PassageIndex, example: Example) -> tuple[Passage, ...]:
    """Return the passages of the gold document that hold an accepted answer.

    All of them where none does: the answer is then drawn from the whole, or worded
    anew.
    """
    whole = passages.of_document(example.gold_doc_ids)
    answers = [a.casefold() for a in example.answers or (example.reference,)]
    holding = (p for p in whole if any(a in p.text.casefold() for a in answers if a))
    return tuple(holding) or whole


def _few_shot(index: ExampleIndex, count: int, seed: int) -> Setup:
    shots = index.spread(count, seed=seed)
    turns = _turns(shots)
    return Setup(
        f"few-shot {count}",
        lambda example: _behind_system(example.prompt, turns),
        {"shots": [_as_json(e) for e in shots]},
    )


def _retrieved_shots(index: ExampleIndex, count: int, _: int) -> Setup:
    def build(example: Example) -> tuple[Message, ...]:
        shots = index.nearest(example.question, count)[::-1]
        return _behind_system(example.prompt, _turns(shots))

    return Setup(f"retrieved-shots {count}", build, {"retrieved_shots": count})


def _turns(shots: Sequence[Example]) -> list[Message]:
    return [m for e in shots for m in e.messages if m.role != "system"]


def _passages_and_shots(
    found: Find,
    shown: Find,
    shots: Sequence[Example],
) -> Build:
    turns = [
        m
        for e in shots
        for m in (*insert(e.prompt, shown(e)), e.messages[-1])
        if m.role != "system"
    ]
    return lambda example: _behind_system(insert(example.prompt, found(example)), turns)


def _behind_system(
    prompt: Sequence[Message], turns: Sequence[Message]
) -> tuple[Message, ...]:
    head = [m for m in prompt[:1] if m.role == "system"]
    return (*head, *turns, *prompt[len(head) :])


def insert(
    prompt: Sequence[Message], passages: Sequence[Passage]
) -> tuple[Message, ...]:
    """Return a prompt with passages in front of its last user message."""
    text = "\n".join(f"[{p.document}] {p.title}: {p.text}" for p in passages)
    documents = f"Documents:\n{text}"
    users = [i for i, m in enumerate(prompt) if m.role == "user"]
    if not users:
        return (*prompt, Message("user", documents))
    at = users[-1]
    asked = Message("user", f"{documents}\n\n{prompt[at].content}")
    return (*prompt[:at], asked, *prompt[at + 1 :])


def _as_json(example: Example) -> list[dict[str, str]]:
    return [{"role": m.role, "content": m.content} for m in example.messages]
