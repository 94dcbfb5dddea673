"""Dump what today's software leaves behind, before a migration is added.

python tests/tracker/stored/make.py    writes v<number of migrations>.sql beside it
"""

import tempfile
from pathlib import Path

from tracker import datasets, decisions, models, schema
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
    models.register(store, "triage", body={"option": "rag"}, **WHO)
    models.alias(store, "triage@1", alias="production", because="first", **WHO)


def main(folder: Path) -> None:
    count = len(schema.STEPS)
    path = folder / f"v{count}.sql"
    with (
        tempfile.TemporaryDirectory() as home,
        open_store(Path(home) / "tunewise.db") as store,
    ):
        write_records(store)
        dump = "\n".join(store.db.iterdump())
    head = f"-- What the software of {count} migration(s) left behind; never edited.\n"
    path.write_text(head + dump + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(__file__).parent)
