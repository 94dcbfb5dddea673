"""How many tokens the examples have: by the base model's tokenizer, or an estimate.

TokenCounter (an argument: no model library is imported here)
  + Dataset  --count-->  TokenCounts: lengths of a sample of each split
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tunewise.datasets.sampling import sample
from tunewise.domain.dataset import Dataset, Example, Split

MESSAGE_TOKENS = 4  # role and turn marks of a chat template, about
MAX_LENGTH = 1024  # the default max_length of [finetune]
BYTES_PER_TOKEN = 4  # 3.3 to 4.8 on our sets with SmolLM2's tokenizer


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has: one for four bytes, rounded up.

    >>> estimated_tokens("four"), estimated_tokens("fours")
    (1, 2)
    """
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """What counts the tokens of a text, and the base model it counts for."""

    count: Callable[[str], int] = estimated_tokens
    base_model: str = ""  # "" for the estimate
    context_tokens: int | None = None  # what the base model can read; None: unknown

    @property
    def max_length(self) -> int:
        """The longest example that training takes."""
        return min(MAX_LENGTH, self.context_tokens or MAX_LENGTH)

    @property
    def name(self) -> str:
        """How the tokens were counted, as a message says it."""
        if self.base_model:
            return f"counted as {self.base_model} does"
        return f"estimated, 1 for {BYTES_PER_TOKEN} bytes"


@dataclass(frozen=True, slots=True)
class SplitTokens:
    """The lengths of a split's examples, or of a sample of them, in file order."""

    lines: tuple[int, ...]
    lengths: tuple[int, ...]  # turn marks included
    references: tuple[int, ...]
    trained: int  # tokens of all the assistant's messages
    of: int  # examples of the split


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """The tokens of a dataset, and who counted them."""

    counter: TokenCounter
    splits: Mapping[Split, SplitTokens] = field(default_factory=dict)
    documents: tuple[int, ...] = ()


def count(dataset: Dataset, counter: TokenCounter) -> TokenCounts:
    """Count the tokens of a dataset; above 5,000 examples of a split, of a sample."""
    known: dict[str, int] = {}  # system messages and labels repeat

    def cached(text: str) -> int:
        if text not in known:
            known[text] = counter.count(text)
        return known[text]

    splits = {s: dataset.split(s) for s in Split if dataset.split(s)}
    return TokenCounts(
        counter,
        {s: _of_split(examples, cached) for s, examples in splits.items()},
        tuple(counter.count(d.text) for d in sample(dataset.documents)),
    )


def _of_split(
    examples: Sequence[Example], count_tokens: Callable[[str], int]
) -> SplitTokens:
    chosen = sample(examples)
    return SplitTokens(
        lines=tuple(e.line for e in chosen),
        lengths=tuple(
            sum(count_tokens(m.content) + MESSAGE_TOKENS for m in e.messages)
            for e in chosen
        ),
        references=tuple(count_tokens(e.reference) for e in chosen),
        trained=sum(
            count_tokens(m.content)
            for e in chosen
            for m in e.messages
            if m.role == "assistant"
        ),
        of=len(examples),
    )
