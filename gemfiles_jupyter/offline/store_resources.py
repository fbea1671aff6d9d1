"""File search stores and their documents: what the server knows of them, and their JSON."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from enum import Enum
from typing import Any

from . import lenient_json, names, problems
from .chunking import DEFAULT_CHUNK_SIZE, MAX_WORDS, ChunkSize
from .clock import rfc3339
from .lenient_json import field, list_field, object_field, text_field
from .problems import JsonObject, Problem

MAX_CUSTOM_METADATA = 20
_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1main."
_LARGEST_NUMBER = sys.float_info.max
_VALUES = ("stringValue", "numericValue", "stringListValue")


class DocumentState(str, Enum):
    """Where a document stands."""

    PENDING = "STATE_PENDING"
    ACTIVE = "STATE_ACTIVE"
    FAILED = "STATE_FAILED"


@dataclass(frozen=True, slots=True)
class StoredStore:
    """One store; the counts are those of the moment it was asked for."""

    store_id: str
    display_name: str
    embedding_model: str
    created_ns: int
    active: int = 0
    pending: int = 0
    failed: int = 0
    size_bytes: int = 0
    sequence: int = 0

    def to_json(self, collection: str) -> JsonObject:
        """Return the resource; what is nothing is left out, as the service does.

        Parameters
        ----------
        collection
            ``fileSearchStores``, or ``ragStores`` for who asks by the older name.
        """
        message: JsonObject = {"name": f"{collection}/{self.store_id}"}
        if self.display_name:
            message["displayName"] = self.display_name
        message["createTime"] = message["updateTime"] = rfc3339(self.created_ns, 6)
        counts = {
            "activeDocumentsCount": self.active,
            "pendingDocumentsCount": self.pending,
            "failedDocumentsCount": self.failed,
            "sizeBytes": self.size_bytes,
        }
        message |= {name: str(count) for name, count in counts.items() if count}
        if self.embedding_model:
            message["embeddingModel"] = self.embedding_model
        return message


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """What a client asks for when it adds a document."""

    display_name: str = ""
    mime_type: str = ""
    custom_metadata: tuple[JsonObject, ...] = ()
    chunk_size: ChunkSize = DEFAULT_CHUNK_SIZE

    @classmethod
    def read(cls, message: JsonObject, *, header_type: str = "") -> DocumentRequest:
        """Read and check the JSON of an upload or import; a type in the headers wins.

        Raises
        ------
        Problem
            It breaks a rule of the service.
        """
        mime_type = header_type or text_field(message, "mimeType", "request")
        return cls(
            display_name=names.checked_display_name(text_field(message, "displayName", "request")),
            mime_type=mime_type.strip(),
            custom_metadata=_custom_metadata(message),
            chunk_size=_chunk_size(object_field(message, "chunkingConfig")),
        )

    def dump(self) -> str:
        """Return the request as JSON, for the catalogue."""
        return json.dumps(
            {
                "displayName": self.display_name,
                "mimeType": self.mime_type,
                "customMetadata": self.custom_metadata,
                "chunkingConfig": {
                    "whiteSpaceConfig": {
                        "maxTokensPerChunk": self.chunk_size.words,
                        "maxOverlapTokens": self.chunk_size.overlap,
                    }
                },
            }
        )

    @classmethod
    def load(cls, text: str) -> DocumentRequest:
        """Read what :meth:`dump` wrote."""
        return cls.read(json.loads(text))


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One document of a store.  Moments are nanoseconds since 1970.

    It is pending until `ready_ns` is over and its chunks are counted; its operation has the same id.
    """

    document_id: str
    store_id: str
    request: DocumentRequest
    size_bytes: int
    blob: str
    created_ns: int
    ready_ns: int
    is_import: bool = False
    chunk_count: int | None = None
    problem: str = ""
    sequence: int = 0

    def state_at(self, now_ns: int) -> DocumentState:
        """Return the state at this moment; nothing has to run for it to change."""
        if now_ns < self.ready_ns or self.chunk_count is None:
            return DocumentState.PENDING
        return DocumentState.FAILED if self.problem else DocumentState.ACTIVE

    def to_json(self, collection: str, now_ns: int) -> JsonObject:
        """Return the resource, its fields in the order of the reference."""
        state = self.state_at(now_ns)
        updated_ns = self.created_ns if state is DocumentState.PENDING else self.ready_ns
        message: JsonObject = {"name": self._name(collection)}
        if self.request.display_name:
            message["displayName"] = self.request.display_name
        if self.request.custom_metadata:
            message["customMetadata"] = list(self.request.custom_metadata)
        message["updateTime"] = rfc3339(updated_ns, 6)
        message["createTime"] = rfc3339(self.created_ns, 6)
        message["state"] = state.value
        message["sizeBytes"] = str(self.size_bytes)
        message["mimeType"] = self.request.mime_type
        return message

    def operation_name(self, collection: str) -> str:
        """Return the name of the operation that made it."""
        kind = "operations" if self.is_import else "upload/operations"
        return f"{collection}/{self.store_id}/{kind}/{self.document_id}"

    def operation_json(self, collection: str, now_ns: int) -> JsonObject:
        """Return that operation, as polling sees it: only its name until the document is ready."""
        message: JsonObject = {"name": self.operation_name(collection)}
        state = self.state_at(now_ns)
        if state is DocumentState.FAILED:
            message["done"] = True
            message["error"] = {"code": 3, "message": self.problem}
        elif state is DocumentState.ACTIVE:
            message["done"] = True
            message["response"] = self.response_json(collection)
        return message

    def upload_json(self, collection: str) -> JsonObject:
        """Return the answer to the upload's last bytes: the service names the document at once.

        It says no ``done``, since the document is not ready yet: who waits for that has to poll.
        """
        return {"name": self.operation_name(collection), "response": self.response_json(collection)}

    def response_json(self, collection: str) -> JsonObject:
        """Return what the operation has made."""
        kind = "ImportFileResponse" if self.is_import else "UploadToFileSearchStoreResponse"
        message: JsonObject = {
            "@type": _TYPE + kind,
            "parent": f"{collection}/{self.store_id}",
            "documentName": self._name(collection),
        }
        if not self.is_import:
            message |= {"mimeType": self.request.mime_type, "sizeBytes": str(self.size_bytes)}
        return message

    def _name(self, collection: str) -> str:
        return f"{collection}/{self.store_id}/documents/{self.document_id}"


