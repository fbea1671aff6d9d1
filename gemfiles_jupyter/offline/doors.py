"""Who may come in: checked for every request before any handler is chosen.

The server stands on the user's own machine, where any web page that they visit can
send requests to it.  So it answers only to its own exact name (a page that
rebinds DNS sends another), and to no page at all unless its origin was allowed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from tornado.httputil import HTTPServerRequest

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_WILDCARDS = ("0.0.0.0", "::", "")  # noqa: S104 - names to compare with


class Doors:
    """The rules of one listening address."""

    def __init__(self, host: str, port: int, allowed_origins: Iterable[str] = ()) -> None:
        self._port = port
        self._any_literal = host in _WILDCARDS
        names = {*_LOOPBACK_NAMES, f"[{host}]" if ":" in host else host.lower()}
        self._hosts = frozenset(f"{name}:{port}" for name in names)
        self._origins = frozenset(allowed_origins)

    def refusal(self, request: HTTPServerRequest) -> str | None:
        """Return why a request may not come in; None when it may."""
        hosts = request.headers.get_list("Host")
        if len(hosts) != 1 or not self._is_own(hosts[0].lower()):
            return "This server answers only to its own address."
        origins = request.headers.get_list("Origin")
        if any(origin not in self._origins for origin in origins):
            return "Web pages may not call this server."
        site = request.headers.get("Sec-Fetch-Site", "none").lower()
        if not origins and site not in ("none", "same-origin"):
            return "Web pages may not call this server."
        return None

    def _is_own(self, host: str) -> bool:
        if host in self._hosts or (self._port == 80 and f"{host}:80" in self._hosts):
            return True
        # Listening on every interface: any address will do, but no name, which could be rebound.
        name, _, port = host.rpartition(":")
        return self._any_literal and port == str(self._port) and _is_address(name.strip("[]"))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
