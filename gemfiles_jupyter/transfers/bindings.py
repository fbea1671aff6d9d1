"""Which variable of which notebook holds which files, so that a restarted kernel can have them back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from .database import Database

__all__ = ["Binding", "Bindings"]

_TABLE = """
CREATE TABLE IF NOT EXISTS bindings (
    endpoint TEXT NOT NULL,
    key TEXT NOT NULL,
    notebook TEXT NOT NULL,
    variable TEXT NOT NULL,
    is_list INTEGER NOT NULL,
    position INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    PRIMARY KEY (endpoint, key, notebook, variable, position)
)"""
_OF_NOTEBOOK = "endpoint = ? AND key = ? AND notebook = ?"


@dataclass(frozen=True, slots=True)
class Binding:
    """One variable and what it holds.

    Attributes
    ----------
    file_names
        ``files/ID`` of each file.
    is_list
        Whether it holds a list, even if of one file.
    """

    variable: str
    file_names: tuple[str, ...]
    is_list: bool = False


class Bindings:
    """The variables of one notebook at one place, in the journal.

    Parameters
    ----------
    endpoint, key
        Where the files are, and a fingerprint of the key.
    notebook
        What tells notebooks apart, such as an absolute path; it is never shown.
    """

    def __init__(self, database: Database, endpoint: str, key: str, notebook: str) -> None:
        self._database = database
        self._notebook = (endpoint, key, notebook)
        with database.transaction() as cursor:
            cursor.execute(_TABLE)

    def all(self) -> list[Binding]:
        """Return what each variable held last, in the order in which they were bound."""
        with self._database.transaction() as cursor:
            rows = cursor.execute(
                "SELECT variable, is_list, file_name FROM bindings"  # noqa: S608 (our own text)
                f" WHERE {_OF_NOTEBOOK} ORDER BY rowid",
                self._notebook,
            ).fetchall()
        held: dict[tuple[str, bool], list[str]] = {}
        for variable, is_list, file_name in rows:
            held.setdefault((variable, bool(is_list)), []).append(file_name)
        return [Binding(variable, tuple(names), is_list) for (variable, is_list), names in held.items()]

    def change(self, bound: Iterable[Binding], unbound: Iterable[str]) -> None:
        """Write down what some variables hold now, and that others hold no file any more."""
        bound = list(bound)
        with self._database.transaction() as cursor:
            for variable in [*unbound, *(binding.variable for binding in bound)]:
                cursor.execute(
                    f"DELETE FROM bindings WHERE {_OF_NOTEBOOK} AND variable = ?",  # noqa: S608
                    (*self._notebook, variable),
                )
            for binding in bound:
                self._insert(cursor, binding)

    def _insert(self, cursor: sqlite3.Cursor, binding: Binding) -> None:
        cursor.executemany(
            "INSERT INTO bindings VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (*self._notebook, binding.variable, binding.is_list, position, name)
                for position, name in enumerate(binding.file_names)
            ],
        )
