"""The service's error answers as errors of ours, with its own message and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import (
    BadResponse,
    FileUnavailable,
    GemfilesError,
    KeyProblem,
    NameTaken,
    QuotaExceeded,
    ServiceError,
    StoreUnavailable,
)
from ..safe_text import safe_text
from .reply import Reply

__all__ = ["error_of"]

LONGEST_MESSAGE = 500


def error_of(reply: Reply) -> GemfilesError:
    """Return what an answer that is not a success complains of."""
    problem = _problem(reply.body)
    message = str(problem.get("message") or _plain(reply) or f"The service answered {reply.status}.")
    message = safe_text(message)[:LONGEST_MESSAGE]  # masked first: half a key would not be known for one
    reason = str(problem.get("status") or "")
    if _is_key_problem(reply.status, message, problem):
        return KeyProblem(message, hint="Check the API key, or unset it to work offline.")
    facts: dict[str, Any] = {"status": reply.status, "reason": reason}
    if reply.status in (403, 404) and "the File " in message:
        return FileUnavailable(
            message, hint="It was deleted, has expired after 48 hours, or belongs to another key.", **facts
        )
    if reply.status in (403, 404) and ("the FileSearchStore " in message or "the Document " in message):
        return StoreUnavailable(message, hint="See %gemfiles store ls.", **facts)
    if reason == "ALREADY_EXISTS":
        return NameTaken(message, hint="Choose another --id.", **facts)
    if reply.status == 429 or reason == "RESOURCE_EXHAUSTED":
        return QuotaExceeded(message, hint=_quota_hint(message), **facts)
    if not problem and not _plain(reply):
        return BadResponse(
            f"The service answered {reply.status} without a reason.", hint="Is a proxy in between?"
        )
    return ServiceError(message, **facts)


def _problem(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if isinstance(data, list) and data:  # streaming endpoints wrap their errors in a list
        data = data[0]
    error = data.get("error") if isinstance(data, Mapping) else None
    return error if isinstance(error, Mapping) else {}


def _plain(reply: Reply) -> str:
    """Return the upload backend's plain text; a proxy's page is nobody's message."""
    if not reply.header("Content-Type").startswith("text/plain"):
        return ""
    return reply.body.decode("utf-8", "replace").strip()


def _is_key_problem(status: int, message: str, problem: Mapping[str, Any]) -> bool:
    if status == 401 or "unregistered callers" in message or "API key not valid" in message:
        return True
    details = problem.get("details")
    if not isinstance(details, list):
        return False
    reasons = [str(item.get("reason", "")) for item in details if isinstance(item, Mapping)]
    return any(reason.startswith("API_KEY_") for reason in reasons)


def _quota_hint(message: str) -> str:
    if "storage" in message.lower() or "FileStorageBytes" in message:
        return "Free storage with %gemfiles rm; files also expire after 48 hours."
    return "Wait a little; if storage is full, free some with %gemfiles rm."
