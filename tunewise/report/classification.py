"""How confidential the data are that a report tells of: its banner, its printed pages.

    provenance of the dataset version, an experiment's own word -> the gravest
    neither .................................................... -> not classified

The words of the printed margin are ours alone: nothing of a record gets into a style.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tunewise.domain.dataset import Classification
from tunewise.report.shapes import View

_MEANS = {
    Classification.PUBLIC: "made from public data",
    Classification.INTERNAL: "made from internal data; not to leave the house",
    Classification.CONFIDENTIAL: "made from confidential data; for those who need it",
    Classification.SECRET: "made from secret data; only for those named to read it",
}
_FACTS = {
    "personal_data_in_training": "the examples hold personal data",
    "on_prem_required": "the data must stay on own machines",
}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,80}")


def classification_of(view: View) -> dict[str, Any]:
    """Return what a report's banner says of the data that it tells of.

    Returns
    -------
    dict
        ``level`` ("" where nobody said), ``title`` and ``text``.
    """
    order = list(Classification)
    said = [
        Classification(s) for s in _said(view) if isinstance(s, str) and s in _MEANS
    ]
    if said:
        level = max(said, key=order.index)
        return {"level": level.value, "title": level.value, "text": _MEANS[level]}
    facts = _facts(view)
    known = [text for name, text in _FACTS.items() if _is_true(facts.get(name))]
    beside = f"; the facts say that {' and '.join(known)}" if known else ""
    return {
        "level": "",
        "title": "not classified",
        "text": "nobody said how confidential the data are, so they count as "
        f"{Classification.INTERNAL.value}{beside}",
    }


def page_style(view: View, name: str) -> str:
    """Return the style by which each printed page says how confidential it is.

    ``name`` says of what the report is; one that is no plain id is left out.
    """
    title = classification_of(view)["title"]
    of = f'@bottom-left {{ content: "{name}"; }} ' if _ID.fullmatch(name) else ""
    return f'@page {{ @top-center {{ content: "{title.capitalize()}"; }} {of}}}\n'


def _said(view: View) -> Iterator[object]:
    """Yield each classification that a report's record holds."""
    yield view.get("classification")
    for experiment in _list(view.get("experiment_views")):
        yield _table(experiment).get("classification")
    lineage = _table(view.get("lineage")) or view
    for holder in (view.get("dataset_view"), lineage.get("dataset")):
        yield _table(_table(holder).get("provenance")).get("classification")


def _facts(view: View) -> View:
    for holder in (
        view,
        _table(view.get("decision")),
        _table(view.get("facts_after")),
    ):
        if facts := _table(holder.get("facts")):
            return facts
    return {}


def _is_true(fact: object) -> bool:
    return (fact.get("value") if isinstance(fact, Mapping) else fact) is True


def _table(value: object) -> View:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
