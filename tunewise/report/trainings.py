"""The finetune arm on fewer examples, in words, as a table and as a chart.

curve       a quarter, half, all of the examples: would more help?
unflagged   without those that the quality report names: quality over quantity
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tunewise.report import charts, numbers, words
from tunewise.report.shapes import View, fill, rows, shape

_TRAININGS = shape(
    text="metric", lists="points", tables="left_out", none="seed comparison flagged"
)
_POINT = shape(text="arm run", none="examples value low high n")
_SHARES = {"finetune_quarter": "a quarter", "finetune_half": "half", "finetune": "all"}
_MORE = {
    "win": "more examples would probably help",
    "lose": "more examples would probably not help: all of them do worse than half",
    "equivalent": "more examples would hardly help: half of them do as well within the "
    "margin",
    "inconclusive": "no sign that more examples would help, and none that they would "
    "not: not shown either way",
}
_WITHOUT = {
    "win": "without the {} the score is lower: mend rather than leave out",
    "lose": "without the {} the score is higher: mend, or leave out",
    "equivalent": "without the {} the score is the same within the margin: little is "
    "lost by leaving out",
    "inconclusive": "whether it is better without the {} is not shown either way",
}


def complete_trainings(experiment: View) -> list[dict[str, Any]]:
    """Return each question that fewer examples answer, [] where none was measured."""
    found = []
    if view := experiment.get("curve"):
        found.append(_shown(fill(view, _TRAININGS), "Would more examples help?"))
    if view := experiment.get("unflagged"):
        found.append(_shown(fill(view, _TRAININGS), "Quality over quantity?"))
    return found


def sentence(view: View) -> str:
    """Return what all examples show beside half of them, or beside those not flagged.

    >>> half = {"arm": "finetune_half", "value": 0.61}
    >>> whole = {"arm": "finetune", "value": 0.69}
    >>> sentence({"points": [half, whole], "metric": "accuracy", "comparison": {
    ...     "conclusion": "win", "difference": 0.08, "low": 0.02, "high": 0.14,
    ...     "p_value": 0.004, "needs_n": None}})
    'more examples would probably help (half 0.61, all 0.69: accuracy +0.08, 0.02 to \
0.14, p = 0.004)'
    """
    compared, flagged = view["comparison"], view.get("flagged")
    if compared is None:
        return "not compared: one of the two trainings did not finish"
    conclusion = str(compared["conclusion"])
    texts = _MORE if flagged is None else _WITHOUT
    said = conclusion
    if conclusion in texts:
        said = texts[conclusion].format(_flagged(flagged or 0))
    needs = compared["needs_n"]
    settle = (
        f"; about {numbers.count(needs)} held-out examples would settle it"
        if needs
        else ""
    )
    return f"{said} ({_figures(view)}){settle}"


def _shown(view: View, title: str) -> dict[str, Any]:
    points = rows(view["points"], _POINT)
    label = words.metric_title(view["metric"])
    return {
        "title": title,
        "sentence": sentence(view),
        "because": _because(view["left_out"]),
        "metric": view["metric"],
        "seed": view["seed"],
        "points": [{**p, "label": _label(p, view)} for p in points],
        "chart": charts.interval_chart([_row(p, view) for p in points]),
        "caption": f"{label} by training examples, one training each "
        f"(seed {view['seed']}), 95 % intervals",
    }


def _row(point: View, view: View) -> dict[str, Any]:
    return {
        **{key: point[key] for key in ("value", "low", "high")},
        "label": f"{_label(point, view)}: {numbers.count(point['examples'])}",
        "text": numbers.score(point),
        "strong": point["arm"] == "finetune",
    }


def _label(point: View, view: View) -> str:
    """Return which of the training examples a point rests on."""
    return _SHARES.get(point["arm"]) or f"without {numbers.count(view['flagged'])}"


def _figures(view: View) -> str:
    """Return both scores, then how they differ: all of the examples minus the others.

    The first of them is the one that is not compared, where there are three.
    """
    compared = view["comparison"]
    shown = [
        f"{_label(p, view)} {numbers.decimal(p['value'])}" for p in view["points"][-2:]
    ]
    difference = (
        f"{words.metric_title(view['metric'])} "
        f"{numbers.signed(compared['difference'])}, "
        f"{numbers.decimal(compared['low'])} to {numbers.decimal(compared['high'])}, "
        f"{numbers.p_value(compared['p_value'])}"
    )
    n = view["points"][-1].get("n")
    size = f", n = {numbers.count(n)}" if n else ""
    return f"{', '.join(shown)}: {difference}{size}"


def _flagged(number: int) -> str:
    """Return how many examples are flagged.

    >>> _flagged(1), _flagged(14)
    ('flagged example', '14 flagged examples')
    """
    many = f"{numbers.count(number)} flagged examples"
    return "flagged example" if number == 1 else many


def _because(left_out: Mapping[str, int]) -> str:
    """Return what the examples are flagged for, "" where none is.

    >>> _because({"exact_duplicates": 5, "refusals": 9})
    'flagged for exact duplicates (5), refusals (9)'
    """
    codes: Sequence[str] = [
        f"{words.humanise(code)} ({numbers.count(n)})" for code, n in left_out.items()
    ]
    return f"flagged for {', '.join(codes)}" if codes else ""
