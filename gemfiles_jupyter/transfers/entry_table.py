"""The table of the journal: a row for each entry, a column for each of its fields."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from .entries import LIVE, STOPPED, Entry

__all__ = ["IS_UNFINISHED", "SCHEMA", "create", "insert", "select", "update"]

SCHEMA = 2
IS_UNFINISHED = "phase IN ({})".format(", ".join(f"'{phase}'" for phase in LIVE + STOPPED))

_COLUMNS = tuple(item.name for item in fields(Entry))
_NUMBERS = ("size", "modified_ns", "sent", "pid")
_TIMES = ("expires", "heartbeat", "created")
_INDEXES = {"by_content": "size, sample", "by_path": "path", "by_file": "file_name", "by_time": "created"}


def create(connection: sqlite3.Connection) -> None:
    """Create the table, unless it is there."""
    kinds = dict.fromkeys(_NUMBERS, "INTEGER") | dict.fromkeys(_TIMES, "REAL")
    columns = ", ".join(f"{name} {kinds.get(name, 'TEXT')} NOT NULL" for name in _COLUMNS)
    connection.execute(f"CREATE TABLE IF NOT EXISTS transfers ({columns}, PRIMARY KEY (id))")
    for index, indexed in _INDEXES.items():
        connection.execute(f"CREATE INDEX IF NOT EXISTS {index} ON transfers ({indexed})")


def select(cursor: sqlite3.Cursor, where: str, values: Sequence[object]) -> list[Entry]:
    """Return the entries that fulfil a condition in SQL."""
    rows = cursor.execute(f"SELECT * FROM transfers WHERE {where}", values)  # noqa: S608 (our own text)
    return [Entry(**dict(row)) for row in rows.fetchall()]


def insert(cursor: sqlite3.Cursor, entry: Entry, *, unless: str = "0", values: Sequence[object] = ()) -> bool:
    """Add an entry, unless one is there that fulfils a condition in SQL; return whether it was added."""
    mine = [getattr(entry, name) for name in _COLUMNS]
    marks = ", ".join("?" for _ in mine)
    cursor.execute(
        f"INSERT INTO transfers ({', '.join(_COLUMNS)}) SELECT {marks}"  # noqa: S608
        f" WHERE NOT EXISTS (SELECT 1 FROM transfers WHERE {unless})",
        [*mine, *values],
    )
    return cursor.rowcount > 0


def update(
    cursor: sqlite3.Cursor,
    id: str,  # noqa: A002
    changes: Mapping[str, Any],
    owner: str | None = None,
) -> bool:
    """Change an entry, if it is still the owner's; return whether it was."""
    unknown = set(changes) - set(_COLUMNS)
    assert not unknown, unknown
    names = ", ".join(f"{name} = ?" for name in changes)
    where = "id = ?" if owner is None else "id = ? AND owner = ?"
    who = [id] if owner is None else [id, owner]
    cursor.execute(f"UPDATE transfers SET {names} WHERE {where}", [*changes.values(), *who])  # noqa: S608
    return cursor.rowcount > 0
