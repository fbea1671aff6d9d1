"""The offline server from the user's side: is it there, start it, stop it, move its clock, empty it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..config import Endpoint, home, reached
from ..errors import CannotConnect, InvalidUsage
from ..keys import Secret
from ..offline import launcher
from ..views.quantities import count_text

__all__ = ["advance", "reset", "running_endpoint", "start", "status", "stop"]

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def status() -> str:
    """Say whether the offline server runs, where, and what time it has when that is not the right one."""
    server = launcher.find(home())
    if server is None:
        return "The offline server is not running; it starts by itself when it is needed."
    text = f"The offline server runs at {server.address}."
    ahead = _ahead_text(server.clock_ahead_seconds)
    return f"{text} Its clock is {ahead}." if ahead else text


def running_endpoint() -> Endpoint | None:
    """Return how to reach the offline server if it runs; it is not started."""
    server = launcher.find(home())
    return Endpoint(server.address, Secret(server.key), is_offline=True) if server else None


def start() -> str:
    """Start the offline server unless it runs, and say where it is."""
    reached(Endpoint("", is_offline=True))
    return status()


def stop() -> str:
    """Stop the offline server; its files stay for the next time."""
    with _server_problems():
        stopped = launcher.stop(home())
    if stopped:
        return "The offline server has stopped; its files stay until they expire."
    return "The offline server was not running."


def advance(seconds: float) -> str:
    """Move the clock of the offline server, so that files expire without waiting two days.

    Raises
    ------
    InvalidUsage
        That is further than its clock goes.
    CannotConnect
        The server does not start or does not answer.
    """
    with _server_problems():
        moved = launcher.advance(home(), seconds)
    clock = f"The offline server's clock is {_ahead_text(moved.ahead_seconds) or 'right'}"
    return f"{clock}; {_expired_text(moved.expired_files)}."


def reset() -> str:
    """Remove all files and stores of the offline server and set its clock right; ask before calling this.

    Raises
    ------
    CannotConnect
        The server does not start or does not answer.
    """
    with _server_problems():
        removed = launcher.reset(home())
    gone = "there were no files" if not removed else f"{count_text(removed, 'file')} removed"
    return f"The offline server is as new: {gone}, and its clock is right."


@contextmanager
def _server_problems() -> Iterator[None]:
    try:
        yield
    except launcher.OfflineServerError as error:
        raise CannotConnect(str(error), hint="See %gemfiles offline.") from None
    except ValueError as error:
        raise InvalidUsage(str(error)) from None


def _ahead_text(seconds: float) -> str:
    """Return ``2 days 1 hour ahead``; nothing when the clock is right."""
    left = round(abs(seconds))
    said: list[str] = []
    for unit, length in _UNITS:
        count, left = divmod(left, length)
        if count:
            said.append(count_text(count, unit))
    if not said:
        return ""
    return f"{' '.join(said[:2])} {'ahead' if seconds > 0 else 'behind'}"


def _expired_text(count: int) -> str:
    if not count:
        return "no file has expired"
    return f"{count_text(count, 'file')} {'has' if count == 1 else 'have'} expired"
