"""HTTP to one endpoint: the key in a header, no redirects, bounded answers, no secrets in errors.

A broken connection is a value (`Broken`), not an exception: an exception of requests carries upload
URLs and header values in its text and frames, and a notebook would print them.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3.exceptions

from ..config import CONTROL_SECONDS, Endpoint, Secret
from ..errors import (
    BadResponse,
    CannotConnect,
    FileUnavailable,
    NetworkError,
    RedirectRefused,
    StoreUnavailable,
)
from .breaks import broken
from .connections import Connections
from .problems import error_of
from .protocol import UNSURE
from .reply import Reply, http_date
from .upload_state import Broken

__all__ = ["Transport"]

ERROR_BYTES = 64 * 1024
ANSWER_BYTES = 32 * 1024 * 1024
STREAM_SECONDS = 300.0
CONTROL_RETRIES = 5

# How requests and what is below it say that there is no answer; RequestException is an OSError.
_BREAKS = (OSError, urllib3.exceptions.HTTPError)


class Transport:
    """Requests to one endpoint over one bounded connection pool; safe to share among threads.

    Parameters
    ----------
    endpoint
        Where to; the key goes only there, and only in a header.
    workers
        The most connections at a time.
    sleep
        How to wait between tries.
    """

    def __init__(
        self, endpoint: Endpoint, *, workers: int = 8, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.endpoint = endpoint
        self.sleep = sleep
        self.clock_skew = timedelta(0)
        self._connections = Connections(endpoint.base_url, workers)

    def now(self) -> datetime:
        """Return the service's time, from the Date of its last answer: a notebook's clock may be off."""
        return datetime.now(timezone.utc) + self.clock_skew

    def url(self, path: str) -> str:
        """Return the address of a path such as ``/v1beta/files``."""
        return self.endpoint.base_url + path

    def session_url(self, given: Secret) -> Secret:
        """Check the upload URL that the service named, and return the one to use.

        Google's own uploads go to Google's hosts over https. Any other endpoint (a gateway, the
        offline server) gets the bytes itself: scheme, host and port are the endpoint's.

        Raises
        ------
        RedirectRefused
            It leads to a host that has no business with these bytes.
        """
        address, host = _upload_address(given, self.endpoint)
        if not address:
            raise RedirectRefused(f"The service names an upload address on {host or 'no host'}; refused.")
        return address

    def attempt(
        self,
        method: str,
        url: Secret,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        with_key: bool = True,
        bearer: Secret | None = None,
        read_seconds: float = CONTROL_SECONDS,
        is_of_big_upload: bool = False,
    ) -> Reply | Broken:
        """Send one request once, and return what came back, or that nothing did.

        Parameters
        ----------
        is_of_big_upload
            The upload's next request has a big body, for which the connection is prepared.
        with_key
            False for an upload URL, which is itself the credential.
        bearer
            An OAuth token that goes instead of the key.
        """
        credential = _Credential(bearer, is_bearer=True) if bearer else self._credential(with_key)
        started = time.monotonic()
        opened = self._open(
            method, url, headers or {}, body, credential, read_seconds, is_of_big_upload=is_of_big_upload
        )
        if isinstance(opened, Broken):
            return opened
        with opened:
            return self._read(opened, started, read_seconds)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
        bearer: Secret | None = None,
        read_seconds: float = CONTROL_SECONDS,
        retries: int = CONTROL_RETRIES,
    ) -> Reply:
        """Send a small request, again if need be, and return its success.

        Parameters
        ----------
        retries
            0 for what can be done without.

        Raises
        ------
        ServiceError, KeyProblem, QuotaExceeded
            The service refused it.
        NetworkError
            It could not be reached, or answered nonsense.
        """
        url = Secret(_with_query(self.url(path), params or {}))
        body = None if data is None else json.dumps(data).encode()
        headers = {"Content-Type": "application/json"} if body is not None else {}
        tries = 0
        while True:
            outcome = self.attempt(
                method, url, headers=headers, body=body, bearer=bearer, read_seconds=read_seconds
            )
            tries += 1
            if isinstance(outcome, Reply) and method == "DELETE" and tries > 1 and _is_gone(outcome):
                return outcome  # an earlier try did it, and only its answer was lost
            wait = _wait_before_next(outcome, tries)
            if wait is None or tries > retries:
                return self._success(outcome)
            self.sleep(wait)

    @contextmanager
    def events(self, path: str, data: Mapping[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
        """Send a request whose answer is server-sent events, and iterate over their JSON.

        Raises
        ------
        GemfilesError
            As `call`; also while iterating, when the stream breaks.
        """
        url = Secret(_with_query(self.url(path), {"alt": "sse"}))
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        body = json.dumps(data).encode()
        with self._stream("POST", url, headers, body) as response:
            yield self._events(response)

    @contextmanager
    def download(self, path: str) -> Iterator[Iterator[bytes]]:
        """Iterate over the bytes of a file's content.

        Raises
        ------
        GemfilesError
            As `call`.
        """
        url = Secret(_with_query(self.url(path), {"alt": "media"}))
        with self._stream("GET", url, {}, None) as response:
            yield self._unbroken(response.iter_content(256 * 1024))

    def close(self) -> None:
        """Close idle connections."""
        self._connections.close()

    def _open(
        self,
        method: str,
        url: Secret,
        headers: Mapping[str, str],
        body: Any,
        credential: _Credential,
        read_seconds: float,
        *,
        is_of_big_upload: bool = False,
    ) -> requests.Response | Broken:
        try:
            return self._connections.send(
                method,
                url.reveal(),
                headers,
                body,
                add_credential=credential,
                read_seconds=read_seconds,
                is_of_big_upload=is_of_big_upload,
            )
        except _BREAKS as error:
            return broken(error, self.endpoint)
        except BaseException as error:  # an interrupt, or what the body's source raised
            # Without the frames of requests, whose variables hold the key and the upload URL.
            error.__context__ = None
            raise error.with_traceback(None) from error.__cause__

    @contextmanager
    def _stream(
        self, method: str, url: Secret, headers: Mapping[str, str], body: bytes | None
    ) -> Iterator[requests.Response]:
        opened = self._open(method, url, headers, body, self._credential(True), STREAM_SECONDS)
        if isinstance(opened, Broken):
            raise CannotConnect(opened.reason, hint=opened.hint)
        with opened:
            if opened.status_code != 200:
                self._success(self._read(opened, time.monotonic(), CONTROL_SECONDS))
            yield opened

    def _credential(self, with_key: bool) -> _Credential:
        return _Credential(self.endpoint.key if with_key else None)

    def _read(self, response: requests.Response, started: float, read_seconds: float) -> Reply | Broken:
        limit = ANSWER_BYTES if response.status_code == 200 else ERROR_BYTES
        deadline = time.monotonic() + read_seconds
        body = bytearray()
        try:
            for block in response.iter_content(64 * 1024):
                body += block
                if len(body) > limit or time.monotonic() > deadline:
                    break
        except _BREAKS as error:
            return broken(error, self.endpoint)
        self._note_time(response.headers.get("Date", ""))
        return Reply(response.status_code, response.headers, bytes(body[:limit]), time.monotonic() - started)

    def _events(self, response: requests.Response) -> Iterator[dict[str, Any]]:
        for line in self._unbroken(response.iter_lines()):
            if line.startswith(b"data:"):
                yield _event(line[5:])

    def _unbroken(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Iterate over an answer; where it breaks off, say so in our words."""
        failure: Broken | None = None
        try:
            yield from pieces
        except _BREAKS as error:
            failure = broken(error, self.endpoint)
        if failure:
            raise NetworkError(f"The answer broke off: {failure.reason}", hint="Run the cell again.")

    def _success(self, outcome: Reply | Broken) -> Reply:
        if isinstance(outcome, Broken):
            raise CannotConnect(outcome.reason, hint=outcome.hint)
        if 300 <= outcome.status < 400:
            host = urlsplit(outcome.header("Location")).hostname or "another address"
            raise RedirectRefused(f"The service redirects to {host}; keys do not follow.")
        if outcome.status != 200:
            raise error_of(outcome)
        return outcome

    def _note_time(self, date: str) -> None:
        when = http_date(date)
        if when:
            skew = when - datetime.now(timezone.utc)
            self.clock_skew = skew if abs(skew) > timedelta(seconds=5) else timedelta(0)


