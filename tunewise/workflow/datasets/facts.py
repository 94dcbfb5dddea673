"""The facts that a dataset version establishes, with its quality report as evidence."""

from collections.abc import Mapping
from typing import Any

from tunewise.domain.errors import FactError, NotRecorded
from tunewise.domain.facts import Evidence, EvidenceKind, Fact
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import sheet_to_raw
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.facts import sheet_of
from tunewise.workflow.home import Home

View = dict[str, Any]


def established(version: View, *, on: str, training: int, heldout: int) -> list[Fact]:
    """Return what a version says about the data; ``on`` is the day of the report."""
    evidence = Evidence(EvidenceKind.DATASET, version["dataset"])
    found: dict[str, Any] = {
        "training_examples": training,
        "heldout_examples": heldout,
        "data_quality": version["quality"]["grade"],
    }
    return [
        Fact(name, value, evidence=evidence, on=on) for name, value in found.items()
    ]


def with_dataset(
    home: Home, raw: Mapping[str, Any], reference: str, *, rules: RuleSet
) -> View:
    """Return answers with the facts that a dataset version establishes.

    Raises
    ------
    NotRecorded
        If the version is unknown, or was deleted: nothing can be trained on it.
    FactError
        If the answers say otherwise with evidence of their own: a person who read
        the examples knows more than the report, so nobody is overruled in silence.
    """
    version = datasets.show(home, reference)
    if version["deleted"]:
        raise NotRecorded(
            f"dataset {version['dataset']} was deleted: {version['deleted']}\n"
            "  Its report stays on record, but nothing can be trained on it: name a "
            "version that is kept."
        )
    sheet = sheet_of(raw, rules)
    facts = [
        fact
        for fact in established(
            version,
            on=version["at"][:10],
            training=_examples(version, "train"),
            heldout=_examples(version, "heldout"),
        )
        if fact.name in rules.facts
    ]
    for fact in facts:
        stated = sheet.get(fact.name)
        if stated is None or stated.assumed or stated.value == fact.value:
            continue
        raise FactError(
            f"{fact.name}: the facts say {stated.value}, the report of "
            f"{version['dataset']} says {fact.value}\n"
            "  Take it out of the facts, or leave out --dataset."
        )
    title = {"title": raw["title"]} if "title" in raw else {}
    return {**title, **sheet_to_raw(sheet.with_facts(*facts))}


def _examples(version: View, split: str) -> int:
    return int(version["splits"].get(split, {}).get("examples", 0))
