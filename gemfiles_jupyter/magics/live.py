"""What moves while a magic runs: one display that is updated in place, static at the end."""

from __future__ import annotations

import sys
import time
from typing import Any

from IPython.display import display

from ..transfers.progress import Phase, Progress
from ..views.rows import batch_step, batch_view
from ..views.terminal import TerminalLine
from ..views.view import View

__all__ = ["LiveView", "show"]

# %%capture keeps every update, and a browser has better things to do.
SHORTEST_PAUSE_SECONDS = 0.25


# IPython ships display() without types.
show: Any = display


class LiveView:
    """One place in a cell's output. Only the cell's own thread may use it."""

    def __init__(self, shell: Any, *, is_quiet: bool = False) -> None:
        self.is_open = False
        self._is_quiet = is_quiet
        self._handle: Any = None
        self._terminal = None if getattr(shell, "kernel", None) else TerminalLine(sys.stdout)
        self._last = 0.0
        self._pending: dict[str, str] | None = None

    def update(self, view: View, step: object = None) -> None:
        """Show a state on the way.

        Parameters
        ----------
        step
            Where nothing can be redrawn (a log file), a state is shown only when its step is new.
        """
        if self._is_quiet:
            return
        if self._terminal:
            self._terminal.update(view.text, step)
            self.is_open = True
            return
        self._show(view.bundle, is_last=False)

    def finish(self, view: View) -> None:
        """Show the last state, which is what the notebook keeps."""
        if self._is_quiet:
            return
        if self._terminal:
            self._terminal.finish(view.text)
            return
        self._show(view.bundle, is_last=True)

    def follow(self, batch: tuple[Progress, ...], *, variable: str = "", is_offline: bool = False) -> None:
        """Show where a batch of transfers stands."""
        is_over = all(item.phase.is_over for item in batch)
        if is_over and len(batch) == 1 and batch[0].phase is Phase.FAILED and not self.is_open:
            return  # nothing was shown yet, and the error says it all
        if not is_over and not self._is_due():
            return
        view = batch_view(batch, variable=variable, is_offline=is_offline)
        if is_over and len(batch) > 1 and any(item.phase is Phase.FAILED for item in batch):
            self._is_quiet = False  # quiet or not, what did not arrive is said
        if is_over:
            self.finish(view)
        else:
            self.update(view, batch_step(batch))

    def show(self, bundle: dict[str, str], *, is_last: bool) -> None:
        """Show a bundle of another kind, such as Markdown; in a terminal it grows."""
        if self._terminal:
            if is_last:
                self._terminal.grow(bundle["text/plain"] + "\n")
            elif "text/html" not in bundle:  # what has HTML may be another text at the end
                self._terminal.grow(bundle["text/plain"])
            return
        self._show(bundle, is_last=is_last)

    def _show(self, bundle: dict[str, str], *, is_last: bool) -> None:
        if self._handle is None:
            self._handle = show(bundle, raw=True, display_id=True)
            self.is_open = True
        elif is_last or self._is_due():
            self._handle.update(bundle, raw=True)
        else:
            return
        self._last = time.monotonic()

    def _is_due(self) -> bool:
        return time.monotonic() - self._last >= SHORTEST_PAUSE_SECONDS
