"""File search stores: documents that a prompt can search, and the operations that make them.

Source: https://ai.google.dev/api/file-search/file-search-stores
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from ..config import API_VERSION
from ..errors import BadResponse, InvalidUsage, ProcessingFailed, ProcessingTimeout
from .files import DEFAULT_WAIT_SECONDS, poll_delay
from .models import Operation, parse_time
from .paging import every
from .transport import Transport

__all__ = [
    "Document",
    "DocumentOptions",
    "DocumentState",
    "FileSearchStore",
    "MetadataValue",
    "Stores",
]

PAGE_SIZE = 20
MAX_METADATA_KEYS = 20
MAX_CHUNK_WORDS = 512
_STORE_NAME = re.compile(r"(?:fileSearchStores/)?([A-Za-z0-9-]+)")
_DOCUMENT_NAME = re.compile(r"fileSearchStores/[A-Za-z0-9-]+/documents/[A-Za-z0-9-]+")

Json = Mapping[str, Any]
MetadataValue = str | float | Sequence[str]


class DocumentState(str, Enum):
    """Where a document stands in the service's processing."""

    STATE_UNSPECIFIED = "STATE_UNSPECIFIED"
    STATE_PENDING = "STATE_PENDING"
    STATE_ACTIVE = "STATE_ACTIVE"
    STATE_FAILED = "STATE_FAILED"


@dataclass(frozen=True, slots=True)
class FileSearchStore:
    """A store as the service describes it; it lives until it is deleted.

    Attributes
    ----------
    name
        ``fileSearchStores/{id}``.
    active, pending, failed
        How many of its documents are in each state.
    size_bytes
        Of all its documents.
    """

    name: str
    display_name: str | None = None
    create_time: datetime | None = None
    update_time: datetime | None = None
    active: int = 0
    pending: int = 0
    failed: int = 0
    size_bytes: int = 0

    @classmethod
    def from_json(cls, data: Json) -> FileSearchStore:
        """Read a FileSearchStore resource.

        Raises
        ------
        BadResponse
            It has no name.
        """
        return cls(
            name=_name(data, "store"),
            display_name=_text(data.get("displayName")),
            create_time=parse_time(data.get("createTime")),
            update_time=parse_time(data.get("updateTime")),
            active=_count(data.get("activeDocumentsCount")),
            pending=_count(data.get("pendingDocumentsCount")),
            failed=_count(data.get("failedDocumentsCount")),
            size_bytes=_count(data.get("sizeBytes")),
        )

    @property
    def id(self) -> str:
        """The name without ``fileSearchStores/``."""
        return self.name.rpartition("/")[2]

    @property
    def label(self) -> str:
        """What a person calls it: the display name, else the name."""
        return self.display_name or self.name

    @property
    def document_count(self) -> int:
        """Documents in any state."""
        return self.active + self.pending + self.failed


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a store.

    Attributes
    ----------
    name
        ``fileSearchStores/{store}/documents/{id}``.
    state
        A member, or the bare text where the service says something new.
    metadata
        What its uploader said of it: text, a number, or several texts for each key.
    """

    name: str
    display_name: str | None = None
    mime_type: str | None = None
    size_bytes: int | None = None
    state: DocumentState | str = DocumentState.STATE_UNSPECIFIED
    create_time: datetime | None = None
    update_time: datetime | None = None
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Json) -> Document:
        """Read a Document resource.

        Raises
        ------
        BadResponse
            It has no name.
        """
        state = _text(data.get("state")) if isinstance(data, Mapping) else None
        return cls(
            name=_name(data, "document"),
            display_name=_text(data.get("displayName")),
            mime_type=_text(data.get("mimeType")),
            size_bytes=_count(data.get("sizeBytes")) if data.get("sizeBytes") is not None else None,
            state=DocumentState.__members__.get(state or "STATE_UNSPECIFIED", state or ""),
            create_time=parse_time(data.get("createTime")),
            update_time=parse_time(data.get("updateTime")),
            metadata=_metadata_of(data.get("customMetadata")),
        )

    @property
    def id(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]

    @property
    def label(self) -> str:
        """What a person calls it: the display name, else the id."""
        return self.display_name or self.id

    @property
    def is_active(self) -> bool:
        """Whether a search finds it."""
        return self.state is DocumentState.STATE_ACTIVE

    @property
    def is_pending(self) -> bool:
        """Whether the service still reads it."""
        return self.state in (DocumentState.STATE_PENDING, DocumentState.STATE_UNSPECIFIED)


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """What the service is told about a document.

    Attributes
    ----------
    metadata
        At most 20 keys.
    chunk_words, overlap_words
        How large the pieces are that are searched, at most 512 words, and how many words two
        neighbours share; the service's own choice when None.

    Raises
    ------
    InvalidUsage
        The service would refuse it, after all bytes were sent.
    """

    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    chunk_words: int | None = None
    overlap_words: int | None = None

    def __post_init__(self) -> None:
        if len(self.metadata) > MAX_METADATA_KEYS:
            raise InvalidUsage(f"A document takes {MAX_METADATA_KEYS} keys of metadata at most.")
        if self.chunk_words is not None and not 1 <= self.chunk_words <= MAX_CHUNK_WORDS:
            raise InvalidUsage(f"A chunk has from 1 to {MAX_CHUNK_WORDS} words, not {self.chunk_words}.")
        if self.overlap_words is not None and not 0 <= self.overlap_words < (
            self.chunk_words or MAX_CHUNK_WORDS
        ):
            raise InvalidUsage("Chunks have to be longer than the words that they share.")

    def to_json(self) -> dict[str, Any]:
        """Return the fields of a request."""
        request: dict[str, Any] = {}
        if self.metadata:
            request["customMetadata"] = [_metadatum(key, value) for key, value in self.metadata.items()]
        sizes = {"maxTokensPerChunk": self.chunk_words, "maxOverlapTokens": self.overlap_words}
        given = {name: size for name, size in sizes.items() if size is not None}
        if given:
            request["chunkingConfig"] = {"whiteSpaceConfig": given}
        return request


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
    said = _text((operation.response or {}).get("documentName")) or operation.name.rpartition("/")[2]
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


def _name(data: Json, what: str) -> str:
    name = _text(data.get("name")) if isinstance(data, Mapping) else None
    if not name:
        raise BadResponse(f"The service described a {what} without a name.")
    return name


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int:
    return int(value) if isinstance(value, (int, str)) and re.fullmatch(r"[0-9]{1,19}", str(value)) else 0


def _metadatum(key: str, value: MetadataValue) -> dict[str, Any]:
    if isinstance(value, str):
        return {"key": key, "stringValue": value}
    if isinstance(value, (int, float)):
        return {"key": key, "numericValue": value}
    return {"key": key, "stringListValue": {"values": list(value)}}


def _metadata_of(items: object) -> dict[str, MetadataValue]:
    found: dict[str, MetadataValue] = {}
    for item in items if isinstance(items, list) else []:
        key = _text(item.get("key")) if isinstance(item, Mapping) else None
        if not key:
            continue
        words = item.get("stringListValue")
        number, text = item.get("numericValue"), item.get("stringValue")
        if isinstance(words, Mapping):
            values = words.get("values")
            found[key] = tuple(map(str, values)) if isinstance(values, list) else ()
        elif isinstance(number, (int, float)):
            found[key] = number
        elif isinstance(text, str):
            found[key] = text
    return found
