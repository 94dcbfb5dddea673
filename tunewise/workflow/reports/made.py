"""What a report holds: a record, the smaller, and without texts of the data.

    decision, experiment, lineage  --as their commands print them-->  views
       --trimmed-->          without what is said twice, or that no report shows
       --without_places-->   files and folders by their names
       --without_texts-->    quotations of examples are left out of findings
       --with_examples-->    … or they stay, and held-out examples come with answers

The same functions make a report and, from the records as of its head, what it must
say: ``with_examples`` is the key by which a record says that it is of this form.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tracker import audit
from tunewise.domain.errors import NotRecorded
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.decisions import surroundings
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.home import Home
from tunewise.workflow.lineage import document as lineages
from tunewise.workflow.models.deployments import Asked
from tunewise.workflow.reports.examples import examples_of
from tunewise.workflow.reports.places import without_places
from tunewise.workflow.reports.shortened import EXAMPLES, shortened

View = dict[str, Any]

Reader = Callable[[Home, str], View | None]  # of an experiment's examples

FORM = "with_examples"  # the key that every report has, true where texts are in it

_OF_DATASET = (
    "dataset",
    "digest",
    "splits",
    "documents",
    "quality",
    "findings",
    "accepted_because",
    "provenance",
    "provenance_missing",
    "deleted",
)
# of the same decision and the same dataset version, which its report has in full
_OF_DECISION = ("id", "title", "status", "choice", "recommended")
_OF_DATASET_STEP = ("version", "digest", "splits", "provenance", "deleted", "at")
# of a lineage inside a decision's report: it has arms, people and its own log
_SAID_ELSEWHERE = ("alternatives", "people", "events")
_QUOTED = re.compile(r"“.*”", re.DOTALL)  # to the last: a text may quote, too
_SUCH_AS = re.compile(r"\(such as .*\)", re.DOTALL)
_WITH_VALUES = ("unseen_values", "template_marks")


def decision_report(
    home: Home, id: str, *, with_examples: bool = False, reader: Reader = examples_of
) -> View:
    """Return a decision with what surrounds it."""
    view = decisions.full(home, id)
    if of := view.get("dataset_view"):
        view["dataset_view"] = _dataset(of)
    view |= _of_rules(view)
    view[surroundings.ASKED_AGAIN] = surroundings.asked_again(home, id)
    if chain := view.get("lineage"):
        view["lineage"] = _inside(view, chain)
    return _finished(
        # those of the others are in the reports of these experiments
        home,
        view,
        view["experiments"][-1:],
        reader=reader if with_examples else None,
    )


def experiment_report(
    home: Home, id: str, *, with_examples: bool = False, reader: Reader = examples_of
) -> View:
    """Return an experiment with its dataset version and the head of the log."""
    view = experiments.show(home, id)
    found = _dataset_of(home, str(view["dataset"]))
    view["dataset_view"] = found and _only(found, _OF_DATASET)
    with home.store() as store:
        view["audit_head"] = audit.head(store)
    return _finished(home, view, [id], reader=reader if with_examples else None)


def lineage_report(
    home: Home,
    asked: Asked,
    *,
    with_examples: bool = False,
    reader: Reader = examples_of,
) -> View:
    """Return why a version was made, as it was asked for."""
    view = lineages.whole(home, asked)
    made_in = view["model"]["experiment"]
    ids = [str(made_in)] if made_in else []
    return _finished(home, view, ids, reader=reader if with_examples else None)


def without_texts(view: Mapping[str, Any]) -> View:
    """Return a dataset version, findings of which quote no example.

    >>> found = {"code": "leakage", "message": "2 prompts (“Who?” says “I”). Mend it."}
    >>> without_texts({"findings": [found]})["findings"][0]["message"]
    '2 prompts (“…”). Mend it.'
    """
    return {**view, "findings": [_unquoted(f) for f in view.get("findings") or []]}


def _finished(
    home: Home, view: View, ids: Sequence[str], *, reader: Reader | None
) -> View:
    view = without_places(view)
    if reader is not None:
        told = [reader(home, id) for id in ids]
        examples = {EXAMPLES: [part for part in told if part]}
        return shortened({**view, FORM: True, **examples})
    for key in ("dataset_view", "dataset"):
        if isinstance(view.get(key), Mapping):
            view[key] = without_texts(view[key])
    if chain := view.get("lineage"):
        of = chain.get("dataset")
        view["lineage"] = {**chain, "dataset": without_texts(of) if of else of}
    return shortened({**view, FORM: False})


def _dataset(view: Mapping[str, Any]) -> View:
    """Return a dataset version without its runs and statistics, which its page has."""
    return {key: view[key] for key in view if key not in ("runs", "statistics")}


def _of_rules(view: View) -> View:
    """Return the rule files and questions that a decision's report speaks of.

    The digest of the rule set stands for all the others.
    """
    verdict = view["verdict"]
    matched = {f"criteria/{f['criterion']}.toml" for f in verdict["findings"]}
    asked = verdict.get("next_question") or {}
    named = {*view["facts"], *verdict["unknown"], *verdict["assumed"]}
    named |= {asked.get("fact"), *(n for f in verdict["flips"] for n in f["change"])}
    return {
        "rule_files": {
            path: digest
            for path, digest in view["rule_files"].items()
            if path in matched or not path.startswith(("criteria/", "cases/"))
        },
        "fact_definitions": {
            name: said
            for name, said in view["fact_definitions"].items()
            if name in named
        },
    }


def _inside(view: View, chain: Mapping[str, Any]) -> View:
    """Return the lineage of a decision's report, which says the rest itself."""
    kept = {key: chain[key] for key in chain if key not in _SAID_ELSEWHERE}
    kept["expected"] = [field for field in chain["expected"] if not field["known"]]
    decision, dataset = chain.get("decision"), chain.get("dataset")
    if decision and decision["id"] == view["id"]:
        kept["decision"] = _only(decision, _OF_DECISION)
    shown = view.get("dataset_view")
    if dataset and shown and dataset["digest"] == shown["digest"]:
        kept["dataset"] = _only(dataset, _OF_DATASET_STEP)
    return kept


def _only(view: Mapping[str, Any], names: Sequence[str]) -> View:
    return {name: view[name] for name in names if name in view}


def _dataset_of(home: Home, reference: str) -> View | None:
    try:
        return datasets.show(home, reference)
    except NotRecorded:
        return None


def _unquoted(finding: Mapping[str, Any]) -> View:
    message = _QUOTED.sub("“…”", str(finding.get("message", "")))
    if finding.get("code") in _WITH_VALUES:
        message = _SUCH_AS.sub("(…)", message)
    return {**finding, "message": message}
