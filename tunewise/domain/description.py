"""What people say of a decision beside its facts: purpose, owner, what to fall back to.

Every field may be said, said anew and taken back at any time while the decision is
open; none of them weighs in the verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Said = str | tuple[str, ...]  # a text, or the names of several people


@dataclass(frozen=True, slots=True)
class DescriptionField:
    """One thing that is said of a decision, and how it is asked for."""

    name: str
    label: str
    asks: str  # a sentence for a form and for --help
    kind: str = "text"  # or line: one line; names: several, one a line
    lasts: bool = True  # what was said of the decision before may still hold


_FIELDS = (
    DescriptionField("owner", "Owner", "Who answers for the decision.", "line"),
    DescriptionField("purpose", "Purpose", "What the model shall do, and for whom."),
    DescriptionField("value", "Value", "What a right answer is worth, and to whom."),
    DescriptionField(
        "cost_of_error", "Cost of error", "What a wrong answer does, and costs."
    ),
    DescriptionField(
        "out_of_scope", "Out of scope", "What it shall not be used for or asked."
    ),
    DescriptionField("today", "In use today", "How the task is done now.", lasts=False),
    DescriptionField(
        "nothing", "Doing nothing", "What happens if nothing changes.", lasts=False
    ),
    DescriptionField(
        "exit", "Exit", "How to get out of it again, and what that costs."
    ),
    DescriptionField("data_owner", "Data owner", "Who answers for the data.", "line"),
    DescriptionField(
        "data_basis", "Basis of the data", "On what law or contract it may be used."
    ),
    DescriptionField(
        "maintainer", "Maintainer", "Who looks after it once it runs.", "line"
    ),
    DescriptionField("monitoring", "Monitoring", "What is watched, and how often."),
    DescriptionField("rollback", "Rollback", "What is gone back to if it fails."),
    DescriptionField("triggers", "Triggers", "What makes us decide again."),
    DescriptionField("informed", "Informed", "Who is told; one name a line.", "names"),
)
FIELDS: Mapping[str, DescriptionField] = {field.name: field for field in _FIELDS}


@dataclass(frozen=True, slots=True)
class Described:
    """What somebody said of a decision at a time; "" and () take a field back."""

    seq: int  # of its entry in the log
    at: str
    by: str
    identity: str
    fields: Mapping[str, Said]
