"""What a decision promised, and what was realised of it, as text."""

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View, identity, section
from tunewise.report.numbers import moment
from tunewise.report.reviews import figure, promise


def promised_and_realised(console: Console, view: View) -> None:
    """Print the promise of an accepted decision, and its reviews, oldest first."""
    told = [entry for entry in view["promised"] if entry["rests_on"]]
    if told or view["reviews"]:
        section(console, "Promised and realised")
    for entry in told:
        line = f"{entry['what']} {promise(entry)}, by {entry['rests_on']}"
        console.print(f"  Promised: {escape(line)}")
    for review in view["reviews"]:
        figures = "; ".join(figure(entry) for entry in review["figures"])
        who = f"{review['by']} ({identity(review['identity'])})"
        line = f"{moment(review['at'])}, {who}: {figures}. {review['because']}"
        console.print(f"  {escape(line)}")
