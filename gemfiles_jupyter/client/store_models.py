"""What file search stores are made of: stores, documents, and how documents are taken in.

Source: https://ai.google.dev/api/file-search/file-search-stores
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from ..errors import InvalidUsage
from .json_fields import Json, integer_of, member_of, name_of, parse_time, text_of

__all__ = ["Document", "DocumentOptions", "DocumentState", "FileSearchStore", "MetadataValue"]

MAX_METADATA_KEYS = 20
MAX_CHUNK_WORDS = 512

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
            name=name_of(data, "store"),
            display_name=text_of(data.get("displayName")),
            create_time=parse_time(data.get("createTime")),
            update_time=parse_time(data.get("updateTime")),
            active=integer_of(data.get("activeDocumentsCount")) or 0,
            pending=integer_of(data.get("pendingDocumentsCount")) or 0,
            failed=integer_of(data.get("failedDocumentsCount")) or 0,
            size_bytes=integer_of(data.get("sizeBytes")) or 0,
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


@dataclass(frozen=True, slots=True, repr=False)
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
        return cls(
            name=name_of(data, "document"),
            display_name=text_of(data.get("displayName")),
            mime_type=text_of(data.get("mimeType")),
            size_bytes=integer_of(data.get("sizeBytes")),
            state=member_of(DocumentState, data.get("state")) or DocumentState.STATE_UNSPECIFIED,
            create_time=parse_time(data.get("createTime")),
            update_time=parse_time(data.get("updateTime")),
            metadata=_metadata_of(data.get("customMetadata")),
        )

    def __repr__(self) -> str:
        shown = ("name", "display_name", "mime_type", "size_bytes")
        fields = [f"{field}={getattr(self, field)!r}" for field in shown]
        return f"Document({', '.join(fields)}, state={self.state_text!r})"

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
    def state_text(self) -> str:
        """The state in the word that files have for it: ACTIVE, PENDING, FAILED."""
        word = self.state.value if isinstance(self.state, DocumentState) else self.state
        return word.removeprefix("STATE_")

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


def _metadatum(key: str, value: MetadataValue) -> dict[str, Any]:
    if isinstance(value, str):
        return {"key": key, "stringValue": value}
    if isinstance(value, (int, float)):
        return {"key": key, "numericValue": value}
    return {"key": key, "stringListValue": {"values": list(value)}}


def _metadata_of(items: object) -> dict[str, MetadataValue]:
    found: dict[str, MetadataValue] = {}
    for item in items if isinstance(items, list) else []:
        key = text_of(item.get("key")) if isinstance(item, Mapping) else None
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
