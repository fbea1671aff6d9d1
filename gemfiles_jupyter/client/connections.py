"""Connections to one endpoint: a bounded pool, proxies and certificates read once, no cookies, no netrc.

Requests go straight to the adapter of requests: what a session adds (merged settings, cookies, redirects,
hooks) is not wanted here, and takes longer than sending a small file.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.hooks import default_hooks
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies

from ..config import CONNECT_SECONDS
from ..safe_text import safe_text
from .congestion import Congestion, SocketOption

__all__ = ["Connections"]

MOST_HOSTS = 32
NO_DELAY: SocketOption = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # urllib3's own option
SAID_OF_US = {"Accept-Encoding": "identity", "User-Agent": "gemfiles-jupyter"}

AddCredential = Callable[[requests.PreparedRequest], None]


class Connections:
    """A pool that sends one request at a time a connection; safe to share among threads.

    Parameters
    ----------
    base_url
        Decides which proxy of the environment is used.
    most
        Connections at a time; who comes later waits.
    """

    def __init__(self, base_url: str, most: int) -> None:
        self._proxies = dict(get_environ_proxies(base_url, no_proxy=None))
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self._congestion = Congestion()
        self._adapter = _Adapter(
            self._congestion.first_options,
            pool_connections=MOST_HOSTS,
            pool_maxsize=most,
            pool_block=True,
            max_retries=0,
        )

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Any,
        *,
        add_credential: AddCredential,
        read_seconds: float,
        is_of_big_upload: bool = False,
    ) -> requests.Response:
        """Send a request, and return its answer as soon as its headers are there.

        Parameters
        ----------
        body
            ``None``, bytes, or an iterable of blocks that knows its length.
        add_credential
            Puts the key on the prepared request, the last moment before it leaves.
        is_of_big_upload
            The upload's next request has a big body, for which the connection is prepared.

        Raises
        ------
        OSError
            As requests raises them, which are all of this kind.
        """
        request = requests.PreparedRequest()
        request.prepare_method(method)
        request.prepare_url(url, None)
        request.prepare_headers({**SAID_OF_US, **headers})
        request.body = body
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        request.hooks = default_hooks()
        add_credential(request)
        response = self._adapter.send(
            request,
            stream=True,
            timeout=(CONNECT_SECONDS, read_seconds),
            verify=self._verify,
            proxies=self._proxies,
        )
        self._congestion.choose(response.raw.connection, is_of_big_upload=is_of_big_upload)
        return response

    def close(self) -> None:
        """Close idle connections."""
        self._adapter.close()


class _Adapter(HTTPAdapter):
    """The adapter of requests without what would be the same, or of no use, for every small file."""

    def __init__(self, socket_options: Sequence[SocketOption], **kwargs: Any) -> None:
        self._socket_options = [NO_DELAY, *socket_options]
        self._pools: dict[tuple[str, str], Any] = {}
        super().__init__(**kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, socket_options=self._socket_options)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> Any:
        """Look once at proxies and certificates of a host: they are the same for all of its requests."""
        parts = urlsplit(request.url or "")
        place = (parts.scheme, parts.netloc)
        if place not in self._pools:
            self._pools[place] = super().get_connection_with_tls_context(request, *args, **kwargs)
        return self._pools[place]

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Give the answer without looking for cookies in it."""
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.request = req
        return response

    def close(self) -> None:
        self._pools.clear()
        super().close()


class _MaskSecrets(logging.Filter):
    """Keep upload URLs out of what urllib3 logs about its connections."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = safe_text(record.getMessage()), ()
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_MaskSecrets())
