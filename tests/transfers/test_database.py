"""Work of many threads in few transactions."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from gemfiles_jupyter.transfers.database import Database

THREADS = 8


def create(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT PRIMARY KEY)")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "home" / "notes.db", 1, create)
    yield database
    database.close()


def note(text: str, cursors: list[sqlite3.Cursor]) -> Callable[[sqlite3.Cursor], str]:
    def do(cursor: sqlite3.Cursor) -> str:
        cursors.append(cursor)
        cursor.execute("INSERT INTO notes VALUES (?)", (text,))
        return text

    return do


def written_at_once(database: Database, works: list[Callable[[sqlite3.Cursor], str]]) -> list[Future[str]]:
    """Let as many threads come with their work while another has the database."""
    is_held, go_on = threading.Event(), threading.Event()

    def hold(_: sqlite3.Cursor) -> None:
        is_held.set()
        go_on.wait()

    with ThreadPoolExecutor(len(works) + 1) as pool:
        holding = pool.submit(database.write, hold)
        is_held.wait()
        futures = [pool.submit(database.write, work) for work in works]
        while len(database._waiting) < len(works):
            pass
        go_on.set()
        holding.result()
    return futures


def texts(database: Database) -> list[str]:
    with database.reading() as cursor:
        return sorted(row[0] for row in cursor.execute("SELECT text FROM notes"))


def test_who_waits_for_each_other_shares_a_transaction(database: Database) -> None:
    cursors: list[sqlite3.Cursor] = []
    words = [f"word {number}" for number in range(THREADS)]

    futures = written_at_once(database, [note(word, cursors) for word in words])

    assert [future.result() for future in futures] == words
    assert texts(database) == words
    assert len(set(map(id, cursors))) == 1, "and each got its own result"


def test_an_answer_that_nobody_reads_to_its_end_keeps_no_one_from_writing(database: Database) -> None:
    database.write(lambda cursor: cursor.executemany("INSERT INTO notes VALUES (?)", [("a",), ("b",)]))

    with database.reading() as left_open:
        left_open.execute("PRAGMA wal_checkpoint")
    database.write(note("c", []))

    assert texts(database) == ["a", "b", "c"]


def test_what_fails_fails_alone(database: Database) -> None:
    words = ["a", "b", "a", "c", "b"]

    futures = written_at_once(database, [note(word, []) for word in words])

    failures = [future.exception() for future in futures]
    assert [type(failure) for failure in failures].count(sqlite3.IntegrityError) == 2
    assert texts(database) == ["a", "b", "c"]