class _Credential:
    """Put a key or token on the prepared request, the last moment before it leaves."""

    def __init__(self, secret: Secret | None, *, is_bearer: bool = False) -> None:
        self._secret = secret
        self._is_bearer = is_bearer

    def __call__(self, request: requests.PreparedRequest) -> None:
        if self._secret and self._is_bearer:
            request.headers["Authorization"] = f"Bearer {self._secret.reveal()}"
        elif self._secret:
            request.headers["x-goog-api-key"] = self._secret.reveal()


def _wait_before_next(outcome: Reply | Broken, tries: int) -> float | None:
    """Return how long to wait before another try; None where there should be none."""
    if isinstance(outcome, Broken):
        most = CONTROL_RETRIES if outcome.most is None else outcome.most
        is_over = outcome.is_final or tries > most
        return None if is_over else 0.5 * 2.0 ** (tries - 1)
    if outcome.status not in UNSURE or outcome.status == 409 or tries > CONTROL_RETRIES:
        return None
    asked = outcome.retry_after()
    return min(asked, 30.0) if asked is not None else 0.5 * 2.0 ** (tries - 1)


def _upload_address(given: Secret, endpoint: Endpoint) -> tuple[Secret, str]:
    """Return the address to send bytes to, empty where it is refused, and the host that was named."""
    try:
        parts, base = urlsplit(given.reveal()), urlsplit(endpoint.base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Secret(""), ""
    if endpoint.is_google:
        # Only plain names: of a host with a backslash, urllib3 takes another part than urlsplit.
        is_google = re.fullmatch(r"[a-z0-9.-]+\.googleapis\.com", host) is not None
        is_plain = port in (None, 443) and "@" not in parts.netloc and not parts.fragment
        is_allowed = is_google and is_plain and parts.scheme == "https"
        return (given if is_allowed else Secret("")), host
    path = parts.path
    if base.path and not path.startswith(base.path + "/"):
        path = base.path + path
    return Secret(urlunsplit((base.scheme, base.netloc, path, parts.query, ""))), host


def _is_gone(reply: Reply) -> bool:
    return reply.status == 404 or isinstance(error_of(reply), (FileUnavailable, StoreUnavailable))


def _with_query(url: str, params: Mapping[str, str]) -> str:
    return str(requests.Request("GET", url, params=dict(params)).prepare().url) if params else url


def _event(data: bytes) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise BadResponse("The service sent an event that is not JSON.")
    problem = event.get("error")
    if isinstance(problem, dict):  # the stream began well, and then the service gave up
        code = problem.get("code")
        raise error_of(Reply(code if isinstance(code, int) else 500, {}, data))
    return event
