"""Which congestion control connections use, where the kernel lets a process choose BBR.

BBR keeps its pace on a link that loses packets, where others nearly stop. But it sends a small body at
the pace of the ones before, where others send it at once, and on a long link without losses it pauses to
measure. So connections begin with one of the others, go over to BBR for a big upload over a link that is
not known yet, or once packets are lost, and else come back.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["Congestion", "SocketOption"]

SocketOption = tuple[int, int, int | bytes]

ALLOWED = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
BBR = "bbr"
# They send what fits into a window at once; the first of these that is allowed.
BURSTING = ("cubic", "reno")
# Where Linux' struct tcp_info holds the packets sent again, the bytes that arrived, all packets sent.
FACTS = struct.Struct("=100xI16xQ8xI")
# One packet may be sent again for no reason. Small bodies share a connection for long: with them it is
# more than this share of the packets that tells of a link that loses some.
LEAST_SENT_AGAIN, LEAST_SHARE = 2, 0.001
# After so many a link without losses is known as such; less than a first piece.
KNOWN_BYTES = 4 * 1024**2


class Congestion:
    """The choice for connections; none where the kernel offers no BBR."""

    def __init__(self) -> None:
        allowed = _allowed()
        self._bbr = _option(BBR) if BBR in allowed else None
        bursting = next((name for name in BURSTING if name in allowed), None)
        self._bursting = _option(bursting) if bursting and self._bbr else None

    @property
    def first_options(self) -> list[SocketOption]:
        """What a connection begins with."""
        return [self._bursting] if self._bursting else []

    def choose(self, connection: Any, *, is_of_big_upload: bool) -> None:
        """Choose anew for a connection of urllib3, between two requests.

        Parameters
        ----------
        is_of_big_upload
            The next request over it has a big body, unless another upload gets it first.
        """
        used = getattr(connection, "sock", None)
        if not self._bbr or used is None:
            return
        with suppress(OSError, AttributeError, struct.error):  # closed, TLS in TLS, or no such facts
            if _is_for_bbr(used, is_of_big_upload=is_of_big_upload):
                used.setsockopt(*self._bbr)
            elif self._bursting:
                used.setsockopt(*self._bursting)


def _is_for_bbr(connection: socket.socket, *, is_of_big_upload: bool) -> bool:
    facts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, FACTS.size)
    again, arrived, sent = (int(fact) for fact in FACTS.unpack(facts))
    is_lossy = again >= LEAST_SENT_AGAIN
    if is_of_big_upload:
        return is_lossy or arrived < KNOWN_BYTES
    return is_lossy and again >= LEAST_SHARE * sent


def _allowed() -> list[str]:
    try:
        return ALLOWED.read_text().split()
    except OSError:  # another system
        return []


def _option(name: str) -> SocketOption | None:
    """Return the option for a congestion control; None where it is refused, which would fail connections."""
    try:
        option = (socket.IPPROTO_TCP, socket.TCP_CONGESTION, name.encode())
        with socket.socket() as probe:
            probe.setsockopt(*option)
    except (OSError, AttributeError):  # a sandbox, or another kernel
        return None
    return option
