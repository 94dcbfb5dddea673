"""What a dataset check can find, and from when on it speaks against the data.

findings  --rules/data-quality.toml-->  QualityGrade, the fact ``data_quality``
"""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """The values of the fact ``data_quality``, worst first."""

    POOR = "poor"
    MIXED = "mixed"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class QualityRule:
    """From which share of the examples a finding makes the data mixed, or poor.

    ``present`` is the grade that a warning gives by being there; such a rule has no
    shares. A share of None is never reached.
    """

    code: str
    what: str  # as the grade's reason says it
    because: str
    mixed: float | None = None
    poor: float | None = None
    of: str = "examples"  # or "judged": those of validation and held-out
    present: Grade | None = None


@dataclass(frozen=True, slots=True)
class QualityGrade:
    """The value of the fact ``data_quality``, and one sentence that says why."""

    grade: Grade
    because: str


# Every code of a finding, and what it says. Those of the chat format are named as in
# OpenAI's cookbook (Data preparation and analysis for chat model fine-tuning).
FINDING_CODES = {
    "bad_timestamp": "a time stamp is no ISO 8601 date",
    "changed_answers": "a prompt has another answer in another split",
    "class_imbalance": "one label is far more frequent than another",
    "conflicting_answers": "one prompt has different answers",
    "data_type": "a value is of the wrong JSON type",
    "document_missing_key": "a document has no id or no text",
    "duplicate_document": "two documents have one text",
    "duplicate_id": "an id stands twice",
    "duplicate_key": "a key stands twice in one object",
    "empty_document": "a document has no text",
    "empty_file": "the file is empty",
    "empty_reference": "the assistant's last message is empty",
    "exact_duplicates": "examples repeat",
    "example_missing_assistant_message": "no message is the assistant's",
    "few_heldout_examples": "held-out is too small to show a difference",
    "few_per_label": "labels have hardly an example",
    "few_train_examples": "train is too small",
    "gold_doc_unknown": "a gold document is not among the documents",
    "group_leakage": "a group stands in two splits",
    "label_spelling": "one label is spelled in two ways",
    "last_message_not_assistant": "the last message is not the assistant's",
    "leakage": "a prompt stands in two splits",
    "line_too_long": "a line is longer than can be taken",
    "low_diversity": "prompts are little varied",
    "majority_share": "what the most frequent label scores",
    "message_missing_key": "a message has no role or no content",
    "message_unrecognized_key": "a message has a key that is not known",
    "missing_content": "a message has no text",
    "missing_messages_list": "a line has no list of messages",
    "missing_system_message": "some examples have a system message, others not",
    "missing_user_message": "an example has no message of the user",
    "near_duplicates": "examples are nearly the same",
    "near_leakage": "a prompt nearly stands in two splits",
    "no_documents": "gold documents are named, and there are none",
    "not_json": "a line is not JSON",
    "not_jsonl": "the file is one JSON document",
    "not_utf8": "a text is not UTF-8",
    "nul_byte": "a NUL stands in a text",
    "over_context": "an example is longer than the base model reads",
    "over_long": "an example is longer than training takes",
    "personal_card": "payment-card numbers",
    "personal_email": "e-mail addresses",
    "personal_iban": "bank account numbers",
    "personal_ip": "public IP addresses",
    "personal_phone": "telephone numbers",
    "reference_not_json": "a reference is no JSON where the others are",
    "reference_not_valid": "a reference breaks the schema",
    "refusals": "references refuse to answer",
    "repetitive_reference": "a reference repeats itself",
    "role_order": "a system message stands after the first",
    "secret": "keys or passwords of services",
    "single_label": "every reference is the same",
    "template_marks": "template marks are unfilled",
    "unknown_key": "a key is not known",
    "unknown_metadata_key": "a key of metadata is not known",
    "unrecognized_role": "a role is not known",
    "unseen_groups": "held-out has groups that train does not show",
    "unseen_labels": "validation or held-out has labels that train does not show",
    "unseen_values": "a field has values that train does not show",
}
