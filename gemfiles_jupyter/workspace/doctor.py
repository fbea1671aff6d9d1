"""Looks for what keeps uploads and prompts from working, and says what to do about it.

Every check that could hang runs in a thread of its own and is given up after a while; none of them starts
the offline server, and none shows the key or a path of this machine.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..client.problems import error_of
from ..client.reply import Reply, http_date
from ..client.transport import Transport
from ..config import API_VERSION, Choice, Endpoint, choose
from ..errors import GemfilesError, KeyProblem, QuotaExceeded
from ..keys import Secret
from ..views.doctor import Check, Verdict
from . import offline
from .installation import check_disk, check_extensions, check_journal, check_versions

__all__ = ["Diagnosis", "examine"]

PATIENCE_SECONDS = 6.0
# A clock that is further off than this breaks TLS and confuses the time to live.
SKEW_SECONDS = 60.0
GOOD, DOUBTFUL, BAD = Verdict.GOOD, Verdict.DOUBTFUL, Verdict.BAD
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks, in the order they are shown."""

    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """Those that have to be fixed."""
        return tuple(check for check in self.checks if check.verdict is Verdict.BAD)


def examine() -> Diagnosis:
    """Make all checks, which takes a few seconds at most."""
    try:
        choice = choose()
    except GemfilesError as error:
        about = [Check("settings", BAD, error.message, error.hint)]
    else:
        about = [_check_key(choice), *_check_endpoint(choice)]
    here = (check_versions, check_journal, check_disk, check_extensions)
    return Diagnosis((*about, *(check for make in here for check in make())))


def _check_key(choice: Choice) -> Check:
    key = choice.endpoint.key
    if key:
        return Check("key", GOOD, f"from {choice.key_source} (fingerprint {key.fingerprint()[:8]})")
    if choice.endpoint.base_url:
        return Check("key", GOOD, "none; the gateway is to add its own")
    return Check("key", DOUBTFUL, "none", "For the service: %gemfiles key, or set GOOGLE_API_KEY.")


def _check_endpoint(choice: Choice) -> list[Check]:
    endpoint = choice.endpoint
    if endpoint.is_offline:
        return [
            Check("endpoint", GOOD, f"the offline server, because {_because(choice.reason)}"),
            *_patiently([("offline server", lambda: [Check("offline server", GOOD, offline.status())])]),
        ]
    parts = urlsplit(endpoint.base_url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    proxy = _proxy_of(parts.scheme, host)
    there = Check("endpoint", GOOD, f"{endpoint.base_url}, because {_because(choice.reason)}")
    asked: list[tuple[str, Callable[[], list[Check]]]] = [("service", lambda: _check_service(endpoint))]
    if proxy:
        way = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        near, gate = way.hostname or "", way.port or 80
        shown = Check("proxy", GOOD, f"{near}:{gate}")
        asked.insert(0, ("proxy", lambda: _check_connection("proxy", near, gate)))
    else:
        shown = Check("proxy", GOOD, "none")
        asked.insert(0, ("network", lambda: _check_connection("network", host, port)))
    found = _patiently(asked)
    return [there, *([] if proxy else [shown]), _check_certificates(), *found]


def _because(reason: str) -> str:
    return reason if " " in reason else f"of {reason}"


def _proxy_of(scheme: str, host: str) -> str:
    """Return the proxy of the environment for a host; empty where there is none."""
    if urllib.request.proxy_bypass(host):
        return ""
    proxies = urllib.request.getproxies()
    return proxies.get(scheme) or proxies.get("all") or ""


def _check_certificates() -> Check:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        place = os.environ.get(name)
        if place:
            is_there = Path(place).exists()
            said = (
                f"{Path(place).name}, because of {name}"
                if is_there
                else f"{name} names a file that is not there"
            )
            return Check(
                "certificates",
                GOOD if is_there else BAD,
                said,
                "" if is_there else f"Correct or unset {name}.",
            )
    return Check("certificates", GOOD, "those of requests (certifi)")


def _check_connection(name: str, host: str, port: int) -> list[Check]:
    """Look a host up and connect to it, without a request."""
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return [Check(name, BAD, f"DNS does not know {host}", "Check the network, the name and the proxy.")]
    started = time.monotonic()
    try:
        socket.create_connection((host, port), timeout=PATIENCE_SECONDS / 2).close()
    except OSError as error:
        why = "nothing listens there" if isinstance(error, ConnectionRefusedError) else "no answer"
        fix = "Check the network; a company network may need a proxy: HTTPS_PROXY."
        return [Check(name, BAD, f"{host}:{port} is not reached: {why}", fix)]
    count = len({place[4][0] for place in places})
    addresses = "1 address" if count == 1 else f"{count} addresses"
    return [Check(name, GOOD, f"{host} has {addresses}; connected in {_ms(started)}")]


def _check_service(endpoint: Endpoint) -> list[Check]:
    """Ask the service something small: TLS, the key and the clock show in its answer."""
    transport = Transport(endpoint)
    url = transport.url(f"/{API_VERSION}/files?pageSize=1")
    started = time.monotonic()
    outcome = transport.attempt("GET", Secret(url), read_seconds=PATIENCE_SECONDS)
    transport.close()
    if not isinstance(outcome, Reply):
        return [Check("service", BAD, outcome.reason, outcome.hint)]
    return [_judged(outcome, _ms(started)), *_check_clock(outcome.header("Date"))]


def _judged(reply: Reply, took: str) -> Check:
    if reply.status == 200:
        return Check("service", GOOD, f"answered in {took}, and accepts the key")
    error = error_of(reply)
    if isinstance(error, QuotaExceeded):
        return Check(
            "service", DOUBTFUL, f"accepts the key, but the quota is used up: {error.message}", error.hint
        )
    if isinstance(error, KeyProblem):
        return Check("service", BAD, f"refuses the key: {error.message}", "Give another with %gemfiles key.")
    return Check("service", BAD, f"answered {reply.status}: {error.message}", error.hint)


def _check_clock(date: str) -> list[Check]:
    when = http_date(date)
    if when is None:
        return []
    ahead = time.time() - when.timestamp()
    if abs(ahead) <= SKEW_SECONDS:
        return [Check("clock", GOOD, "agrees with the service's")]
    said = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the service's"
    return [
        Check("clock", DOUBTFUL, said, "Set the clock of this machine: TLS and the time to live need it.")
    ]


def _ms(started: float) -> str:
    return f"{1000 * (time.monotonic() - started):.0f} ms"


def _patiently(makers: Sequence[tuple[str, Callable[[], list[Check]]]]) -> list[Check]:
    """Make checks at the same time; what does not come to an end is bad, and left behind."""
    found: dict[str, list[Check]] = {}

    def make(name: str, maker: Callable[[], list[Check]]) -> None:
        found[name] = maker()

    threads = [threading.Thread(target=make, args=item, daemon=True) for item in makers]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = f"no answer within {PATIENCE_SECONDS:.0f} s"
    missing = {name: [Check(name, BAD, late, "Check the network and the proxy.")] for name, _ in makers}
    return [check for name, _ in makers for check in found.get(name, missing[name])]
