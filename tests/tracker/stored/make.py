"""Dump what today's software leaves behind, before a migration is added.

python tests/tracker/stored/make.py    writes v<number of migrations>.sql beside it
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tracker import datasets, decisions, experiments, models, points, runs, schema
from tracker.points import Point
from tracker.store import Store, open_store
from tunewise.domain.decision import Actor

ANA, BO = Actor("ana"), Actor("bo", "token")
WHO = {"actor": ANA, "at": "2026-11-22T10:00:00Z"}


def write_records(store: Store) -> None:
    decisions.propose(
        store,
        "triage-2026",
        title="Support triage",
        recommended="finetune",
        body={"facts": {"must_cite_sources": True}},
        **WHO,
    )
    decisions.accept(
        store,
        "triage-2026",
        choice="rag",
        justification="cheaper to keep",
        conditions=["ask legal"],
        actor=BO,
        at="2026-11-23T09:00:00Z",
    )
    for letter in "ab":
        datasets.register(
            store, "triage", digest=f"sha256:{letter * 64}", body={}, **WHO
        )
    experiments.create(store, "e-1", title="Arms", dataset="triage@2", body={}, **WHO)
    runs.create(store, "r-1", experiment="e-1", arm="finetune", seed=0, body={}, **WHO)
    runs.claim(store, "r-1", owner="w", lease_until="2026-11-22T11:00:00Z", **WHO)
    losses = [
        Point("loss", step, value, WHO["at"]) for step, value in ((1, 2.5), (2, 1.5))
    ]
    points.add(store, "r-1", attempt=1, points=losses, **WHO)
    result = {"metrics": {"accuracy": 0.75}}
    runs.finish(store, "r-1", attempt=1, result=result, **WHO)
    models.register(store, "triage", body={"option": "rag"}, run="r-1", **WHO)
    models.alias(store, "triage@1", alias="production", because="first", **WHO)


def dumped(store: Store) -> Iterator[str]:
    """Yield the SQL, the full-text index as it was made.

    ``iterdump`` writes a virtual table into ``sqlite_master`` by hand, and then the
    tables inside it: a script that SQLite does not take back.
    """
    made = store.db.table("search").schema
    for statement in store.db.iterdump():
        if "writable_schema" in statement or "sqlite_master" in statement:
            continue
        if '"search_' in statement or "'search_" in statement:
            continue
        if statement == "COMMIT;":
            yield f"{made};"
            for row in store.rows("SELECT * FROM search"):
                values = ", ".join(f"'{v}'" for v in row.values())
                yield f"INSERT INTO search VALUES ({values});"
        if not statement.startswith('INSERT INTO "search"'):
            yield statement


def main(folder: Path) -> None:
    count = len(schema.STEPS)
    path = folder / f"v{count}.sql"
    with (
        tempfile.TemporaryDirectory() as home,
        open_store(Path(home) / "tunewise.db") as store,
    ):
        write_records(store)
        dump = "\n".join(dumped(store))
    head = f"-- What the software of {count} migration(s) left behind; never edited.\n"
    path.write_text(head + dump + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(__file__).parent)
