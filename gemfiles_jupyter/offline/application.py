"""The routes, behind the doors."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import PathMatches, Rule
from tornado.web import Application

from . import problems
from .backend import Backend
from .control import ControlHandler
from .discovery import DiscoveryHandler
from .doors import Doors
from .files import DownloadHandler, FileHandler, FilesHandler
from .generate import CountTokensHandler, GenerateHandler, StreamHandler
from .handler import Handler
from .identity import IdentityHandler
from .interactions import CreateInteractionHandler, StoredInteractionHandler
from .legacy import LegacySessionHandler, LegacyStartHandler
from .models import ModelHandler, ModelsHandler
from .problems import Problem
from .register import RegisterHandler
from .resumable import SessionHandler, StartHandler
from .runtime import CONTROL_PATH, IDENTITY_PATH
from .single_request import MultipartHandler, RawHandler
from .store_uploads import (
    StoreLegacySessionHandler,
    StoreLegacyStartHandler,
    StoreMultipartHandler,
    StoreRawHandler,
    StoreSessionHandler,
    StoreStartHandler,
)
from .stores import (
    DocumentHandler,
    DocumentsHandler,
    ImportHandler,
    MetadataHandler,
    OperationHandler,
    StoreHandler,
    StoresHandler,
)

_VERSION = "(?:v1|v1beta|v1alpha)"
_ID = "([^/:]+)"
_STORES = "(fileSearchStores|ragStores)"
_TO_STORE = f"{_STORES}/{_ID}:(uploadToFileSearchStore|uploadToRagStore)"
_UPLOAD = "/(?:resumable/)?upload/(v1|v1beta|v1alpha)"


class UploadMatches(PathMatches):
    """An upload path whose request speaks one protocol."""

    def __init__(self, path: str, speaks: Callable[[HTTPServerRequest], bool]) -> None:
        super().__init__(path)
        self._speaks = speaks

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Match path and protocol."""
        found = super().match(request)
        return found if found is not None and self._speaks(request) else None


class RefusedHandler(Handler):
    """A request that did not pass the doors."""

    needs_key = False

    def _answer_method(self) -> Callable[..., Awaitable[None]] | None:
        return self.respond  # whatever the method, the reason is the same

    def initialize(self, backend: Backend, reason: str = "") -> None:
        """Take the reason too."""
        super().initialize(backend)
        self._reason_text = reason

    async def begin(self) -> None:
        """Refuse."""
        raise Problem(403, self._reason_text)


class UnknownHandler(Handler):
    """A request to an address where there is nothing."""

    needs_key = False

    def _answer_method(self) -> Callable[..., Awaitable[None]] | None:
        return self.respond

    async def begin(self) -> None:
        """Refuse."""
        raise problems.not_found()


class OfflineApplication(Application):
    """The server's routes; nobody gets to one of them past the doors."""

    def __init__(self, backend: Backend, doors: Doors) -> None:
        self._backend = backend
        self._doors = doors
        super().__init__(
            _rules(backend),
            default_handler_class=UnknownHandler,
            default_handler_args={"backend": backend},
            log_function=lambda _: None,  # handlers log themselves, without secrets
        )

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate:  # type: ignore[override]
        """Check the doors, then route."""
        reason = self._doors.refusal(request)
        if reason is not None:
            arguments = {"backend": self._backend, "reason": reason}
            return self.get_handler_delegate(request, RefusedHandler, arguments)
        # Some clients join base address and path with two slashes.
        request.path = re.sub("^/{2,}", "/", request.path)
        return super().find_handler(request, **kwargs)


