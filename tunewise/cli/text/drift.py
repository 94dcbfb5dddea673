"""Drift checks as text: what drifted, which fact it touches, the verdict then."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from tunewise.cli.text.parts import View
from tunewise.cli.text.replay import changed_criteria

_SHOWN = 8


def drift(console: Console, view: View) -> None:
    """Print what was looked at, what drifted first, and the decision asked again."""
    console.print("[bold]drifted[/]" if view["drifted"] else "[bold]no drift shown[/]")
    _data(console, view)
    for f in view["findings"]:
        mark = "drifted" if f["drifted"] else "ok"
        console.print(
            f"  {mark:<8} {f['code']:<20} {f['value']:.3f} "
            f"({f['low']:.3f}–{f['high']:.3f}, acts at {f['threshold']:.3f})"
        )
        console.print(f"           {escape(f['message'])}")
        for what, texts in f["texts"].items():
            more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
            shown = ", ".join(texts[:_SHOWN])
            console.print(f"           {escape(f'{what}: {shown}{more}')}")
    for what, why in view["not_looked_at"].items():
        console.print(f"  not looked at: {escape(what)} ({escape(why)})")
    if view["drifted"]:
        facts = sorted({f["fact"] for f in view["findings"] if f["drifted"]})
        console.print(f"  Ask again: {', '.join(facts)}")
    _decision(console, view)


def drift_checks(console: Console, checks: Sequence[View]) -> None:
    """Print the checks of a version, one line each, the newest first."""
    for check in reversed(checks):
        found = [f["code"] for f in check["findings"] if f["drifted"]]
        said = ", ".join(found) if found else "drift" if check["drifted"] else "nothing"
        console.print(
            f"  drift check {check['check']}, {check['at'][:10]} by "
            f"{escape(check['by'])}: {said}"
            + (f"; verdict {_moved(check)}" if check["after"] else "")
        )


def _data(console: Console, view: View) -> None:
    data, answers = view["data"], view["answers"]
    said = (
        f"{data['examples']:,} later examples ({data['answered']:,} with an answer) "
        f"against {data['reference']:,} of {data['dataset']}"
    )
    console.print(f"  {escape(said)}")
    if unread := data["unread"]:
        first = "; ".join(f["message"] for f in view["unread_because"][:2])
        console.print(
            f"  {len(unread)} line{'s' if len(unread) > 1 else ''} could not be read: "
            f"{escape(first)}"
        )
    if answers:
        console.print(
            f"  {answers['n']:,} of {answers['drawn_from']:,} scored: "
            f"{escape(answers['how'])}"
        )


def _decision(console: Console, view: View) -> None:
    if view["error"]:
        console.print(f"  The decision cannot be asked again: {escape(view['error'])}")
    if not view["after"]:
        if not view["decision"]:
            console.print("  No decision of this home rests on it.")
        return
    for change in view["facts"]:
        before, after = (_value(change[side]) for side in ("before", "after"))
        moved = f"{before} → {after}" if change["changed"] else f"{before}, as known"
        console.print(f"  {change['fact']}: {escape(moved)} ({change['because']})")
    console.print(f"  Verdict of {view['decision']}: {_moved(view)}")
    changed_criteria(console, "Because", view["because"])
    rest = [c for c in view["criteria"] if c not in view["because"]]
    changed_criteria(console, "Also" if view["because"] else "Criteria", rest)
    if view["changed"]:
        console.print(f"  {escape(view['after']['because'])}")


def _moved(view: View) -> str:
    before, after = (view[side]["recommended"] for side in ("before", "after"))
    return f"{before} → {after}" if view["changed"] else f"still {after}"


def _value(said: View | None) -> str:
    if said is None:
        return "unknown"
    if said["low"] is not None and isinstance(said["value"], float):
        return f"{said['value']:.3f} ({said['low']:.3f}–{said['high']:.3f})"
    return str(said["value"])
