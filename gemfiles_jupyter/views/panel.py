"""What the panel shows, as the records that ``labextension/src/model.ts`` reads.

No record holds a key, an upload URL or a path.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

from ..client.models import File, FileState, str_of
from ..config import Endpoint
from ..errors import (
    BadResponse,
    GemfilesError,
    KeyMissing,
    KeyProblem,
    NetworkError,
    QuotaExceeded,
    ServiceError,
    UploadInterrupted,
)
from ..safe_text import safe_text

__all__ = ["TransferRow", "file_record", "hint_text", "place_text", "problem_record"]

# The first that fits.
_KINDS: tuple[tuple[type[GemfilesError], str], ...] = (
    (KeyMissing, "no-key"),
    (KeyProblem, "key"),
    (QuotaExceeded, "quota"),
    (BadResponse, "server"),
    (NetworkError, "network"),
    (UploadInterrupted, "network"),
)
_SERVER_ERRORS = 500
# What is typed into a cell or a terminal: magics, and options of theirs.
_TYPED = re.compile(r"%gemfiles|(?<!\w)--?[a-z]")


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One upload as the panel shows it.

    Attributes
    ----------
    sent, size
        Bytes.
    rate, eta
        Bytes a second, and seconds left; None while there is nothing to measure.
    note, hint
        What went wrong or is waited for, and what to do about it.
    file
        ``files/ID``, once there is one.
    actions
        What the user can do with it now.
    """

    id: str
    label: str
    size: int
    sent: int
    phase: str
    rate: float | None = None
    eta: float | None = None
    note: str = ""
    hint: str = ""
    variable: str = ""
    file: str = ""
    actions: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself, and nothing is left to go on with."""
        return self.phase in ("done", "failed", "cancelled")

    def record(self) -> dict[str, object]:
        """Return the record, its foreign texts fit to be shown."""
        texts = {name: safe_text(getattr(self, name)) for name in ("label", "note")}
        numbers = {"rate": self.rate and round(self.rate), "eta": self.eta and round(self.eta, 1)}
        hint, actions = hint_text(self.hint), list(self.actions)
        return {**asdict(self), **texts, **numbers, "hint": hint, "actions": actions}


def file_record(
    file: File, now: datetime, *, variable: str, suggestion: str, is_renewable: bool
) -> dict[str, object]:
    """Return a stored file; its state is EXPIRED once its time is over by the service's clock.

    Parameters
    ----------
    variable
        Which holds it; empty for none.
    suggestion
        A name for one that is to hold it.
    is_renewable
        Its source is known and still there.
    """
    left = file.expires_in(now)
    is_expired = left is not None and left.total_seconds() <= 0
    return {
        "name": file.name,
        "uri": file.uri or "",
        "label": safe_text(file.label),
        "mimeType": safe_text(file.mime_type or ""),
        "size": file.size_bytes,
        "state": "EXPIRED" if is_expired else _state(file),
        "error": safe_text(file.error.message or "") if file.error else "",
        "created": _iso(file.create_time),
        "expires": _iso(file.expiration_time),
        "variable": variable,
        "suggestion": suggestion,
        "isRenewable": is_renewable,
    }


def problem_record(error: GemfilesError) -> dict[str, object]:
    """Return what is wrong, of which kind it is, and what to do."""
    kind = next((kind for family, kind in _KINDS if isinstance(error, family)), "other")
    if isinstance(error, ServiceError) and error.status >= _SERVER_ERRORS:
        kind = "server"
    return {"kind": kind, "message": error.message, "hint": hint_text(error.hint)}


def hint_text(hint: str) -> str:
    """Return what to do, without ways that can only be typed.

    ``Split it, or pass --force to try anyway.`` becomes ``Split it.``
    """
    if not _TYPED.search(hint):
        return safe_text(hint)
    ways = [way for way in re.split(r"[,;] (?:or )?|(?<=[.?!]) ", hint) if not _TYPED.search(way)]
    return safe_text(" ".join(f"{way[:1].upper()}{way[1:].rstrip('.')}." for way in ways))


def place_text(endpoint: Endpoint) -> str:
    """Return where requests go, for people."""
    return "offline server" if endpoint.is_offline else urlsplit(endpoint.base_url).hostname or ""


def _state(file: File) -> str:
    """Return one of the states that the panel knows; what the service adds tomorrow is not ready yet."""
    known = (FileState.ACTIVE, FileState.FAILED)
    return str_of(file.state) if file.state in known else FileState.PROCESSING.value


def _iso(when: datetime | None) -> str:
    return when.isoformat().replace("+00:00", "Z") if when else ""
