"""A line that moves on a terminal; where nothing can move (a pipe, a log, a cell), a line at each step."""

from __future__ import annotations

import os
import shutil
from typing import TextIO

from .widths import clip

__all__ = ["TerminalLine"]

_CLEAR = "\r\x1b[2K"


class TerminalLine:
    """Writes the state of something that takes time to a text stream.

    Attributes
    ----------
    can_move
        Whether a line can be written anew in its place.
    """

    def __init__(self, stream: TextIO) -> None:
        self.can_move = stream.isatty() and not _is_in_cell()
        self._stream = stream
        self._step: object = None
        self._grown = ""

    def update(self, text: str, step: object) -> None:
        """Show a state on the way: its first line in place, or a new line when ``step`` is new."""
        first = text.partition("\n")[0]
        if self.can_move:
            width = shutil.get_terminal_size().columns - 1
            self._write(_CLEAR + clip(first, width))
        elif step != self._step:
            self._step = step
            self._write(first + "\n")

    def grow(self, text: str) -> None:
        """Write what a text has more than it had the last time, such as an answer that is coming."""
        if not self._grown:
            self.clear()
        if not text.startswith(self._grown):  # what was masked or escaped may change once more is known
            self._write("\n")
            self._grown = ""
        self._write(text[len(self._grown) :])
        self._grown = text

    def clear(self) -> None:
        """Take the moving line away, so that a result can take its place."""
        if self.can_move:
            self._write(_CLEAR)

    def finish(self, text: str) -> None:
        """Show the last state whole, and leave it standing."""
        self._write((_CLEAR if self.can_move else "") + text + "\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _is_in_cell() -> bool:
    """Whether this is a command of a notebook's cell (``!gemfiles``): its terminal is one that nobody sees.

    The notebook would keep every state, and the codes between them. ipykernel gives its commands both names.
    """
    return "JPY_PARENT_PID" in os.environ and os.environ.get("TERM") == "xterm-color"
