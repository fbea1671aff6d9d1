"""What verbs show while the service processes a file."""

from __future__ import annotations

from collections.abc import Callable

from ...client.models import File
from ...views.rows import waiting_view
from .desk import Desk

__all__ = ["shown_waiting"]


def shown_waiting(desk: Desk) -> Callable[[File, float], None]:
    """Return what is told of each poll, with the seconds waited, and shows it."""

    def on_poll(file: File, waited_seconds: float) -> None:
        desk.update(waiting_view(file, waited_seconds), (file.name, int(waited_seconds) // 10))

    return on_poll
