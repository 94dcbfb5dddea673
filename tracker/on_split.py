"""What there is on one held-out split: experiments, their runs, and decisions.

Thousands of runs can lie on a split, so each question here is one query that takes
from the records only what is asked for. ``upto`` is the number of a log entry: what
was recorded after it does not count.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tracker import audit, canonical, records, runs
from tracker.decisions import attached_to
from tracker.records import Raw
from tracker.runs import RunRow
from tracker.schema import DECISION, RUN
from tracker.store import Store
from tunewise.domain.decision import Actor

_AMONG = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class SplitExperiment:
    """An experiment on a split, and what of its record says what it asked for."""

    id: str
    dataset: str
    heldout_digest: str  # of the examples that it answered
    spec: Mapping[str, Any]
    facts: Mapping[str, Any]  # before it ran, as a fact file writes them
    rule_set: str  # "" where older software kept none
    by: Actor
    at: str
    entry: int  # of the log


@dataclass(frozen=True, slots=True)
class SplitDecision:
    """What of a decision on a split says what it was asked to judge."""

    id: str
    facts: Mapping[str, Any]  # as a fact file writes them
    rule_set: str
    experiments: tuple[str, ...]  # that it rests on, as they were attached
    by: Actor
    at: str
    entry: int  # of the log, by which it was proposed


@dataclass(frozen=True, slots=True)
class Extent:
    """How many runs there are on a split, and how many of them are cited."""

    runs: int
    cited: int


def datasets(store: Store, splits: Collection[str]) -> list[str]:
    """Return the dataset versions whose held-out split has one of these digests."""
    digest = "json_extract(body, '$.splits.heldout.digest')"
    rows = store.rows(
        f"SELECT id FROM dataset_versions"
        f" WHERE CASE WHEN json_valid(body) THEN {digest} {_AMONG} END",
        [_list(splits)],
    )
    return [row["id"] for row in rows]


def experiments(
    store: Store,
    *,
    answered: Collection[str],
    on: Collection[str],
    upto: int = audit.LAST,
) -> list[SplitExperiment]:
    """Return the experiments on a split, oldest first.

    ``answered`` are digests of the examples, ``on`` the dataset versions that have
    the split, of which an experiment may have answered a part.

    Raises
    ------
    EnvironmentProblem
        If a record was damaged, so that its split is unknown.
    """
    found = store.rows(
        f"SELECT id, json_valid(body) AS valid FROM experiments WHERE dataset {_AMONG}"
        " OR CASE WHEN json_valid(body)"
        f" THEN json_extract(body, '$.heldout_digest') {_AMONG} ELSE 1 END",
        [_list(on), _list(answered)],
    )
    for row in found:
        if not row["valid"]:
            raise records.damaged(row["id"])
    rows = store.rows(
        """SELECT id, dataset, "at", "by", identity,
            json_extract(body, '$.heldout_digest') AS heldout,
            json_extract(body, '$.spec') AS spec,
            json_extract(body, '$.facts_before.facts') AS facts,
            json_extract(body, '$.verdict_before.rule_set') AS rule_set,
            (SELECT min(seq) FROM audit WHERE subject = experiments.id
                AND action = 'experiment.created') AS entry"""
        f" FROM experiments WHERE id {_AMONG} ORDER BY rowid",
        [_list(row["id"] for row in found)],
    )
    return [_experiment(row) for row in rows if row["entry"] <= upto]


def extent(
    store: Store,
    experiments: Collection[str],
    *,
    cited: Collection[str],
    upto: int = audit.LAST,
) -> Extent:
    """Return how many runs these experiments have, and how many ``cited`` names."""
    (row,) = store.rows(
        f"SELECT count(*) AS runs, coalesce(sum({_CITED}), 0) AS cited"
        f" FROM runs WHERE {_THEIRS} AND {_by(upto)}",
        [_list(cited), _list(cited), _list(experiments)],
    )
    return Extent(row["runs"], row["cited"])


def first_runs(
    store: Store,
    experiments: Collection[str],
    *,
    cited: Collection[str],
    limit: int,
    upto: int = audit.LAST,
) -> list[RunRow]:
    """Return some runs of these experiments, oldest first.

    Where there are more than ``limit``, those that are ``cited`` (by their id, or
    that of their experiment) stay longest, and then the oldest.
    """
    chosen = store.rows(
        f"SELECT id FROM runs WHERE {_THEIRS} AND {_by(upto)}"
        f" ORDER BY {_CITED} DESC, rowid LIMIT ?",
        [_list(experiments), _list(cited), _list(cited), limit],
    )
    found = records.read(store, RUN, f"id {_AMONG}", [_list(r["id"] for r in chosen)])
    return runs.derive_all(store, found)


def first_score(
    store: Store, experiments: Collection[str], *, upto: int = audit.LAST
) -> int | None:
    """Return the log entry of their first finished run, None where there is none."""
    # CROSS JOIN: the events are walked in order, and the walk ends with the first
    rows = store.rows(
        "SELECT record FROM run_events CROSS JOIN runs ON runs.id = record"
        f" WHERE action = 'finished' AND {_THEIRS} ORDER BY run_events.id LIMIT 1",
        [_list(experiments)],
    )
    if not rows:
        return None
    entry = audit.events(store, subject=rows[0]["record"], action="run.finished")[0].seq
    return entry if entry <= upto else None


def resting(
    store: Store, *, experiments: Collection[str], datasets: Collection[str]
) -> list[str]:
    """Return the ids of the decisions that rest on one of these."""
    evidence = [f"{kind}:{id}" for kind in ("dataset", "document") for id in datasets]
    if store.known:  # a service need not look through all bodies
        named = store.known.rows(store, "evidence", DECISION, _evidence)
        asked = set(evidence)
        ids = {id for id, of in named.items() if asked.intersection(of)}
        return sorted(ids.union(attached_to(store, experiments)))
    # bodies are long: looked at as text first, and parsed where that finds something
    rows = store.rows(
        "SELECT id FROM decisions"
        " WHERE id IN (SELECT record FROM decision_events WHERE CASE WHEN"
        " action = 'experiment-attached' AND json_valid(body)"
        f" THEN json_extract(body, '$.experiment') {_AMONG} END)"
        " OR (EXISTS (SELECT 1 FROM json_each(?) AS asked"
        " WHERE instr(decisions.body, asked.value))"
        " AND CASE WHEN json_valid(body) THEN EXISTS (SELECT 1 FROM"
        f" json_each(body, '$.evidence') AS named WHERE named.value {_AMONG}) END)",
        [_list(experiments), _list(evidence), _list(evidence)],
    )
    return [row["id"] for row in rows]


def decisions(store: Store, ids: Collection[str]) -> list[SplitDecision]:
    """Return what these decisions were asked to judge, in the order of proposal.

    Raises
    ------
    EnvironmentProblem
        If a record was damaged.
    """
    wanted = [_list(ids)]
    rows = store.rows(
        """SELECT id, "at", "by", identity,
            CASE WHEN json_valid(body) THEN json_extract(body, '$.facts.facts') END
                AS facts,
            CASE WHEN json_valid(body) THEN json_extract(body, '$.rule_set') END
                AS rule_set,
            (SELECT min(seq) FROM audit WHERE subject = decisions.id
                AND action = 'decision.proposed') AS entry"""
        f" FROM decisions WHERE id {_AMONG} ORDER BY rowid",
        wanted,
    )
    attached: dict[str, list[str]] = {}
    for event in store.rows(
        "SELECT record, json_extract(body, '$.experiment') AS experiment"
        " FROM decision_events"
        " WHERE action = 'experiment-attached' AND json_valid(body)"
        f" AND record {_AMONG} ORDER BY id",
        wanted,
    ):
        attached.setdefault(event["record"], []).append(event["experiment"])
    return [_decision(row, attached.get(row["id"], ())) for row in rows]


def _evidence(raw: Raw) -> tuple[str, ...]:
    return tuple(raw.row["body"].get("evidence", ()))


_THEIRS = f"runs.experiment {_AMONG}"
_CITED = f"(runs.id {_AMONG} OR runs.experiment {_AMONG})"


def _by(upto: int) -> str:
    """Return SQL that holds for runs which were recorded by an entry of the log."""
    if upto == audit.LAST:
        return "1"
    return (
        "(SELECT min(seq) FROM audit WHERE subject = runs.id"
        f" AND action = 'run.queued') <= {upto:d}"
    )


def _list(values: Iterable[str]) -> str:
    return canonical.to_text(sorted(values))


def _experiment(row: Mapping[str, Any]) -> SplitExperiment:
    return SplitExperiment(
        id=row["id"],
        dataset=row["dataset"] or "",
        heldout_digest=row["heldout"] or "",
        spec=canonical.from_text(row["spec"]),
        facts=canonical.from_text(row["facts"] or "{}"),
        rule_set=row["rule_set"] or "",
        by=Actor(row["by"], row["identity"]),
        at=row["at"],
        entry=row["entry"],
    )


def _decision(row: Mapping[str, Any], experiments: Iterable[str]) -> SplitDecision:
    if row["facts"] is None:
        raise records.damaged(row["id"])
    return SplitDecision(
        id=row["id"],
        facts=canonical.from_text(row["facts"]),
        rule_set=row["rule_set"],
        experiments=tuple(experiments),
        by=Actor(row["by"], row["identity"]),
        at=row["at"],
        entry=row["entry"],
    )
