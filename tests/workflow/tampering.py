"""What somebody does who opens the database with other software."""

import sqlite3
from contextlib import closing

from tracker import schema
from tunewise.workflow import decisions
from tunewise.workflow.home import Home


def tamper(home: Home, *statements: str) -> None:
    connection = sqlite3.connect(home.path / "tunewise.db")
    for name in schema.triggers():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def drop(home: Home, table: str) -> None:
    decisions.propose(home, {}, title="HR answers")
    with closing(sqlite3.connect(home.path / "tunewise.db")) as outside:
        outside.execute(f"DROP TABLE {table}")