def id_from(display_name: str) -> str:
    """Return a fresh id as the service makes them: what it can keep of the name, and 12 characters."""
    kept = re.sub("[^a-z0-9-]", "", display_name.lower().replace(" ", "-")).strip("-")
    head = kept[: names.MAX_ID_CHARACTERS - 13].strip("-")
    return f"{head or names.new_id()}-{names.new_id()}"


def _custom_metadata(message: JsonObject) -> tuple[JsonObject, ...]:
    items = list_field(message, "customMetadata")
    if len(items) > MAX_CUSTOM_METADATA:
        raise Problem(400, f"* custom_metadata: at most {MAX_CUSTOM_METADATA} entries, got {len(items)}.")
    read = tuple(_metadatum(item) for item in items)
    keys = [item["key"] for item in read]
    if len(set(keys)) != len(keys):
        raise Problem(400, "* custom_metadata: a key is given twice.")
    return read


def _metadatum(item: Any) -> JsonObject:
    if not isinstance(item, dict):
        raise problems.bad_value("custom_metadata", "TYPE_MESSAGE", item)
    key = text_field(item, "key", "custom_metadata")
    if not key:
        raise Problem(400, "* custom_metadata.key: key is not specified")
    given = {name: field(item, name) for name in _VALUES if field(item, name) is not None}
    if len(given) != 1:
        raise Problem(400, f"* custom_metadata: {key[:100]!r} needs exactly one of {', '.join(_VALUES)}.")
    ((kind, value),) = given.items()
    return {"key": key, kind: _metadata_value(kind, value)}


def _metadata_value(kind: str, value: Any) -> object:
    if kind == "stringValue" and isinstance(value, str):
        return value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "numericValue" and is_number and abs(value) <= _LARGEST_NUMBER:
        return value
    if kind == "stringListValue" and isinstance(value, dict):
        words = list_field(value, "values")
        if all(isinstance(word, str) for word in words):
            return {"values": list(words)}
    raise problems.bad_value(f"custom_metadata.{kind}", "VALUE", value)


def _chunk_size(config: JsonObject) -> ChunkSize:
    space = object_field(config, "whiteSpaceConfig", "chunking_config")
    words = _count(space, "maxTokensPerChunk")
    overlap = _count(space, "maxOverlapTokens")
    if words is not None and not 1 <= words <= MAX_WORDS:
        raise Problem(400, f"* chunking_config: max_tokens_per_chunk must be from 1 to {MAX_WORDS}.")
    default = DEFAULT_CHUNK_SIZE
    words = default.words if words is None else words
    overlap = min(default.overlap, words // 10) if overlap is None else overlap
    if not 0 <= overlap < words:
        raise Problem(400, "* chunking_config: max_overlap_tokens must be less than max_tokens_per_chunk.")
    return ChunkSize(words, overlap)


def _count(message: JsonObject, name: str) -> int | None:
    value = lenient_json.field(message, name)
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch("-?[0-9]{1,9}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise problems.bad_value(f"chunking_config.white_space_config.{name}", "TYPE_INT32", value)
    return value
