"""The lines that answer "why was this model fine-tuned, and does it run?"."""

from tunewise.cli.text.models import place
from tunewise.cli.text.parts import View, identity
from tunewise.report.numbers import day
from tunewise.report.words import from_the_winner, metric_title

_MADE = {
    "prompt": "answers from a prompt",
    "rag": "answers with retrieval",
    "finetune": "was fine-tuned",
    "hybrid": "was fine-tuned and reads retrieved passages",
}


def reason(view: View) -> str:
    """Return why a version exists, in the words of who decided or by what it beat."""
    model, found = view["model"], view["decision"]
    made = f"{model['model']} {_MADE.get(model['option'], model['option'])}"
    if found and found["choice"] not in (None, "", model["option"]):
        return (
            f"Why {made} is not on record: the decision that it names, {found['id']}, "
            f"chose {found['choice']}."
        )
    if found:
        because = found["justification"] or _shown(view) or found["because"]
        return f"{made} because {_inner(because)}"
    if model["decision_text"]:
        return f"{made} because, as its file says, {_inner(model['decision_text'])}"
    return f"Why {made} is not on record: no decision is tied to it."


def decided(view: View) -> str:
    """Return who chose it and when, and what the rules recommended."""
    found = view["decision"]
    if not found:
        who = f"{view['model']['by']} ({identity(view['model']['identity'])})"
        return f"{who} registered it on {day(view['model']['at'])}."
    if not found["choice"]:
        return f"The decision {found['id']} is {found['status']}; nobody has chosen."
    who = f"{found['accepted_by'] or 'nobody'} ({identity(found['accepted_identity'])})"
    later = found["retrospective"]
    when = f"on {day(later['decided_at'] if later else found['accepted_at'])}"
    said = f"{who} chose {found['choice']} {when}"
    if later:
        said += f" (put on record on {day(found['accepted_at'])})"
    if found["choice"] == found["recommended"]:
        said += ", as the rules recommended"
    else:
        said += f", although the rules recommended {found['recommended']}"
    after = view["successor"]
    if after:
        return f"{said}; superseded since by {after['id']} ({after['status']})."
    return f"{said}."


def runs(view: View) -> str:
    """Return whether it is what runs today, and where it ran on a date asked about."""
    asked_at = view["asked"]["at"]
    then = [place(d) for d in view["deployments"] if d.get("ran_then")]
    before = f"On {asked_at} it ran as {' and as '.join(then)}. " if then else ""
    return before + _runs_today(view)


def in_force(view: View) -> str:
    """Return what stands today where it stood, "" where it is in force itself."""
    found = view["in_force"]
    told = [
        f"{d['model'] or 'nothing'} runs as {d['outside_name']} in {d['environment']}"
        for d in found["deployments"]
    ]
    told += [
        f"{a['alias']} stands for {a['model'] or 'no version'}"
        for a in found["aliases"]
    ]
    decision = found["decision"]
    if decision:
        chose = f", which chose {decision['choice']}" if decision["choice"] else ""
        made = f" ({decision['model']})" if decision["model"] else ""
        told.append(
            f"the {decision['status']} decision is {decision['id']}{chose}{made}"
        )
    return f"In force today: {'; '.join(told)}." if told else ""


def _shown(view: View) -> str:
    """Return what it is shown to beat, "" where the verdict says more than that."""
    model, found, scored = (
        view["model"],
        view["decision"],
        view["model"]["primary_score"],
    )
    wins: list[str] = []
    others: list[str] = []
    for other in view["alternatives"]:
        if other["score"] and other["comparison"]:
            compared = from_the_winner(other["comparison"])
            won = (compared["conclusion"], compared["a"]) == ("win", model["option"])
            told = f"{other['arm']} {other['score']['value']:.2f}"
            (wins if won else others).append(told)
    measured = found["basis"] == "measured" and found["choice"] == found["recommended"]
    if not (scored and wins and measured) or others:
        return ""
    return (
        f"it scored {scored['value']:.2f} ({metric_title(model['primary_metric'])}, "
        f"{scored['n']} held-out examples) and is shown to beat " + ", ".join(wins)
    )


def _runs_today(view: View) -> str:
    model, found = view["model"], view["deployments"]
    if running := [place(d) for d in found if d["runs"]]:
        return f"It runs today as {' and as '.join(running)}."
    if model["retired"]:
        when = day(model["retired_at"])
        return f"It does not run today: retired on {when}, {model['retired']}."
    if planned := [place(d) for d in found if d["planned"]]:
        when = "yet" if len(planned) == len(found) else "today"
        return f"It does not run {when}; planned: {planned[0]}."
    if found:
        return f"It does not run today; last: {place(found[-1])}."
    return "It does not run today: no deployment of it is on record."


def _inner(text: str) -> str:
    """Return a text as it goes on inside a sentence, with one full stop."""
    line = " ".join(text.split()).rstrip(".")
    return f"{line}."
