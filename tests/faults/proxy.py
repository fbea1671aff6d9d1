"""A TCP proxy that breaks connections as planned: for faults that no HTTP server can script.

with FaultProxy(port, Plan(cut=Cut.RESET, after=1000), Plan(slice_bytes=7)) as proxy:
    ...                          # talk to proxy.address
    assert not proxy.unfired()

The first connection meets the first plan, and so on; when the plans are used up, nothing happens any
more.  A plan whose connection ended before its time meets the next one, and there at its first byte.
It is meant for one client that opens one connection after the other.

It listens on ``[::1]`` under the server's own port, so that the server hears its own name as host.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from types import TracebackType

PIECE_BYTES = 64 * 1024
HELD_BYTES = 1024 * 1024
MOST_SLICES = 2000
LONGEST_SELECT_SECONDS = 0.1
SETTLE_SECONDS = 0.3


class Cut(str, Enum):
    """How a connection ends.

    REFUSE
        Reset before anything was said.
    RESET
        Reset both ways.
    HALF_OPEN
        Nothing passes any more, either way, and nobody is told.
    """

    REFUSE = "refuse"
    RESET = "reset"
    HALF_OPEN = "half-open"


@dataclass(frozen=True)
class Plan:
    """What one connection meets.

    Attributes
    ----------
    cut, after, answer_bytes
        It ends once so many of the client's bytes have passed; with `answer_bytes` once so many bytes of
        what the server says after them have passed too.
    slice_bytes
        The first bytes each way pass in such small pieces, up to 2000 of them.
    bytes_per_second
        Each way.
    delay_seconds
        Each way, as on a long link: what is under way is not waited for.
    """

    cut: Cut | None = None
    after: int = 0
    answer_bytes: int | None = None
    slice_bytes: int = 0
    bytes_per_second: float = 0.0
    delay_seconds: float = 0.0

    def features(self) -> set[str]:
        """Return what is planned, by name."""
        names = {name for name in ("slice_bytes", "bytes_per_second", "delay_seconds") if getattr(self, name)}
        return names | ({"cut"} if self.cut else set())

    def __str__(self) -> str:
        told = {item.name: getattr(self, item.name) for item in fields(self)}
        changed = {item.name for item in fields(self) if told[item.name] != item.default}
        return ", ".join(f"{name}={told[name]}" for name in told if name in changed)


class FaultProxy:
    """A proxy in front of a server on this machine, for as long as the ``with`` block lasts.

    Parameters
    ----------
    port
        The server's on 127.0.0.1, and the proxy's own on [::1].
    """

    def __init__(self, port: int, *plans: Plan) -> None:
        self.address = f"http://[::1]:{port}"
        self.connections = 0
        self._port = port
        self._lock = threading.Condition()
        self._live: list[set[str]] = []
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.plan(*plans)
        self._listener = socket.create_server(("::1", port), family=socket.AF_INET6, backlog=64)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def plan(self, *plans: Plan) -> None:
        """Forget all plans and their connections, and take these for the next ones."""
        with self._lock:
            self._over.set()
            self._over = threading.Event()
            self.connections = 0
            self._waiting = deque(enumerate(plans))
            self._unfired = {index: plan.features() for index, plan in enumerate(plans)}
            self._plans = plans

    def unfired(self) -> list[str]:
        """Return what was planned and did not happen."""
        with self._lock:
            return [
                f"{', '.join(sorted(names))} of plan {index} ({self._plans[index]})"
                for index, names in self._unfired.items()
                if names
            ]

    def close(self) -> None:
        """Drop every connection and stop listening."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(client,), daemon=True)
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def _carry(self, client: socket.socket) -> None:
        with self._lock:
            # The client has left the connection before; its plan may have to come back first.
            self._lock.wait_for(lambda: not any("cut" in one for one in self._live), SETTLE_SECONDS)
            self.connections += 1
            index, plan = self._waiting.popleft() if self._waiting else (-1, Plan())
            unfired, over = self._unfired.get(index, set()), self._over
            self._live.append(unfired)
        _Connection(client, self._port, plan, unfired, over).run()
        with self._lock:
            self._live = [one for one in self._live if one is not unfired]
            if "cut" in unfired and not over.is_set():
                self._waiting.appendleft((index, replace(plan, after=min(plan.after, 1))))
            self._lock.notify_all()


