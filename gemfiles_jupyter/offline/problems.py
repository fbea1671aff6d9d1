"""The errors of the service: their statuses and exact texts, in one place."""

from __future__ import annotations

from typing import Any

JsonObject = dict[str, Any]

_STATUS_OF_CODE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "ALREADY_EXISTS",
    410: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    507: "RESOURCE_EXHAUSTED",
}


class Problem(Exception):
    """An error answer of the service.

    Parameters
    ----------
    code
        The HTTP status.
    message
        The text for people, as the service words it.
    status
        The canonical name; derived from `code` when left out.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: str | None = None,
        details: list[JsonObject] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or _STATUS_OF_CODE.get(code, "UNKNOWN")
        self.details = details

    def to_json(self) -> JsonObject:
        """Return the body of the answer."""
        error: JsonObject = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


class ProtocolProblem(Exception):
    """An error of the upload protocol itself, which the service words as plain text.

    `upload_status` is what X-Goog-Upload-Status says; None leaves the header out.
    """

    def __init__(self, code: int, text: str, upload_status: str | None = "active") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.upload_status = upload_status


def no_key() -> Problem:
    """Say that the request names no caller."""
    return Problem(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
    )


def bad_key() -> Problem:
    """Say that the key is not one that is taken."""
    return Problem(
        400,
        "API key not valid. Please pass a valid API key.",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            }
        ],
    )


def no_such_file(file_id: str) -> Problem:
    """Say that a file is missing, deleted, expired or another key's, but not which of these."""
    return Problem(403, f"You do not have permission to access the File {file_id} or it may not exist.")


def not_active(file_id: str) -> Problem:
    """Say that a file is used before it is ACTIVE."""
    return Problem(
        400,
        f"The File {file_id} is not in an ACTIVE state and usage is not allowed.",
        status="FAILED_PRECONDITION",
    )


def no_such_store(store_id: str) -> Problem:
    """Say that a file search store is missing, deleted or another key's, but not which of these."""
    return Problem(
        403, f"You do not have permission to access the FileSearchStore {store_id} or it may not exist."
    )


def no_such_document(document_id: str) -> Problem:
    """Say that a store has no such document."""
    return Problem(
        403, f"You do not have permission to access the Document {document_id} or it may not exist."
    )


def not_empty(kind: str) -> Problem:
    """Say that a store with documents, or a document with chunks, is deleted only by force."""
    return Problem(400, f"Cannot delete non-empty {kind}", status="FAILED_PRECONDITION")


def bad_id() -> Problem:
    """Say that an id chosen by the client breaks the rules."""
    return Problem(
        400,
        "* CreateFileRequest.file.name: File resource name may only contain lowercase alphanumeric "
        "characters or dashes (-) and cannot begin or end with a dash. You can set the display_name "
        "which is not constrained by this format.",
    )


def id_too_long(limit: int) -> Problem:
    """Say that an id chosen by the client is too long."""
    return Problem(
        400, f"* CreateFileRequest.file.name: File resource name may not be longer than {limit} characters."
    )


def id_taken(file_id: str) -> Problem:
    """Say that another file has this id."""
    return Problem(409, f"{file_id} already exists.")


def display_name_too_long(limit: int) -> Problem:
    """Say that the display name breaks its limit."""
    return Problem(
        400, f"* CreateFileRequest.file.display_name: value must be no more than {limit} characters."
    )


def unsupported_type(mime_type: str) -> Problem:
    """Say that a type is refused, or stored but not usable in a prompt."""
    return Problem(400, f"Unsupported MIME type: {mime_type}")


def too_large(limit: int) -> Problem:
    """Say that a file is larger than the service takes."""
    return Problem(400, f"File size exceeds the limit of {limit} bytes.")


def quota_exceeded(quota_bytes: int) -> Problem:
    """Say that the files of this key fill their storage."""
    return Problem(
        429,
        "You exceeded your current quota, please check your plan and billing details. "
        "For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. "
        f"\n* Quota exceeded for metric: file_storage_bytes, limit: {quota_bytes}",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [
                    {
                        "quotaMetric": "generativelanguage.googleapis.com/file_storage_bytes",
                        "quotaId": "FileStorageBytesPerProject",
                        "quotaValue": str(quota_bytes),
                    }
                ],
            }
        ],
    )


def prompt_too_large() -> Problem:
    """Say that the files of one prompt hold too many bytes."""
    return Problem(400, "The request's total referenced files bytes are too large to be read")


def bad_file_uri(uri: str) -> Problem:
    """Say that a part refers to something that is no file of the service."""
    why = " (the offline server fetches nothing from the web)" if uri.startswith(("http:", "https:")) else ""
    return Problem(400, f"Invalid or unsupported file uri: {uri[:200]}{why}")


def bad_json(reason: str) -> Problem:
    """Say that the request's body can't be read."""
    return Problem(400, f"Invalid JSON payload received. {reason}")


def bad_value(field: str, kind: str, value: object) -> Problem:
    """Say that one field of the request has the wrong type."""
    return Problem(400, f"Invalid value at '{field}' ({kind}), {str(value)[:100]!r}")


def not_found(what: str = "Requested entity was not found.") -> Problem:
    """Say that there is nothing at this address."""
    return Problem(404, what)


def storage_failed(reason: str) -> Problem:
    """Say that our own disk, not the caller, is at fault."""
    return Problem(503, f"The offline server could not write to its data folder: {reason}")
