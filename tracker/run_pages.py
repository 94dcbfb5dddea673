"""Pages of runs, filtered and ordered: what stays quick with 10,000 of them.

    page(store, where=[condition("accuracy > 0.8"), condition("arm = rag")],
         sort="-accuracy", limit=100)

A field is a column of the run, ``dataset`` or ``heldout`` of its experiment,
``config.PATH`` in what it was asked to do, or else the name of a metric. Sorting by a
metric walks its index, so the best run of all is the first entry of it; runs without
the metric are not on such a page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracker import records, runs
from tracker.runs import RunRow
from tracker.schema import RUN
from tracker.store import Store
from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import RunStatus

OPERATORS = ("=", "!=", ">=", "<=", ">", "<", "~")
OLDEST, NEWEST = "at", "-at"
ALL = -1  # no limit

_COLUMNS = {
    "run": "runs.id",
    "experiment": "runs.experiment",
    "arm": "runs.arm",
    "seed": "runs.seed",
    "at": 'runs."at"',
    "by": 'runs."by"',
    "status": (
        "coalesce((SELECT action FROM run_events WHERE record = runs.id AND action"
        f" IN ({', '.join(repr(a) for a in runs.STATUS)})"
        " ORDER BY id DESC LIMIT 1), 'requeued')"
    ),
}
_CONFIG = "config."
# The experiments that a run may belong to: looked up once, then runs by their index.
_DATASET, _HELDOUT = "dataset", "heldout"
_ON_DATASET = "SELECT id FROM experiments WHERE dataset = ?"
_DATASET_WITH = (
    "SELECT id FROM experiments WHERE instr(lower(coalesce(dataset, '')), lower(?)) > 0"
)
_SPLIT = "json_extract(body, '$.splits.heldout.digest')"
_ON_SPLIT = f"""
    WITH split AS (SELECT ? AS digest UNION
        SELECT {_SPLIT} FROM dataset_versions WHERE id = ? AND json_valid(body))
    SELECT id FROM experiments
    WHERE CASE WHEN json_valid(body) THEN json_extract(body, '$.heldout_digest') END
        IN (SELECT digest FROM split)
    OR dataset IN (SELECT id FROM dataset_versions
        WHERE CASE WHEN json_valid(body) THEN {_SPLIT} END IN (SELECT digest FROM split)
    )"""
_WRITTEN = re.compile(r"\s*([^\s=!<>~]+)\s*(!=|>=|<=|=|>|<|~)\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a run must meet; ``~`` asks whether a text occurs in the field."""

    field: str
    operator: str
    value: str


