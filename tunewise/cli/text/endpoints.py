"""Endpoints as text: where data were sent, and what a judge said."""

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View, score
from tunewise.report.experiment import sent_of


def sent(console: Console, view: View) -> None:
    """Print where each arm, and the judge, sent data."""
    for one in sent_of(view):
        kept = f", {one['from_cache']} kept answers used" if one["from_cache"] else ""
        paid = one["cost"]
        cost = f", {paid:.4f} {one['currency']}" if paid is not None else ""
        console.print(
            f"  {one['who'].replace('_', ' ')} was sent to {one['base_url']} "
            f"({one['model']}): {one['requests'] or 0} requests{kept}{cost}; it may "
            f"receive data up to {one['data_up_to'] or '(not stated)'}, these are "
            f"{one['classification']}",
            markup=False,
        )


def judge(console: Console, view: View) -> None:
    """Print a judge's scores beside the metric, and how far its orders agree."""
    found = view.get("judge")
    if not found:
        return
    if found["status"] != "finished":
        error = found.get("error", "").partition("\n")[0]
        console.print(f"  The judge came to no end: {escape(error or found['status'])}")
        return
    scores = ", ".join(f"{arm} {score(s)}" for arm, s in found["scores"].items())
    console.print(
        f"  Judged by {found['model']} ({found['judged']} of {found['examples']} "
        f"examples; decides nothing): {scores}",
        markup=False,
    )
    if found["agreement"]:
        agreed = score(found["agreement"])
        console.print(f"  Verdicts alike in both orders of the answers: {agreed}")
