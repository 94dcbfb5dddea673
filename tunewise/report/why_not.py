"""Why each option was not taken, and what a decision says nothing about.

vetoes, paired conclusions, failed arms, totals  -->  sentences, the gravest first
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tunewise.report import numbers, words
from tunewise.report.shapes import View
from tunewise.report.shown import contained

ADAPTING = ("prompt", "rag", "finetune", "hybrid")


def why_not(
    options: Sequence[View], experiments: Sequence[View], taken: str
) -> list[dict[str, Any]]:
    """Return each option beside the one that was taken, and why it was not.

    Parameters
    ----------
    options : sequence of dict
        What was weighed, as the context of a decision has it.
    experiments : sequence of dict
        Contexts of experiments.
    taken : str
        The choice, or the verdict where nobody has chosen.
    """
    weighed = {entry["option"]: entry for entry in options}
    names = [*ADAPTING, *(o for o in weighed if o not in ADAPTING)]
    return [
        {"option": name, "reasons": list(_reasons(name, weighed, experiments, taken))}
        for name in names
        if name != taken
    ]


def _reasons(
    option: str, weighed: View, experiments: Sequence[View], taken: str
) -> Iterator[str]:
    entry = weighed.get(option) or {"findings": [], "ruled_out": [], "total": None}
    vetoes = [f for f in entry["findings"] if f["veto"]]
    for finding in vetoes:
        yield f"Ruled out by {finding['criterion']}: {finding['because']}"
    told = {f["criterion"] for f in vetoes}
    if untold := [id for id in entry["ruled_out"] if id not in told]:
        yield f"Ruled out by {', '.join(untold)}."
    yield from _measured(option, experiments, taken)
    against = [f for f in entry["findings"] if f["weight"] < 0 and not f["veto"]]
    for finding in sorted(against, key=lambda f: f["weight"])[:2]:
        yield f"Against it ({finding['criterion']}): {finding['because']}"
    if entry["total"] is None:
        yield "No criterion speaks for or against it."
    elif taken in weighed:
        own, other = entry["total"], weighed[taken]["total"]
        yield (
            f"The rules give it a total of {numbers.signed(own, 0)}, and "
            f"{numbers.signed(other, 0)} to {words.option_title(taken)}."
        )


def _measured(option: str, experiments: Sequence[View], taken: str) -> Iterator[str]:
    arms = False
    for found in experiments:
        for arm in (arm for arm in found["arms"] if arm["name"] == option):
            arms = True
            if not arm["metrics"]:
                because = f": {contained(arm['error'])}" if arm["error"] else ""
                yield f"Its arm {arm['run']} has no score ({arm['status']}{because})."
            elif (short := _below_target(arm["score"], found["target"])) is not None:
                yield short
        for entry in found["comparisons"]:
            if {entry["a"], entry["b"]} == {option, taken}:
                yield f"{words.sentence(entry['sentence'])}."
    if experiments and not arms:
        yield "It was not measured: no arm put it into practice."


def _below_target(score: View | None, target: float | None) -> str | None:
    if not score or target is None or score.get("value") is None:
        return None
    if score["value"] >= target:
        return None
    return f"It scored {numbers.score(score)}, below the target of {target:g}."


def says_nothing_about(experiments: Sequence[View], verdict: View) -> list[str]:
    """Return what neither the measurements nor the facts of a decision can show."""
    if not experiments:
        return ["Any score: nothing was measured, so all rests on rules and facts."]
    return [*_of_measurements(experiments), *_of_facts(verdict)]


def _of_measurements(experiments: Sequence[View]) -> Iterator[str]:
    measured: dict[str, None] = {}
    for found in experiments:
        name = found["experiment"]["dataset"] or found["experiment"]["experiment"]
        scored = [arm for arm in found["arms"] if arm["metrics"]]
        measured |= dict.fromkeys(arm["name"] for arm in scored)
        n = next((arm["score"]["n"] for arm in scored if _counted(arm)), None)
        count = f" ({numbers.count(n)} examples)" if n else ""
        yield (
            f"Other data than the held-out split of {name}{count}: what comes in later "
            "may differ, which a drift check tells."
        )
        models = dict.fromkeys(arm["model"] for arm in scored if arm["model"])
        if models:
            yield f"Other models than {', '.join(models)}, and later versions of them."
        if once := [arm["name"] for arm in scored if not arm["by_seed"]]:
            titles = ", ".join(words.arm_title(name) for name in once)
            yield f"How scores move with the seed: one run each of {titles}."
        undecided = [c for c in found["comparisons"] if _open(c)]
        for entry in undecided:
            a, b = words.arm_title(entry["a"]), words.arm_title(entry["b"])
            yield f"Whether {a} or {b} is better: the examples do not settle it."
    if left := [words.option_title(o) for o in ADAPTING if o not in measured]:
        yield f"What {', '.join(left)} would have scored: no arm measured it."


def _of_facts(verdict: View) -> Iterator[str]:
    if verdict["unknown"]:
        names = ", ".join(words.humanise(n) for n in verdict["unknown"])
        yield f"What follows from facts that nobody knew: {names}."


def _counted(arm: View) -> bool:
    return bool(arm["score"]) and bool(arm["score"].get("n"))


def _open(comparison: View) -> bool:
    return str(comparison["conclusion"]) == "inconclusive"
