"""What the server enforces: limits, and the few things that tests change while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["inspect", "active", "failed"]

MAX_FILE_BYTES = 2 * 1024**3
MAX_DOCUMENT_BYTES = 100 * 1024**2
MAX_METADATA_BYTES = 1024**2
MAX_PROMPT_BYTES = 140 * 1024**2  # 100 MiB of inline data, as base64
MAX_REFERENCED_BYTES = 2 * 1024**3
CHUNK_GRANULARITY = 8 * 1024**2

DEFAULT_QUOTA_BYTES = 20 * 1024**3
DEFAULT_TTL_SECONDS = 48 * 3600.0
DEFAULT_PROCESSING_SECONDS = 2.0
SESSION_TTL_SECONDS = 7 * 24 * 3600.0

HEADER_SECONDS = 10.0
BODY_IDLE_SECONDS = 30.0
IDLE_CONNECTION_SECONDS = 60.0
MAX_CONNECTIONS = 800


@dataclass(slots=True)
class Settings:
    """The limits of a running server.

    A request's headers may take `header_seconds`; `body_idle_seconds` may pass without a byte of a body,
    either way; between two requests a connection may rest `idle_connection_seconds`.
    `processing_outcome` is ``inspect`` outside tests: a video becomes ACTIVE when
    it can be read and FAILED when it can't.
    """

    processing_seconds: float = DEFAULT_PROCESSING_SECONDS
    ttl_seconds: float = DEFAULT_TTL_SECONDS
    quota_bytes: int = DEFAULT_QUOTA_BYTES
    max_file_bytes: int = MAX_FILE_BYTES
    header_seconds: float = HEADER_SECONDS
    body_idle_seconds: float = BODY_IDLE_SECONDS
    idle_connection_seconds: float = IDLE_CONNECTION_SECONDS
    processing_outcome: Outcome = "inspect"
    accepted_keys: list[str] = field(default_factory=list)
