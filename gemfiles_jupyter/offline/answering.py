"""How answers look: headers in the service's spelling, its JSON and plain text, its errors."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from tornado.httputil import HTTPHeaders, format_timestamp
from tornado.web import HTTPError, RequestHandler

from . import lenient_json
from .backend import Backend
from .problems import JsonObject, Problem, ProtocolProblem

_METHODS = ("GET", "POST", "PUT", "DELETE")

# tornado writes X-Goog-Upload-Url; one public client looks these up with case.
_SPELLINGS = {
    "X-Goog-Upload-Url": "X-Goog-Upload-URL",
    "X-Goog-Upload-Control-Url": "X-Goog-Upload-Control-URL",
    "X-Guploader-Uploadid": "X-GUploader-UploadID",
}


class SpelledHeaders(HTTPHeaders):
    """Headers that go out in the service's own spelling."""

    def get_all(self) -> Any:
        """Yield names and values."""
        for name, value in super().get_all():
            yield _SPELLINGS.get(name, name), value


class AnsweringHandler(RequestHandler):
    """The half of every handler that answers."""

    server_name = "gemfiles-offline"

    backend: Backend

    def initialize(self, backend: Backend) -> None:
        """Take what tornado hands to every handler of a route."""
        self.backend = backend
        self._set_date()

    def set_default_headers(self) -> None:
        """Set what every answer carries."""
        self._headers = SpelledHeaders(self._headers)
        self.set_header("Server", self.server_name)
        if hasattr(self, "backend"):  # tornado calls this once before it knows
            self._set_date()
        self.set_header("X-Gemfiles-Offline", "1")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def _set_date(self) -> None:
        """Tell the server's own time: clients reckon lifetimes by it, and test control moves it."""
        self.set_header("Date", format_timestamp(self.backend.clock.now_ns() / 1e9))

    def answer_json(self, message: JsonObject, status: int = 200) -> None:
        """Answer with JSON, as the service prints it."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.finish_with(lenient_json.dump(message))

    def answer_text(self, text: str, status: int = 200) -> None:
        """Answer in plain text, as the upload backend does."""
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish_with(text.encode())

    def finish_with(self, body: bytes) -> None:
        """Send the whole body."""
        self.finish(body)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Turn an exception into the service's error answer."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, ProtocolProblem):
            if error.upload_status is not None:
                self.set_header("X-Goog-Upload-Status", error.upload_status)
            self.answer_text(error.text, error.code)
        elif isinstance(error, Problem):
            self.answer_problem(error)
        elif status_code == 405:
            self.answer_problem(Problem(405, "The method is not allowed here."))
        elif status_code < 500:
            self.answer_problem(Problem(status_code, self._reason))
        else:
            self.answer_problem(Problem(500, "Internal error encountered."))

    def answer_problem(self, problem: Problem) -> None:
        """Answer with the service's error body."""
        if problem.code == 405:
            allowed = [name for name in _METHODS if hasattr(self, f"on_{name.lower()}")]
            self.set_header("Allow", ", ".join(allowed))
        self.answer_json(self.problem_json(problem), problem.code)

    def problem_json(self, problem: Problem) -> JsonObject:
        """Return the body of an error answer."""
        return problem.to_json()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Print an unexpected error, without the address that tornado would add: it may hold a key."""
        if not isinstance(value, (Problem, ProtocolProblem, HTTPError)):
            print("".join(traceback.format_exception(typ, value, tb)), file=sys.stderr, flush=True)

    def compute_etag(self) -> None:
        """Send no ETag: the service does not, and 304 would confuse clients."""

    def check_xsrf_cookie(self) -> None:
        """Need no token: the doors let no page in, and there are no cookies."""
