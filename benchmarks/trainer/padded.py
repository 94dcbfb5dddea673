"""The step that ours stands beside: a padded batch of transformers, with labels."""

from collections.abc import Sequence

import torch

from trainer.chat import Tokens

IGNORED = -100  # what torch's cross-entropy passes over


def loss_of(model: torch.nn.Module, batch: Sequence[Tokens]) -> torch.Tensor:
    """Return the mean loss of a batch padded on the right, logits everywhere."""
    width = max(len(e.ids) for e in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    labels = torch.full((len(batch), width), IGNORED)
    mask = torch.zeros(len(batch), width, dtype=torch.long)
    for row, example in enumerate(batch):
        here = torch.tensor(example.ids)
        ids[row, : len(here)] = here
        mask[row, : len(here)] = 1
        trained = torch.tensor(example.trained)
        labels[row, : len(here)] = here.masked_fill(~trained, IGNORED)
    loss: torch.Tensor = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    return loss


def tokens_of(batch: Sequence[Tokens]) -> int:
    """Return how many tokens the padded batch has, the padding counted."""
    return len(batch) * max(len(e.ids) for e in batch)
