"""The offline server from the user's side: is it there, start it, stop it."""

from __future__ import annotations

from ..config import Endpoint, home, reached
from ..offline import launcher

__all__ = ["start", "status", "stop"]


def status() -> str:
    """Say whether the offline server runs, and where."""
    server = launcher.find(home())
    if server is None:
        return "The offline server is not running; it starts by itself when it is needed."
    return f"The offline server runs at {server.address}."


def start() -> str:
    """Start the offline server unless it runs, and say where it is."""
    return f"The offline server runs at {reached(Endpoint('', is_offline=True)).base_url}."


def stop() -> str:
    """Stop the offline server; its files stay for the next time."""
    if launcher.stop(home()):
        return "The offline server has stopped; its files stay until they expire."
    return "The offline server was not running."
