"""An emulated link: two network namespaces, and between them a delay, a rate, a queue and losses.

Packets cross in user space, between two TUN devices, so that both ends run the kernel's own TCP with
its slow start, windows and buffers; a proxy that ends the connections would hide just these.  (netem
would do the same where the kernel has it.)  Needs root and /dev/net/tun.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import random
import select
import struct
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

TUNSETIFF = 0x400454CA
TUNSETOFFLOAD = 0x400454D0
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x1, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4 = 1, 2
PACKET_BYTES = 70_000
SEGMENT_BYTES = 1448
HEADER_BYTES = 52
LEAST_QUEUE_BYTES = 512 * 1024

ALLOWED = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
CLIENT, SERVER = "10.77.0.1", "10.77.0.2"


def is_possible() -> bool:
    """Whether this process may build a link."""
    return os.name == "posix" and os.geteuid() == 0 and Path("/dev/net/tun").exists()


class Link:
    """A link for as long as the ``with`` block lasts; commands with `client` run at its near end.

    Parameters
    ----------
    rate
        Bits a second, each way.
    round_trip
        Seconds.
    loss
        Share of the packets lost on the way to the server.
    congestion
        Congestion control of both ends, where it is not the machine's.
    """

    def __init__(self, rate: float, round_trip: float, loss: float = 0.0, congestion: str = "") -> None:
        self._rate, self._round_trip, self._loss, self._congestion = rate, round_trip, loss, congestion
        self._names = [f"gemfiles-{end}-{os.getpid()}" for end in ("near", "far")]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> list[str]:
        return ["ip", "netns", "exec", self._names[0]]

    @property
    def server(self) -> list[str]:
        return ["ip", "netns", "exec", self._names[1]]

    def __enter__(self) -> Link:
        ends = []
        try:
            for number, (name, own, other) in enumerate(
                zip(self._names, (CLIENT, SERVER), (SERVER, CLIENT), strict=True)
            ):
                device = f"gemf{number}p{os.getpid()}"
                ends.append(_tun(device))
                _ip("netns", "add", name)
                _ip("link", "set", device, "netns", name)
                inside = ("-n", name)
                _ip(*inside, "addr", "add", own, "peer", other, "dev", device)
                _ip(*inside, "link", "set", "lo", "up")
                _ip(*inside, "link", "set", device, "txqueuelen", "5000", "up")
                if self._congestion in ALLOWED.read_text().split():
                    _in_namespace(name, "tcp_congestion_control", self._congestion)
                elif self._congestion:  # not as a default; by route, it overrides what a socket chose
                    _ip(*inside, "route", "replace", other, "dev", device, "congctl", self._congestion)
                # What one connection learned about the path must not help or hurt the next.
                _in_namespace(name, "tcp_no_metrics_save", "1")
            arguments = [str(value) for value in (*ends, self._rate, self._round_trip / 2, self._loss)]
            self._process = subprocess.Popen([sys.executable, __file__, *arguments], pass_fds=ends)
        except BaseException:
            self._remove()
            raise
        finally:
            for end in ends:
                os.close(end)
        return self

    def __exit__(self, *error: object) -> None:
        self._remove()

    def _remove(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
        for name in self._names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


class _Direction:
    """One way across: serialised at the rate, then delayed, in order; the queue drops its tail."""

    def __init__(self, source: int, target: int, rate: float, delay: float, loss: float) -> None:
        self.source, self._target = source, target
        self._seconds_a_byte, self._delay, self._loss = 8 / rate, delay, loss
        # Twice what the link holds, as a router's buffer would.
        self._queue_seconds = max(2 * 2 * delay, LEAST_QUEUE_BYTES * self._seconds_a_byte)
        self._free_at = 0.0
        self._under_way: deque[tuple[float, bytes]] = deque()
        self._chance = random.Random(7)

    def take(self, now: float) -> None:
        for _ in range(64):
            try:
                packet = os.read(self.source, PACKET_BYTES)
            except BlockingIOError:
                return
            segments = max(1, -(-(len(packet) - 62) // SEGMENT_BYTES))
            start = max(now, self._free_at)
            if start - now > self._queue_seconds or self._is_lost(segments):
                continue
            self._free_at = start + (len(packet) + segments * HEADER_BYTES) * self._seconds_a_byte
            self._under_way.append((self._free_at + self._delay, packet))

    def give(self, now: float) -> None:
        while self._under_way and self._under_way[0][0] <= now:
            try:
                os.write(self._target, self._under_way[0][1])
            except BlockingIOError:
                return
            self._under_way.popleft()

    @property
    def due(self) -> float:
        return self._under_way[0][0] if self._under_way else float("inf")

    def _is_lost(self, segments: int) -> bool:
        return self._loss > 0 and self._chance.random() < 1 - (1 - self._loss) ** segments


def carry(near: int, far: int, rate: float, delay: float, loss: float) -> None:
    """Carry packets both ways until killed."""
    directions = [_Direction(near, far, rate, delay, loss), _Direction(far, near, rate, delay, 0.0)]
    for direction in directions:
        os.set_blocking(direction.source, False)
    while True:
        wait = min(direction.due for direction in directions) - time.monotonic()
        readable, _, _ = select.select([near, far], [], [], min(1.0, max(0.0, wait)))
        now = time.monotonic()
        for direction in directions:
            if direction.source in readable:
                direction.take(now)
            direction.give(time.monotonic())


def _tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR)
    flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    fcntl.ioctl(device, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)
    return device


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _in_namespace(name: str, setting: str, value: str) -> None:
    command = f"echo {value} > /proc/sys/net/ipv4/{setting}"
    subprocess.run(["ip", "netns", "exec", name, "sh", "-c", command], check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ends", type=int, nargs=2)
    parser.add_argument("rate", type=float)
    parser.add_argument("delay", type=float)
    parser.add_argument("loss", type=float)
    options = parser.parse_args()
    carry(*options.ends, options.rate, options.delay, options.loss)


if __name__ == "__main__":
    main()
