"""Why there was no answer, in words: the text of a connection error holds addresses and secrets."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import requests.exceptions

from ..config import Endpoint
from .upload_state import Broken

__all__ = ["broken"]

CONNECT_RETRIES = 3

_NETWORK = "Check the network, the base URL, and the proxy if there is one."
_OFFLINE = "Start it again with %gemfiles offline start."


class _Kind(NamedTuple):
    """One way to fail: which errors it shows by, how to say it, and whether to try again."""

    errors: tuple[type[BaseException], ...]
    text: str
    is_final: bool = False
    most: int | None = None
    hint: str = _NETWORK


# The first that fits says it best.
_KINDS = (
    _Kind(
        (ssl.SSLCertVerificationError,),
        "The certificate of {where} is not trusted",
        is_final=True,
        hint="Behind a company proxy, point REQUESTS_CA_BUNDLE at its certificates.",
    ),
    _Kind((requests.exceptions.ProxyError,), "The proxy on the way to {where} refused", is_final=True),
    _Kind((socket.gaierror,), "The host {host} can't be found", most=CONNECT_RETRIES),
    _Kind((ConnectionRefusedError,), "Nothing answers at {where}", most=CONNECT_RETRIES),
    _Kind((requests.exceptions.ConnectTimeout,), "{where} does not answer", most=CONNECT_RETRIES),
    _Kind((requests.exceptions.Timeout, TimeoutError), "The connection to {where} fell silent"),
    _Kind((BaseException,), "The connection to {where} broke"),
)


def broken(error: BaseException, endpoint: Endpoint) -> Broken:
    """Return what a failed request means."""
    parts = urlsplit(endpoint.base_url)
    causes = tuple(_causes(error))
    kind = next(kind for kind in _KINDS if any(isinstance(cause, kind.errors) for cause in causes))
    hint = _OFFLINE if endpoint.is_offline and kind.hint is _NETWORK else kind.hint
    text = kind.text.format(where=parts.netloc or "the service", host=parts.hostname)
    return Broken(text, is_final=kind.is_final, most=kind.most, hint=hint, now=time.monotonic())


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk an error, the reasons urllib3 wraps, and the chain behind them."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        waiting += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
