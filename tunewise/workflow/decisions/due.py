"""When an accepted decision must be looked at again, whatever the rules say today.

    its own dates        review, conditions, facts that were valid until a day
    its base model       the vendor's end of life, base_tunable_until
    its model version    the last drift check found drift
    its reviews          score or cost turned out worse than promised

One function for all, so that ``decision check`` and the home page raise one flag.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from tracker.decision_row import DecisionRow
from tracker.models import ModelRow
from tracker.store import Store
from tunewise.domain.errors import FactError
from tunewise.domain.facts import FactSheet
from tunewise.domain.record import Condition, Figure
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import fact_sheet
from tunewise.report import reviews
from tunewise.workflow.decisions import promises
from tunewise.workflow.drift import records as drift_records

# The shortest notice of an end that vendors gave lately was three months
# (research of 2026-11: 4o and 4.1, announced on 14 October for January).
NOTICE = dt.timedelta(days=90)
_TUNABLE = "base_tunable_until"


def due(
    store: Store,
    row: DecisionRow,
    versions: Sequence[ModelRow],
    rules: RuleSet | None,
    today: dt.date,
) -> Iterator[str]:
    """Yield why a decision must be looked at again, one sentence each.

    Without ``rules`` nothing is said of facts, base models and promises.
    ``versions`` are the model versions that speak for the decision.
    """
    if row.review_on and row.review_on <= today.isoformat():
        yield f"review was due on {row.review_on}"
    for condition in row.conditions:
        if condition.closed is None:
            yield from _open_condition(condition, today)
    if rules:
        sheet = _sheet(row, rules)
        yield from _expired(sheet, today)
        yield from _ending(_bases(row, sheet, versions), sheet, rules, today)
        if row.reviews:  # the promise is read from reports, which are long
            yield from _fell_short(row, promises.promised(store, row, sheet))
    looked = max([row.accepted_at, *(review.at for review in row.reviews)])
    for version in versions:
        yield from _drifted(version, since=looked)


class Versions:
    """The model versions in service, by the decision that each puts into practice."""

    def __init__(self, versions: Iterable[ModelRow]) -> None:
        self._of: dict[str, list[tuple[int, ModelRow]]] = {}
        for place, version in enumerate(versions):
            if not version.retired:
                for key in {version.id, version.body.get("decision") or version.id}:
                    self._of.setdefault(key, []).append((place, version))

    def of(self, row: DecisionRow) -> list[ModelRow]:
        """Return the versions that speak for a decision, in the order they came in."""
        named = (self._of.get(id, []) for id in (row.model, row.id))
        found = dict(entry for entries in named for entry in entries)
        return [found[place] for place in sorted(found)]


def _open_condition(condition: Condition, today: dt.date) -> Iterator[str]:
    named = f"condition {condition.n} ({condition.text})"
    lacks = [what for what in ("owner", "due") if not getattr(condition, what)]
    if lacks:
        words = " and no ".join({"owner": "owner", "due": "due date"}[w] for w in lacks)
        yield f"{named} has no {words}"
    if condition.due and condition.due < today.isoformat():
        owner = f", {condition.owner} sees to it" if condition.owner else ""
        yield f"{named} was due on {condition.due}{owner}"


def _expired(sheet: FactSheet, today: dt.date) -> Iterator[str]:
    for fact in sorted(sheet, key=lambda fact: fact.name):
        if fact.valid_until and fact.valid_until < today.isoformat():
            yield f"its fact {fact.name} was valid until {fact.valid_until}: ask again"


def _ending(
    bases: list[str], sheet: FactSheet, rules: RuleSet, today: dt.date
) -> Iterator[str]:
    """Yield the ends that a vendor set, once they are past or close."""
    ends = {m.id: m.end_of_life for m in rules.base_models if m.end_of_life}
    for base in bases:
        if base in ends:
            yield from _end(f"its model {base}", ends[base], today)
    tunable = sheet.value(_TUNABLE)
    if isinstance(tunable, str):
        yield from _end("its base model, by the facts,", tunable, today)


def _end(what: str, date: str, today: dt.date) -> Iterator[str]:
    end = dt.date.fromisoformat(date)
    if end <= today:
        yield f"{what} was ended by its vendor on {date}"
    elif end - today <= NOTICE:
        yield f"{what} ends on {date}, in {(end - today).days} days"


def _bases(
    row: DecisionRow, sheet: FactSheet, versions: Sequence[ModelRow]
) -> list[str]:
    """Return the models that what was chosen runs on, as far as they are known."""
    bases = {str(v.body["base_model"].get("id", "")) for v in versions} - {""}
    score = sheet.get(f"{row.choice or row.recommended}_score")
    if not bases and score and score.model:
        return [score.model]
    return sorted(bases)


def _drifted(version: ModelRow, *, since: str) -> Iterator[str]:
    """Yield what the last drift check of a version found, if it found anything.

    A decision that was accepted or reviewed after the check knows of it.
    """
    last = drift_records.last_check(version)
    if not last or not last["drifted"] or last["at"] < since:
        return
    found = [f["code"].replace("_", " ") for f in last["findings"] if f["drifted"]]
    said = f"its model {version.id} has drifted ({last['at'][:10]}: {', '.join(found)})"
    if last["changed"]:
        said += f"; the verdict would be {last['after']['recommended']}"
    yield said


def _fell_short(row: DecisionRow, promise: tuple[Figure, ...]) -> Iterator[str]:
    for at, figure in promises.broken(row, promise):
        said = asdict(figure)
        yield (
            f"its review of {at[:10]} found a {figure.what} worse than promised: "
            f"{reviews.realised(said)}, promised {reviews.promise(said)}"
        )


def _sheet(row: DecisionRow, rules: RuleSet) -> FactSheet:
    """Return the recorded facts; none where today's dictionary does not take them."""
    try:
        return fact_sheet(row.body["facts"], rules.facts, ignore_unknown=True).sheet
    except FactError:  # told by what compares the verdicts
        return FactSheet()
