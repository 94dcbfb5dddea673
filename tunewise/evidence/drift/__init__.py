"""Later data against what a model was trained on: has something moved?

    inputs     prompts: lengths (Kolmogorov-Smirnov), words (a domain classifier)
    labels     the mix of labels (PSI), labels that were never seen
    formats    references that are JSON: still valid? new keys, new values of a field?
    answers    the same prompt, answered otherwise
    documents  by hash: which changed, went and came; which of them are asked for
    scores     the score then and now, with their intervals

Each finding names the fact of the fact sheet that must be looked at again. It drifts
where the change is larger than a threshold *and* chance alone would hardly make it:
what chance makes is found by permuting who is earlier and who is later (``chance``).
Texts of the data (words, labels, ids) stand apart from figures and messages, so that
they can be deleted while the counts stay.
"""

from tunewise.evidence.drift.comparing import Asked, Looked, drift
from tunewise.evidence.drift.documents import document_change, documents_asked_for
from tunewise.evidence.drift.finding import LEAST, DriftFinding
from tunewise.evidence.drift.scores import ScoreChange, score_decay

__all__ = [
    "LEAST",
    "Asked",
    "DriftFinding",
    "Looked",
    "ScoreChange",
    "document_change",
    "documents_asked_for",
    "drift",
    "score_decay",
]
