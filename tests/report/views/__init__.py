"""Views as the workflow returns them, by hand: one decision with four arms.

The figures are invented for these tests; their shapes are those of DESIGN section 5.
"""

from .decisions import decision_view, proposed_view
from .experiments import experiment_view
from .lineages import lineage_view
from .models import model_view
from .pages import PAGES
from .texts import HELDOUT, HOSTILE, LONG, RULE_SET

__all__ = [
    "HELDOUT",
    "HOSTILE",
    "LONG",
    "PAGES",
    "RULE_SET",
    "decision_view",
    "experiment_view",
    "lineage_view",
    "model_view",
    "proposed_view",
]
