"""File search stores: documents that a prompt can search, and the operations that make them.

Source: https://ai.google.dev/api/file-search/file-search-stores
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from ..config import API_VERSION
from ..errors import InvalidUsage, ProcessingFailed, ProcessingTimeout
from .files import DEFAULT_WAIT_SECONDS, poll_delay
from .operation import Operation
from .paging import every
from .store_models import Document, DocumentOptions, DocumentState, FileSearchStore
from .transport import Transport

__all__ = ["Stores"]

PAGE_SIZE = 20
_STORE_NAME = re.compile(r"(?:fileSearchStores/)?([A-Za-z0-9-]+)")
_DOCUMENT_NAME = re.compile(r"fileSearchStores/[A-Za-z0-9-]+/documents/[A-Za-z0-9-]+")


class Stores:
    """Stores of one key at one endpoint."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, display_name: str) -> FileSearchStore:
        """Make an empty store."""
        path = f"/{API_VERSION}/fileSearchStores"
        reply = self._transport.call("POST", path, data={"displayName": display_name})
        return FileSearchStore.from_json(reply.json())

    def get(self, name: str) -> FileSearchStore:
        """Return a store as it is now.

        Parameters
        ----------
        name
            ``fileSearchStores/abc`` or ``abc``.

        Raises
        ------
        StoreUnavailable
            It does not exist for this key.
        """
        return FileSearchStore.from_json(self._transport.call("GET", _store_path(name)).json())

    def list(self) -> Iterator[FileSearchStore]:
        """Yield every store."""
        path = f"/{API_VERSION}/fileSearchStores"
        for item in every(self._transport, path, "fileSearchStores", PAGE_SIZE):
            yield FileSearchStore.from_json(item)

    def delete(self, name: str, *, is_forced: bool = False) -> None:
        """Delete a store; with documents in it only by force.

        Raises
        ------
        ServiceError
            It holds documents.
        """
        self._delete(_store_path(name), is_forced)

    def import_file(self, store_name: str, file_name: str, options: DocumentOptions) -> Operation:
        """Begin to make a stored file a document, which then lives on without the file."""
        data = {"fileName": file_name, **options.to_json()}
        reply = self._transport.call("POST", f"{_store_path(store_name)}:importFile", data=data)
        return Operation.from_json(reply.json())

    def operation(self, name: str) -> Operation:
        """Return an operation as it is now."""
        return Operation.from_json(self._transport.call("GET", f"/{API_VERSION}/{name}").json())

    def documents(self, store_name: str) -> Iterator[Document]:
        """Yield every document of a store."""
        path = f"{_store_path(store_name)}/documents"
        for item in every(self._transport, path, "documents", PAGE_SIZE):
            yield Document.from_json(item)

    def document(self, name: str) -> Document:
        """Return a document as it is now, by its full name."""
        return Document.from_json(self._transport.call("GET", _document_path(name)).json())

    def delete_document(self, name: str) -> None:
        """Delete a document with all that was made of it."""
        self._delete(_document_path(name), is_forced=True)

    def wait(
        self,
        operation: Operation,
        label: str,
        *,
        timeout_seconds: float = DEFAULT_WAIT_SECONDS,
        on_poll: Callable[[float], None] | None = None,
    ) -> Document:
        """Poll an operation, then the document that it makes, until a search finds that.

        Parameters
        ----------
        label
            What a person calls the document, for errors.
        on_poll
            Called with the seconds waited, after each poll.

        Raises
        ------
        ProcessingFailed
            The service gave up on it.
        ProcessingTimeout
            It is still being read.
        """
        start = time.monotonic()
        while True:
            document = self._made_by(operation, label)
            waited = time.monotonic() - start
            if on_poll:
                on_poll(waited)
            if document and not document.is_pending:
                return _usable(document, label, "it gave no reason")
            if waited > timeout_seconds:
                raise ProcessingTimeout(
                    f"{label} is still being read after {timeout_seconds:.0f} s.",
                    hint="%gemfiles store documents shows when it is ready.",
                    file=document or Document(_document_name(operation)),
                )
            self._transport.sleep(poll_delay(waited))
            if not operation.done:
                operation = self.operation(operation.name)

    def _made_by(self, operation: Operation, label: str) -> Document | None:
        """Return the document of an operation that is over."""
        if operation.error:
            failed = Document(_document_name(operation), state=DocumentState.STATE_FAILED)
            _usable(failed, label, operation.error.message or "it gave no reason")
        return self.document(_document_name(operation)) if operation.done else None

    def _delete(self, path: str, is_forced: bool) -> None:
        self._transport.call("DELETE", path, params={"force": "true"} if is_forced else None)


def _usable(document: Document, label: str, reason: str) -> Document:
    if document.state is not DocumentState.STATE_FAILED:
        return document
    raise ProcessingFailed(
        f"The service could not read {label}: {reason}",
        hint="Check that it opens and holds text.",
        file=document,
    )


def _document_name(operation: Operation) -> str:
    """Return the document of an operation.

    The response says it, in full or as the bare id; before, it is the operation's own id.
    """
    store_name = "/".join(operation.name.split("/")[:2])
    said = str((operation.response or {}).get("documentName") or operation.name.rpartition("/")[2])
    return said if "/" in said else f"{store_name}/documents/{said}"


def _store_path(name: str) -> str:
    match = _STORE_NAME.fullmatch(name)
    if not match:
        raise InvalidUsage(f"{name!r} is not the name of a store.", hint="See %gemfiles store ls.")
    return f"/{API_VERSION}/fileSearchStores/{match[1]}"


def _document_path(name: str) -> str:
    if not _DOCUMENT_NAME.fullmatch(name):
        raise InvalidUsage(
            f"{name!r} is not the name of a document.", hint="See %gemfiles store documents STORE."
        )
    return f"/{API_VERSION}/{name}"
