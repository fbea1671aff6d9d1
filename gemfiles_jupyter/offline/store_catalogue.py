"""The file search stores in SQLite: stores, documents, their chunks, and uploads under way to them.

Part of the :class:`~.catalogue.Catalogue`, and used the same way: one transaction a method, on the
database thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from . import problems
from .store_resources import DocumentRequest, StoredDocument, StoredStore

_SCHEMA = """
CREATE TABLE IF NOT EXISTS stores (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, store_id TEXT UNIQUE NOT NULL, key_hash TEXT NOT NULL,
    display_name TEXT NOT NULL, embedding_model TEXT NOT NULL, created_ns INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, store_id TEXT NOT NULL,
    request TEXT NOT NULL, size_bytes INTEGER NOT NULL, blob TEXT NOT NULL, created_ns INTEGER NOT NULL,
    ready_ns INTEGER NOT NULL, is_import INTEGER NOT NULL, chunk_count INTEGER, problem TEXT NOT NULL,
    UNIQUE (store_id, document_id));
CREATE TABLE IF NOT EXISTS chunks (
    document INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (document, number));
CREATE TABLE IF NOT EXISTS store_uploads (
    session_hash TEXT PRIMARY KEY, store_id TEXT NOT NULL, request TEXT NOT NULL);
