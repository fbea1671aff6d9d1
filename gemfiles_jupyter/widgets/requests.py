"""What a page asks of a kernel: what the Jupyter server is asked, as messages of a widget."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

from ..errors import GemfilesError, InvalidUsage
from ..workspace.panel import Record, refusal, status_of
from .kernel import Kernel

__all__ = ["Answer", "Request", "answered"]

Answer = tuple[HTTPStatus, Record | None]
OnUpload = Callable[[str], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes
    ----------
    parts
        Of its path, without the query.
    message
        What came as JSON.
    data
        What came as bytes: a slice of a file.
    """

    method: str
    parts: tuple[str, ...]
    query: Mapping[str, list[str]]
    message: dict[str, object]
    data: memoryview

    @classmethod
    def of(cls, content: Mapping[str, object], buffers: list[memoryview]) -> Request:
        """Read a request out of a message."""
        address = urlsplit(str(content.get("path", "")))
        body = content.get("body")
        return cls(
            str(content.get("method", "")),
            tuple(unquote(part) for part in address.path.split("/")),
            parse_qs(address.query),
            body if isinstance(body, dict) else {},
            memoryview(buffers[0]).cast("B") if buffers else memoryview(b""),
        )

    @property
    def is_slice(self) -> bool:
        """Whether it brings bytes of a file."""
        return self.method == "PUT"


def answered(kernel: Kernel, request: Request, on_upload: OnUpload) -> Answer:
    """Return the answer to a request; what goes wrong is one, too.

    Parameters
    ----------
    on_upload
        Told of the transfers that this panel begins.
    """
    try:
        return _answered(kernel, request, on_upload)
    except GemfilesError as error:
        return status_of(error), refusal(error)
    except Exception as error:  # a defect of ours must not leave the page waiting
        _log.exception("A request of the panel failed.")
        unexpected = f"Unexpected {type(error).__name__} in the kernel: {error}"
        return HTTPStatus.INTERNAL_SERVER_ERROR, {"kind": "other", "message": unexpected, "hint": ""}


def _answered(kernel: Kernel, request: Request, on_upload: OnUpload) -> Answer:
    panel, message = kernel.panel, request.message
    record: Record | None = None
    match request.method, *request.parts:
        case "GET", "status":
            record = panel.status()
        case "GET", "files":
            record = panel.files()
        case "DELETE", "files":
            record = panel.remove(request.query.get("name", []))
        case "GET", "files", "code":
            record = panel.code(request.query.get("name", []))
        case "POST", "files", "renew":
            record = kernel.renew(message)
        case "POST", "files", "variable":
            record = panel.set_variable(message)
        case "GET", "transfers":
            record = panel.transfers()
        case "DELETE", "transfers":
            panel.clear()
        case "POST", "transfers", transfer:
            record = panel.act(transfer, message)
        case "POST", "uploads":
            record = panel.open_upload(message)
            on_upload(str(record["id"]))
        case "PUT", "uploads", upload:
            record = _taken(kernel, upload, request)
        case "DELETE", "uploads", upload:
            panel.spool.drop(upload)
        case _:
            raise InvalidUsage("A kernel can't do that.")
    return (HTTPStatus.OK if record is not None else HTTPStatus.NO_CONTENT), record


def _taken(kernel: Kernel, upload: str, request: Request) -> Record:
    """Write a slice to disk; the last one begins the transfer."""
    (offset,) = request.query.get("offset", [""])
    incoming = kernel.panel.incoming(upload)
    at = int(offset) if offset.isascii() and offset.isdigit() else -1
    receiver = kernel.panel.receiver(incoming, at, len(request.data))
    try:
        if not receiver.write(request.data):  # a newer request goes on with it
            raise kernel.panel.misplaced(incoming)
        return kernel.panel.received(incoming, receiver)
    finally:
        receiver.close()
