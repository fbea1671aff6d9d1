"""What the Files API speaks of: File, Operation and their parts, read tolerantly from JSON.

A state or field that the service adds tomorrow is kept as text or passed over, never an error.
Field names are those of ``google.genai.types.File``, so that SDK takes our `File` as it is.
Source of the wire facts: https://ai.google.dev/api/files
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any

from .json_fields import Json, integer_of, member_of, name_of, parse_duration, parse_time, text_of

__all__ = [
    "File",
    "FileSource",
    "FileState",
    "Status",
    "file_id",
    "str_of",
]


class FileState(str, Enum):
    """Where a file stands in the service's processing."""

    STATE_UNSPECIFIED = "STATE_UNSPECIFIED"
    PROCESSING = "PROCESSING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"

    __str__ = str.__str__  # printed, it is the word that is on every table


class FileSource(str, Enum):
    """How a file came to the service."""

    SOURCE_UNSPECIFIED = "SOURCE_UNSPECIFIED"
    UPLOADED = "UPLOADED"
    GENERATED = "GENERATED"
    REGISTERED = "REGISTERED"


@dataclass(frozen=True, slots=True)
class Status:
    """Why something failed, in the service's words."""

    code: int | None = None
    message: str | None = None
    details: list[dict[str, Any]] | None = None

    @classmethod
    def from_json(cls, data: Json) -> Status:
        """Read ``{"code", "message", "details"}``."""
        details = data.get("details")
        return cls(
            code=integer_of(data.get("code")),
            message=text_of(data.get("message")),
            details=[dict(item) for item in details if isinstance(item, Mapping)]
            if isinstance(details, list)
            else None,
        )


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """A file that the service stores for 48 hours.

    Put it into a prompt (``%%gemprompt ... {lecture}``), or straight into
    ``client.models.generate_content(contents=[file, "..."])`` of google-genai.

    Attributes
    ----------
    name
        ``files/{id}``.
    size_bytes
        Bytes.
    create_time, update_time, expiration_time
        Aware, in UTC, to the microsecond.
    sha256_hash
        As the service sends it; `sha256` is the plain hexadecimal digest.
    state, source
        A member, or the bare text where the service says something new.
    video_seconds
        Duration of a video, once it is ACTIVE.
    error
        Set when `state` is FAILED.
    """

    name: str
    display_name: str | None = None
    mime_type: str | None = None
    size_bytes: int | None = None
    create_time: datetime | None = None
    update_time: datetime | None = None
    expiration_time: datetime | None = None
    sha256_hash: str | None = None
    uri: str | None = None
    download_uri: str | None = None
    state: FileState | str = FileState.STATE_UNSPECIFIED
    source: FileSource | str | None = None
    video_seconds: float | None = None
    error: Status | None = None

    @classmethod
    def from_json(cls, data: Json) -> File:
        """Read a File resource.

        Raises
        ------
        BadResponse
            It has no name.
        """
        name = name_of(data, "file")
        video = data.get("videoMetadata")
        error = data.get("error")
        return cls(
            name=name,
            display_name=text_of(data.get("displayName")),
            mime_type=text_of(data.get("mimeType")),
            size_bytes=integer_of(data.get("sizeBytes")),
            create_time=parse_time(data.get("createTime")),
            update_time=parse_time(data.get("updateTime")),
            expiration_time=parse_time(data.get("expirationTime")),
            sha256_hash=text_of(data.get("sha256Hash")),
            uri=text_of(data.get("uri")),
            download_uri=text_of(data.get("downloadUri")),
            state=member_of(FileState, data.get("state")) or FileState.STATE_UNSPECIFIED,
            source=member_of(FileSource, data.get("source")),
            video_seconds=parse_duration(video.get("videoDuration")) if isinstance(video, Mapping) else None,
            error=Status.from_json(error) if isinstance(error, Mapping) else None,
        )

    def __repr__(self) -> str:
        shown = ("name", "display_name", "mime_type", "size_bytes")
        fields = [f"{field}={getattr(self, field)!r}" for field in shown]
        return f"File({', '.join(fields)}, state={str_of(self.state)!r})"

    @property
    def id(self) -> str:
        """The name without ``files/``."""
        return self.name.rpartition("/")[2]

    @property
    def label(self) -> str:
        """What a person calls it: the display name, else the name."""
        return self.display_name or self.name

    @property
    def is_active(self) -> bool:
        """Whether a prompt may use it."""
        return self.state is FileState.ACTIVE

    @property
    def is_failed(self) -> bool:
        """Whether the service gave up on it."""
        return self.state is FileState.FAILED

    @property
    def sha256(self) -> str | None:
        """The digest as 64 hexadecimal characters, whichever way the service encoded it."""
        return _hexadecimal(self.sha256_hash)

    @property
    def video_metadata(self) -> dict[str, str] | None:
        """The video's duration the way SDKs carry it."""
        if self.video_seconds is None:
            return None
        seconds = f"{self.video_seconds:.9f}".rstrip("0").rstrip(".")
        return {"video_duration": f"{seconds}s"}

    @property
    def file_data(self) -> dict[str, str]:
        """Address and type, which is all a prompt needs."""
        return {"file_uri": self.uri or "", "mime_type": self.mime_type or ""}

    def expires_in(self, now: datetime | None = None) -> timedelta | None:
        """Time to live; negative once expired, None when the service named no time."""
        if self.expiration_time is None:
            return None
        return self.expiration_time - (now or datetime.now(timezone.utc))

    def age(self, now: datetime | None = None) -> timedelta | None:
        """Time since it was stored; None when the service named no time."""
        return None if self.create_time is None else (now or datetime.now(timezone.utc)) - self.create_time

    def to_part(self) -> dict[str, dict[str, str]]:
        """Return ``{"file_data": {...}}``, a part for REST and for every Python SDK."""
        return {"file_data": self.file_data}

    def to_input(self) -> dict[str, str]:
        """Return ``{"type", "uri", "mime_type"}``, an input of google-genai's ``interactions.create``."""
        family = (self.mime_type or "").partition("/")[0]
        kind = family if family in ("video", "audio", "image") else "document"
        return {"type": kind, "uri": self.uri or "", "mime_type": self.mime_type or ""}

    def to_genai(self) -> Any:
        """Return the exact ``google.genai.types.File``, which ``chats.send_message`` insists on.

        Raises
        ------
        ImportError
            google-genai is not installed.
        """
        from google.genai import types

        return types.File(
            name=self.name,
            display_name=self.display_name,
            mime_type=self.mime_type,
            size_bytes=self.size_bytes,
            create_time=self.create_time,
            expiration_time=self.expiration_time,
            update_time=self.update_time,
            sha256_hash=self.sha256_hash,
            uri=self.uri,
            download_uri=self.download_uri,
            state=types.FileState(str_of(self.state)),
            source=types.FileSource(str_of(self.source)) if self.source else None,
            video_metadata=self.video_metadata,
            error=types.FileStatus(
                code=self.error.code, message=self.error.message, details=self.error.details
            )
            if self.error
            else None,
        )


def file_id(reference: str) -> str:
    """Return the id in ``abc-1``, ``files/abc-1`` or an address that ends so.

    Raises
    ------
    ValueError
        It is none of these.
    """
    match = re.fullmatch(r"(?:(?:https?://[^?#]+/)?files/)?([A-Za-z0-9][A-Za-z0-9_-]*)", reference.strip())
    if not match:
        raise ValueError(reference)
    return match[1]


def str_of(value: FileState | FileSource | str | None) -> str:
    """Return the wire's word for a state or source."""
    return value.value if isinstance(value, Enum) else value or ""


_URL_SAFE = str.maketrans("-_", "+/")


def _hexadecimal(encoded: str | None) -> str | None:
    """Undo base64 of the digest, or of its hexadecimal text."""
    if not encoded:
        return None
    if re.fullmatch(r"[0-9a-fA-F]{64}", encoded):
        return encoded.lower()
    try:
        padding = "=" * (-len(encoded) % 4)
        raw = base64.b64decode(encoded.translate(_URL_SAFE) + padding, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) == 32:
        return raw.hex()
    if re.fullmatch(rb"[0-9a-fA-F]{64}", raw):
        return raw.decode().lower()
    return None