@dataclass(eq=False)
class _Way:
    """One direction: what was read, when each piece is due, and how much has passed."""

    source: socket.socket
    target: socket.socket
    plan: Plan
    under_way: deque[tuple[float, memoryview]] = field(default_factory=deque)
    held: int = 0
    slices: int = 0
    passed: int = 0
    free_at: float = 0.0
    has_ended: bool = False

    @property
    def due(self) -> float:
        return self.under_way[0][0] if self.under_way else float("inf")

    def take(self) -> None:
        """Read what there is and decide when its pieces will have crossed."""
        data = memoryview(self.source.recv(PIECE_BYTES))
        if not data:
            self.has_ended = True
            return
        while data:
            is_sliced = self.plan.slice_bytes and self.slices < MOST_SLICES
            size = self.plan.slice_bytes if is_sliced else len(data)
            piece, data = data[:size], data[size:]
            self.slices += 1
            self.held += len(piece)
            self.free_at = max(time.monotonic(), self.free_at)
            if self.plan.bytes_per_second:
                self.free_at += len(piece) / self.plan.bytes_per_second
            self.under_way.append((self.free_at + self.plan.delay_seconds, piece))

    def give(self, most: int) -> bool:
        """Send the first piece that is due, no more than `most` of it; tell whether any was sent."""
        due, piece = self.under_way[0]
        count = self.target.send(piece[:most])
        self.under_way[0] = due, piece[count:]
        if count == len(piece):
            self.under_way.popleft()
        self.held -= count
        self.passed += count
        return count > 0


class _Connection:
    """One client's connection and its way through the plan, in one thread."""

    def __init__(
        self, client: socket.socket, port: int, plan: Plan, unfired: set[str], over: threading.Event
    ) -> None:
        self._client, self._port, self._plan = client, port, plan
        self._unfired, self._over = unfired, over

    def run(self) -> None:
        if self._plan.cut is Cut.REFUSE:
            self._unfired.discard("cut")
            _reset(self._client)
            return
        with self._client, socket.create_connection(("127.0.0.1", self._port)) as server:
            for end in (self._client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end.setblocking(False)
            up = _Way(self._client, server, self._plan)
            down = _Way(server, self._client, self._plan)
            try:
                self._pass(up, down)
            except OSError:  # one end broke it off: so does the other
                _reset(self._client)
                _reset(server)

    def _pass(self, up: _Way, down: _Way) -> None:
        answered = 0  # bytes of the server after the client's `after`
        while not self._over.is_set():
            is_past = self._plan.cut is not None and up.passed >= self._plan.after
            if is_past and (self._plan.answer_bytes is None or (answered >= self._plan.answer_bytes > 0)):
                self._cut(up, down)
                return
            sendable = self._await(up, down)
            if up in sendable:
                self._note(up.give(self._room(up)))
            if down in sendable:
                if is_past and self._plan.answer_bytes == 0:
                    self._cut(up, down)
                    return
                before = down.passed
                self._note(down.give((self._plan.answer_bytes or 0) - answered if is_past else PIECE_BYTES))
                answered += down.passed - before if is_past else 0
            if up.has_ended or (down.has_ended and not down.under_way):
                return  # a client that closes has given up: what is still under way is lost

    def _room(self, up: _Way) -> int:
        """Return how many bytes may pass up before something is due to happen."""
        is_ahead = self._plan.cut is not None and up.passed < self._plan.after
        return self._plan.after - up.passed if is_ahead else PIECE_BYTES

    def _await(self, up: _Way, down: _Way) -> list[_Way]:
        """Wait until something can be read or is due; read it, and return which way can send."""
        now = time.monotonic()
        due = [way for way in (up, down) if way.due <= now]
        readers = [way.source for way in (up, down) if not way.has_ended and way.held < HELD_BYTES]
        later = [way.due - now for way in (up, down) if way.due > now]
        wait = min([LONGEST_SELECT_SECONDS, *later])
        readable, writable, _ = select.select(readers, [way.target for way in due], [], wait)
        for way in (up, down):
            if way.source in readable:
                way.take()
        return [way for way in due if way.target in writable]

    def _note(self, has_passed: bool) -> None:
        if has_passed:
            self._unfired &= {"cut"}

    def _cut(self, up: _Way, down: _Way) -> None:
        self._unfired.discard("cut")
        if self._plan.cut is Cut.HALF_OPEN:
            self._over.wait()
            return
        _reset(up.source)
        _reset(down.source)


def _reset(connection: socket.socket) -> None:
    """Close with RST."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