def _rules(backend: Backend) -> list[Rule]:
    arguments = {"backend": backend}

    def at(path: str, handler: type[Handler]) -> Rule:
        return Rule(PathMatches(path), handler, arguments)

    def uploads(path: str, *handlers: type[Handler]) -> list[Rule]:
        speakers = zip(_SPEAKERS, handlers, strict=True)
        return [
            Rule(UploadMatches(_UPLOAD + path, speaks), handler, arguments) for speaks, handler in speakers
        ]

    return [
        *uploads(
            "/files/?",
            *(SessionHandler, LegacySessionHandler),
            *(StartHandler, MultipartHandler, RawHandler, LegacyStartHandler),
        ),
        *uploads(
            f"/{_TO_STORE}",
            *(StoreSessionHandler, StoreLegacySessionHandler),
            *(StoreStartHandler, StoreMultipartHandler, StoreRawHandler, StoreLegacyStartHandler),
        ),
        at(f"/{_VERSION}/files/?", FilesHandler),
        at(f"/{_VERSION}/files:register", RegisterHandler),
        at(f"/{_VERSION}/files/{_ID}:download", DownloadHandler),
        at(f"/{_VERSION}/files/{_ID}", FileHandler),
        at(f"/{_VERSION}/{_STORES}/?", StoresHandler),
        at(f"/{_VERSION}/{_STORES}/{_ID}", StoreHandler),
        at(f"/{_VERSION}/{_TO_STORE}", MetadataHandler),
        at(f"/{_VERSION}/{_STORES}/{_ID}:importFile", ImportHandler),
        at(f"/{_VERSION}/{_STORES}/{_ID}/documents/?", DocumentsHandler),
        at(f"/{_VERSION}/{_STORES}/{_ID}/documents/{_ID}", DocumentHandler),
        at(f"/{_VERSION}/{_STORES}/{_ID}/(upload/)?operations/{_ID}", OperationHandler),
        at(f"/{_VERSION}/interactions/?", CreateInteractionHandler),
        at(f"/{_VERSION}/interactions/{_ID}", StoredInteractionHandler),
        at(f"/{_VERSION}/models/?", ModelsHandler),
        at(f"/{_VERSION}/(?:models|tunedModels)/{_ID}:generateContent", GenerateHandler),
        at(f"/{_VERSION}/(?:models|tunedModels)/{_ID}:streamGenerateContent", StreamHandler),
        at(f"/{_VERSION}/(?:models|tunedModels)/{_ID}:countTokens", CountTokensHandler),
        at(f"/{_VERSION}/models/{_ID}", ModelHandler),
        at(r"/(?:\$discovery/rest|discovery/v1/apis/generativelanguage/[^/]+/rest)", DiscoveryHandler),
        at(re.escape(IDENTITY_PATH), IdentityHandler),
        at(re.escape(CONTROL_PATH) + "([a-z-]+)", ControlHandler),
    ]


def _argument(request: HTTPServerRequest, name: str) -> str:
    values = request.query_arguments.get(name, [])
    return values[-1].decode("utf-8", "replace") if values else ""


def _has_session(request: HTTPServerRequest) -> bool:
    return bool(_argument(request, "upload_id"))


def _upload_type(request: HTTPServerRequest) -> str:
    return _argument(request, "uploadType").lower()


def _protocol(request: HTTPServerRequest) -> str:
    protocol = request.headers.get("X-Goog-Upload-Protocol", "").strip().lower()
    if protocol or "X-Goog-Upload-Command" not in request.headers:
        return protocol
    return "resumable"  # the command alone says so


def _is_bare(request: HTTPServerRequest) -> bool:
    """Tell whether the body is the file and its type is all that is said of it."""
    if _protocol(request) or _upload_type(request):
        return False
    content_type = request.headers.get("Content-Type", "application/json").lower()
    return not content_type.startswith(("application/json", "multipart/"))


# How a request to an upload path is told apart, in the order in which they are tried.
_SPEAKERS: list[Callable[[HTTPServerRequest], bool]] = [
    lambda request: _has_session(request) and not _upload_type(request),
    lambda request: _has_session(request),
    lambda request: _protocol(request) == "resumable",
    lambda request: "multipart" in (_protocol(request), _upload_type(request)),
    lambda request: _protocol(request) == "raw" or _upload_type(request) == "media" or _is_bare(request),
    lambda request: _upload_type(request) == "resumable",
]
