"""``tunewise decision``: every command about decision records.

proposing   facts become a record           propose, supersede
acts        what people do with it          accept, reject, sign, review, …
describing  what is said beside the facts   describe, risk
reading     what is on record               show, list, report, check, replay, …
"""

import click

from tunewise.cli.app import Group
from tunewise.cli.decisions import acts, describing, proposing, reading


@click.group(cls=Group)
def decision() -> None:
    """Decision records: what the rules say and what a person decides."""


for command in (
    proposing.propose,
    acts.accept,
    acts.condition,
    acts.close_condition,
    describing.describe,
    describing.risk,
    acts.reject,
    acts.withdraw,
    acts.sign,
    acts.review,
    proposing.supersede,
    reading.show,
    reading.list_decisions,
    reading.report,
    reading.check,
    reading.replay,
    reading.rests_on,
):
    decision.add_command(command)
