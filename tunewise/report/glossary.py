"""The words of a report that its readers may not know, each in one sentence.

A section explains the words that it is the first to use; the last one has them all.
"""

from collections.abc import Mapping

TERMS: Mapping[str, str] = {
    "verdict": "What the rules recommend from the facts; it is computed, and nobody's "
    "opinion.",
    "choice": "What a named person decided; it may differ from the verdict.",
    "lead": "How far the recommended option is ahead: clear, narrow or open.",
    "flip": "The smallest change of a fact that changes the verdict.",
    "option": "One way to adapt a language model to a task: prompt, RAG "
    "(retrieval-augmented generation), fine-tune, or both.",
    "veto": "A criterion that rules an option out, whatever else speaks for it.",
    "fact": "One answer about the task, with what it rests on.",
    "evidence": "What a fact rests on: a run, a dataset, a document or a person; "
    "without any it is assumed.",
    "criterion": "A rule: where its facts hold, it speaks for or against an option.",
    "weight": "How much a criterion speaks for (+) or against (−) an option; the sum "
    "is the option's total.",
    "arm": "One option put into practice in an experiment, measured on the same "
    "examples as the others.",
    "held-out split": "The examples that no arm was trained or tuned on, kept for "
    "measuring alone.",
    "interval": "The range in which the true value lies with 95 % confidence; the "
    "fewer examples, the wider.",
    "paired test": "A comparison of two arms example by example on the same examples; "
    "p is the chance of a difference as large if there were none.",
    "equivalence margin": "The largest difference that counts as none, fixed before "
    "measuring.",
    "slice": "A part of the held-out split that has something in common, scored alone.",
    "diagnostic": "A measurement that says how hard the examples are; it is never "
    "recommended.",
    "break-even": "When what an option costs once is earned back by what it saves a "
    "month.",
    "lineage": "The chain from a model version back to the run, the data, the base "
    "model and the decision.",
    "base model": "The untouched model that an option starts from.",
    "model version": "A base model with what was added to it: an adapter, or a prompt "
    "and a retrieval set-up.",
    "adapter": "The small set of weights that tuning adds to a base model.",
    "drift": "A change of later data or scores against those that the decision rests "
    "on.",
    "digest": "A fingerprint of a text or file (SHA-256): any change gives another.",
    "audit log": "The list of all that was recorded, each entry sealed by the digest "
    "of the one before.",
}
