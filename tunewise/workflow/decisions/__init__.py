"""Decisions: what the rules say, what a person decides, and the record of both.

    facts -> verdict -> proposed -> accepted (choice) -> model version
                                 \\-> rejected, withdrawn
    accepted -> superseded, once its successor is accepted too

The body keeps the facts, the verdict and the text of every rule file that decided,
as blobs by digest, so that it can be read and replayed years later.

    acts        what people do: propose, accept, sign, …
    conditions  what an acceptance depends on: who sees to it, what closed it
    body        what the record of a proposal holds
    links       evidence: found among the records, kept as a document, or neither
    documents   files, URLs and titles that are named as evidence
    claims      what facts say of the records that they name, beside those records
    compared    the same of comparisons between two arms
    rounding    whether a number is the recorded one, as it is printed
    promises    what a decision promised, beside what was realised
    describing  a person says what it is for, who owns it, what controls its risks
    described   that as it stands, with what other records say of it
    reviewing   a person reports what was realised
    rests       the evidence as it stands, after what became of it
    retrospect  decisions that were made before they were recorded
    shown       one decision, and all of them
    surroundings  what its report says beside it: criteria, base models, today's verdict
    strength    how strong the evidence for a choice is, in a word
    portfolio   those in force, for whoever answers for all of them
    seen        whether a decision is still what was read
    heldout     every run on the held-out split of a decision
    drafts      what moved between its saved drafts
    checks      which decisions must be looked at again
    due         because of a date, the base model, or drift
"""

from tunewise.workflow.decisions.acts import (
    accept,
    propose,
    reject,
    sign,
    supersede,
    withdraw,
)
from tunewise.workflow.decisions.checks import check
from tunewise.workflow.decisions.conditions import assign_condition, close_condition
from tunewise.workflow.decisions.describing import (
    assign_risk,
    describe,
    read_description,
    risk,
)
from tunewise.workflow.decisions.portfolio import portfolio
from tunewise.workflow.decisions.reviewing import review
from tunewise.workflow.decisions.shown import full, list_all, show

__all__ = [
    "accept",
    "assign_condition",
    "assign_risk",
    "check",
    "close_condition",
    "describe",
    "full",
    "list_all",
    "portfolio",
    "propose",
    "read_description",
    "reject",
    "review",
    "risk",
    "show",
    "sign",
    "supersede",
    "withdraw",
]