"""

# In the order of the fields of StoredStore and StoredDocument; the sequence number comes first.
_STORE = "SELECT sequence, store_id, display_name, embedding_model, created_ns FROM stores"
_DOCUMENT = (
    "SELECT sequence, document_id, store_id, request, size_bytes, blob, created_ns, ready_ns, is_import, "
    "chunk_count, problem FROM documents"
)
_LAST = 2**62


class StoreCatalogue:
    """The tables of the stores, one method a question or change."""

    def __init__(
        self, connection: sqlite3.Connection, transaction: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._connection = connection
        self._transaction = transaction
        connection.executescript(_SCHEMA)

    # Stores

    def add(self, store: StoredStore, key_hash: str) -> None:
        """Add a store."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO stores (store_id, key_hash, display_name, embedding_model, created_ns) "
                "VALUES (?, ?, ?, ?, ?)",
                (store.store_id, key_hash, store.display_name, store.embedding_model, store.created_ns),
            )

    def store(self, store_id: str, key_hash: str, now_ns: int) -> StoredStore | None:
        """Return a store of this key."""
        row = self._connection.execute(
            f"{_STORE} WHERE store_id = ? AND key_hash = ?", (store_id, key_hash)
        ).fetchone()
        return None if row is None else self._counted(row, now_ns)

    def page(self, key_hash: str, before: int | None, limit: int, now_ns: int) -> list[StoredStore]:
        """Return stores of this key, newest first, from below the sequence number `before`."""
        rows = self._connection.execute(
            f"{_STORE} WHERE key_hash = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?",
            (key_hash, _LAST if before is None else before, limit),
        ).fetchall()
        return [self._counted(row, now_ns) for row in rows]

    def remove(self, store_id: str, *, is_forced: bool) -> list[str]:
        """Forget a store and all that is in it; return the blobs that nothing needs any more.

        Raises
        ------
        Problem
            There are documents in it, and it is not forced; nothing was changed.
        """
        with self._transaction():
            rows = self._connection.execute(
                "SELECT sequence, blob FROM documents WHERE store_id = ?", (store_id,)
            ).fetchall()
            if rows and not is_forced:
                raise problems.not_empty("FileSearchStore")
            self._connection.executemany("DELETE FROM chunks WHERE document = ?", [row[:1] for row in rows])
            self._connection.execute("DELETE FROM documents WHERE store_id = ?", (store_id,))
            self._connection.execute("DELETE FROM stores WHERE store_id = ?", (store_id,))
        return [str(blob) for _, blob in rows]

    def _counted(self, row: tuple[Any, ...], now_ns: int) -> StoredStore:
        sequence, *columns = row
        ready = "chunk_count IS NOT NULL AND ready_ns <= ?1"
        active, failed, total, size = self._connection.execute(
            f"SELECT COUNT(*) FILTER (WHERE {ready} AND problem = ''), "  # noqa: S608
            f"COUNT(*) FILTER (WHERE {ready} AND problem <> ''), COUNT(*), COALESCE(SUM(size_bytes), 0) "
            "FROM documents WHERE store_id = ?2",
            (now_ns, columns[0]),
        ).fetchone()
        columns += [active, total - active - failed, failed, size, sequence]
        return StoredStore(*columns)

    # Documents

    def add_document(self, document: StoredDocument) -> StoredDocument:
        """Add a document that was not uploaded."""
        with self._transaction():
            return self._insert(document)

    def finish_upload(self, session_hash: str, document: StoredDocument, outcome: str) -> StoredDocument:
        """Make a session's bytes a document, in one step: after a crash it is either, never half.

        Raises
        ------
        Problem
            The store is gone; nothing was changed.
        """
        with self._transaction():
            added = self._insert(document)
            self._connection.execute(
                "UPDATE sessions SET status = 'final', outcome_code = 200, outcome = ?, blob = '' "
                "WHERE session_hash = ?",
                (outcome, session_hash),
            )
            self._connection.execute("DELETE FROM store_uploads WHERE session_hash = ?", (session_hash,))
        return added

    def document(self, store_id: str, document_id: str) -> StoredDocument | None:
        """Return a document of a store."""
        row = self._connection.execute(
            f"{_DOCUMENT} WHERE store_id = ? AND document_id = ?", (store_id, document_id)
        ).fetchone()
        return None if row is None else _document_of(row)

    def documents(self, store_id: str, before: int | None, limit: int) -> list[StoredDocument]:
        """Return documents of a store, newest first, from below the sequence number `before`."""
        rows = self._connection.execute(
            f"{_DOCUMENT} WHERE store_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?",
            (store_id, _LAST if before is None else before, limit),
        )
        return [_document_of(row) for row in rows]

    def unchunked(self) -> list[StoredDocument]:
        """Return the documents whose chunking a restart cut short."""
        return [
            _document_of(row) for row in self._connection.execute(f"{_DOCUMENT} WHERE chunk_count IS NULL")
        ]

    def remove_document(self, document: StoredDocument, *, is_forced: bool) -> None:
        """Forget a document.

        Raises
        ------
        Problem
            It has chunks, and it is not forced; nothing was changed.
        """
        with self._transaction():
            has_chunks = self._connection.execute(
                "SELECT 1 FROM chunks WHERE document = ? LIMIT 1", (document.sequence,)
            ).fetchone()
            if has_chunks and not is_forced:
                raise problems.not_empty("Document")
            self._connection.execute("DELETE FROM chunks WHERE document = ?", (document.sequence,))
            self._connection.execute("DELETE FROM documents WHERE sequence = ?", (document.sequence,))

    def _insert(self, document: StoredDocument) -> StoredDocument:
        if not self._connection.execute(
            "SELECT 1 FROM stores WHERE store_id = ?", (document.store_id,)
        ).fetchone():
            raise problems.no_such_store(document.store_id)
        self._connection.execute(
            "INSERT INTO documents (document_id, store_id, request, size_bytes, blob, created_ns, ready_ns, "
            "is_import, problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')",
            (
                *(document.document_id, document.store_id, document.request.dump(), document.size_bytes),
                *(document.blob, document.created_ns, document.ready_ns, document.is_import),
            ),
        )
        added = self.document(document.store_id, document.document_id)
        assert added is not None, "it was inserted just now"
        return added

    # Chunks

    def add_chunks(self, document: int, first: int, texts: Sequence[str]) -> bool:
        """Keep chunks of a document from number `first` on; False when the document is gone."""
        with self._transaction():
            if not self._connection.execute(
                "SELECT 1 FROM documents WHERE sequence = ?", (document,)
            ).fetchone():
                return False
            self._connection.executemany(
                "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?)",
                [(document, first + index, text) for index, text in enumerate(texts)],
            )
        return True

    def finish_chunking(self, document: int, count: int, problem: str) -> None:
        """Say how many chunks a document has, or why it has none; its bytes are needed no more."""
        with self._transaction():
            self._connection.execute(
                "UPDATE documents SET chunk_count = ?, problem = ?, blob = '' WHERE sequence = ?",
                (count, problem, document),
            )

    def chunks(self, document: int, after: int, limit: int) -> list[tuple[int, str]]:
        """Return chunks of a document, in order, from above the number `after`."""
        return self._connection.execute(
            "SELECT number, text FROM chunks WHERE document = ? AND number > ? ORDER BY number LIMIT ?",
            (document, after, limit),
        ).fetchall()

    # Uploads under way

    def keep_upload(self, session_hash: str, store_id: str, request: DocumentRequest) -> None:
        """Remember what the bytes of a session are to be."""
        self._connection.execute(
            "INSERT OR REPLACE INTO store_uploads VALUES (?, ?, ?)", (session_hash, store_id, request.dump())
        )

    def upload(self, session_hash: str) -> tuple[str, DocumentRequest] | None:
        """Return the store and the request of a session that is under way."""
        row = self._connection.execute(
            "SELECT store_id, request FROM store_uploads WHERE session_hash = ?", (session_hash,)
        ).fetchone()
        return None if row is None else (row[0], DocumentRequest.load(row[1]))

    # Housekeeping

    def blobs(self) -> set[str]:
        """Return every blob that a document needs."""
        return {
            str(row[0]) for row in self._connection.execute("SELECT blob FROM documents WHERE blob <> ''")
        }

    def tidy(self) -> None:
        """Forget uploads whose session was swept."""
        self._connection.execute(
            "DELETE FROM store_uploads WHERE session_hash NOT IN "
            "(SELECT session_hash FROM sessions WHERE status = 'active')"
        )

    def clear(self) -> None:
        """Forget all stores."""
        with self._transaction():
            for table in ("stores", "documents", "chunks", "store_uploads"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608


def _document_of(row: tuple[Any, ...]) -> StoredDocument:
    sequence, document_id, store_id, request, *columns = row
    columns = [document_id, store_id, DocumentRequest.load(request), *columns, sequence]
    return StoredDocument(*columns)
