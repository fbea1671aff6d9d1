"""The File resource: what the server knows of a file, and its JSON."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import Enum

from .clock import duration, rfc3339
from .media import Facts
from .mime_types import family
from .problems import JsonObject


class State(str, Enum):
    """Where a file stands."""

    PROCESSING = "PROCESSING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"


class Source(str, Enum):
    """How a file came to be."""

    UPLOADED = "UPLOADED"
    GENERATED = "GENERATED"
    REGISTERED = "REGISTERED"


STATE_NUMBERS = {State.PROCESSING: 1, State.ACTIVE: 2, State.FAILED: 10}
SOURCE_NUMBERS = {Source.UPLOADED: 1, Source.GENERATED: 2, Source.REGISTERED: 3}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file.  Moments are nanoseconds since 1970.

    A video is stored as PROCESSING; `ready_ns` and `facts` (known once it was
    inspected) say when it stops being so, see :meth:`state_at`.
    """

    file_id: str
    key_hash: str
    display_name: str
    mime_type: str
    size_bytes: int
    sha256: str
    blob: str
    created_ns: int
    ready_ns: int
    expires_ns: int
    facts: Facts | None = None
    source: Source = Source.UPLOADED
    sequence: int = 0

    def state_at(self, now_ns: int) -> State:
        """Return the state at this moment; nothing has to run for it to change."""
        if not is_processed(self.mime_type):
            return State.ACTIVE
        if now_ns < self.ready_ns or self.facts is None:
            return State.PROCESSING
        return State.FAILED if self.facts.problem else State.ACTIVE

    def to_json(self, base: str, now_ns: int, *, enums_as_numbers: bool = False) -> JsonObject:
        """Return the resource, its fields in the service's order.

        Parameters
        ----------
        base
            The server's address: URIs are built anew each time, since the port may change.
        now_ns
            The current time.
        enums_as_numbers
            As ``$alt=json;enum-encoding=int`` asks.
        """
        state = self.state_at(now_ns)
        updated_ns = self.created_ns if state is State.PROCESSING else max(self.created_ns, self.ready_ns)
        message: JsonObject = {"name": f"files/{self.file_id}"}
        if self.display_name:
            message["displayName"] = self.display_name
        message["mimeType"] = self.mime_type
        message["sizeBytes"] = str(self.size_bytes)
        message["createTime"] = rfc3339(self.created_ns, 6)
        message["updateTime"] = rfc3339(updated_ns, 6)
        message["expirationTime"] = rfc3339(self.expires_ns, 9)
        message["sha256Hash"] = base64.b64encode(self.sha256.encode("ascii")).decode("ascii")
        message["uri"] = f"{base}/v1beta/files/{self.file_id}"
        if self.source is Source.GENERATED:
            message["downloadUri"] = f"{base}/v1beta/files/{self.file_id}:download?alt=media"
        message["state"] = STATE_NUMBERS[state] if enums_as_numbers else state.value
        message["source"] = SOURCE_NUMBERS[self.source] if enums_as_numbers else self.source.value
        facts = self.facts or Facts()
        if state is State.FAILED:
            message["error"] = {"code": 3, "message": facts.problem}
        if state is State.ACTIVE and family(self.mime_type) == "video" and facts.duration_ms:
            message["videoMetadata"] = {"videoDuration": duration(facts.duration_ms)}
        return message


def is_processed(mime_type: str) -> bool:
    """Tell whether the service processes such a file before it may be used."""
    return family(mime_type) == "video"