def condition(text: str) -> Condition:
    """Read a condition as a person writes it.

    >>> condition("accuracy >= 0.8")
    Condition(field='accuracy', operator='>=', value='0.8')

    Raises
    ------
    SpecError
        If it is none.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None or not written[3]:
        raise SpecError(
            f"{text!r} is not a condition\n"
            f"  Write FIELD OPERATOR VALUE, as in 'accuracy > 0.8' or 'arm = rag'; "
            f"operators are {' '.join(OPERATORS)}."
        )
    return Condition(*written.groups())


def page(
    store: Store,
    *,
    where: Sequence[Condition] = (),
    sort: str = NEWEST,
    limit: int = 100,
    offset: int = 0,
) -> list[RunRow]:
    """Return the runs that meet every condition, a page of them in order.

    ``sort`` is ``at`` (the oldest first), ``-at``, or a metric with or without the
    minus that puts its highest value first.

    Raises
    ------
    SpecError
        If a metric is compared with what is no number, or no run has the metric
        that is to give the order.
    """
    with store.reading():
        found = ids(store, where=where, sort=sort, limit=limit, offset=offset)
        return _in_order(store, found)


def ids(
    store: Store,
    *,
    where: Sequence[Condition] = (),
    sort: str = NEWEST,
    limit: int = ALL,
    offset: int = 0,
) -> list[str]:
    """Return the ids of such a page, of all pages where no limit is given."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    direction = "DESC" if descending else "ASC"
    tests = [_test(each) for each in where]
    clauses = [sql for sql, _ in tests]
    values = [value for _, given in tests for value in given]
    if name == OLDEST:
        tables, order = "runs", f"runs.rowid {direction}"
    else:
        _check_metric(store, name)
        tables = "latest CROSS JOIN runs ON runs.id = latest.run"
        clauses = ["latest.metric = ?", "latest.value IS NOT NULL", *clauses]
        values = [name, *values]
        order = f"latest.value {direction}"
    wanted = " AND ".join(clauses) or "1"
    rows = store.rows(
        f"SELECT runs.id FROM {tables} WHERE {wanted} ORDER BY {order}"
        " LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [row["id"] for row in rows]


def _check_metric(store: Store, name: str) -> None:
    if store.rows("SELECT 1 FROM latest WHERE metric = ? LIMIT 1", [name]):
        return
    known = store.rows("SELECT DISTINCT metric FROM latest ORDER BY metric")
    if known:
        metrics = ", ".join(row["metric"] for row in known)
        raise SpecError(
            f"sort {name}: no run has this metric\n"
            f"  Runs are ordered by at, or by one of {metrics}."
        )


def _in_order(store: Store, ids: Sequence[str]) -> list[RunRow]:
    marks = ", ".join("?" * len(ids))
    found = records.read(store, RUN, f"id IN ({marks})", ids)
    rows = {row.id: row for row in runs.derive_all(store, found)}
    return [rows[id] for id in ids]


def _test(asked: Condition) -> tuple[str, list[object]]:
    """Return SQL that holds for the runs that meet a condition, and its values."""
    field, operator = asked.field, asked.operator
    if field == "status":
        return _status_test(asked)
    if field in (_DATASET, _HELDOUT):
        return _experiment_test(asked)
    if field in _COLUMNS or field.startswith(_CONFIG):
        column, given = _column(field)
        if operator == "~":
            return f"instr(lower({column}), lower(?)) > 0", [*given, asked.value]
        return f"{column} {operator} ?", [*given, _comparable(asked)]
    number = _number(asked.value)
    if operator == "~" or number is None:
        raise SpecError(
            f"{field} {operator} {asked.value}: {field!r} is taken for a metric, "
            "which is compared with a number\n"
            f"  Other fields are {', '.join((*_COLUMNS, _DATASET, _HELDOUT))} and "
            "config.PATH, as in 'config.finetune.rank = 16'."
        )
    return (
        "EXISTS (SELECT 1 FROM latest AS own WHERE own.run = runs.id"
        f" AND own.metric = ? AND own.value {operator} ?)",
        [field, number],
    )


def _status_test(asked: Condition) -> tuple[str, list[object]]:
    actions = [a for a, status in runs.STATUS.items() if status == asked.value]
    if not actions or asked.operator not in ("=", "!="):
        raise SpecError(
            f"status {asked.operator} {asked.value}: no run can be asked that\n"
            f"  Write status = or != one of {', '.join(RunStatus)}."
        )
    negated = "NOT " if asked.operator == "!=" else ""
    marks = ", ".join("?" * len(actions))
    return f"{_COLUMNS['status']} {negated}IN ({marks})", [*actions]


def _experiment_test(asked: Condition) -> tuple[str, list[object]]:
    """Return the test whether a run's experiment was on a dataset or a split.

    An experiment is on a split where it answered the examples of that digest, or where
    its dataset version has the split, of which it may have answered a part.
    """
    field, operator, value = asked.field, asked.operator, asked.value
    if field == _DATASET and operator == "~":
        return f"runs.experiment IN ({_DATASET_WITH})", [value]
    versioned = "@" in value or (field == _HELDOUT and value.startswith("sha256:"))
    if operator not in ("=", "!=") or not versioned:
        digest = ", or the digest of the split" if field == _HELDOUT else ""
        part = "" if field == _HELDOUT else "\n  For every version: dataset ~ NAME@."
        raise SpecError(
            f"{field} {operator} {value}: no run can be asked that\n"
            f"  Write {field} = or != a version as NAME@N{digest}.{part}"
        )
    found, given = _ON_DATASET, [value]
    if field == _HELDOUT:
        found, given = _ON_SPLIT, [value, value]
    if operator == "=":
        return f"runs.experiment IN ({found})", [*given]
    return f"coalesce(runs.experiment, '') NOT IN ({found})", [*given]


def _column(field: str) -> tuple[str, list[object]]:
    """Return the SQL of a field, and the values in it."""
    if field in _COLUMNS:
        return _COLUMNS[field], []
    keys = field.removeprefix(_CONFIG).split(".")
    # quoted, so that a key with a dot or a quote in it is still only a key
    path = "$" + "".join('."' + key.replace('"', "") + '"' for key in keys)
    return "json_extract(runs.body, ?)", [path]


def _comparable(asked: Condition) -> object:
    """Return the value in the type that the field is stored in."""
    if asked.field != "seed" and not asked.field.startswith(_CONFIG):
        return asked.value
    if asked.value in ("true", "false"):
        return asked.value == "true"
    number = _number(asked.value)
    return asked.value if number is None else number


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
