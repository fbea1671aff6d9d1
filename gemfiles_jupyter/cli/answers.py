"""An answer on the terminal, as it comes."""

from __future__ import annotations

import sys

from ..client.models import File
from ..client.prompts import Answer
from ..transfers.progress import Progress
from ..views.answers import AnswerForm, Foot, answer_text
from ..views.rows import batch_step, batch_view, waiting_view
from ..views.terminal import TerminalLine
from .desk import TerminalDesk

__all__ = ["PromptDesk", "TerminalStage"]


class PromptDesk(TerminalDesk):
    """A terminal where uploads are only on the way to an answer: they leave no result on stdout."""

    def __init__(self) -> None:
        super().__init__(is_quiet=True)
        self._moving = TerminalLine(sys.stderr)

    def follow(self, batch: tuple[Progress, ...], *, is_offline: bool) -> None:
        """Show where uploads stand while someone looks, and what did not arrive."""
        if all(item.phase.is_over for item in batch):
            self._moving.clear()
            super().follow(batch, is_offline=is_offline)
        elif self._moving.can_move:
            self._moving.update(batch_view(batch, is_offline=is_offline).text, batch_step(batch))


class TerminalStage:
    """The answer on standard output, all that is said of it on standard error."""

    def __init__(self) -> None:
        self._waiting = TerminalLine(sys.stderr)
        self._answer = TerminalLine(sys.stdout)

    def waiting(self, file: File, waited_seconds: float) -> None:
        """Show that a file of the prompt is still being processed."""
        self._waiting.update(waiting_view(file, waited_seconds).text, (file.name, int(waited_seconds) // 10))

    def give_up(self) -> None:
        """Take the line that waits away."""
        self._waiting.clear()

    def show(self, answer: Answer, form: AnswerForm, foot: Foot, *, is_last: bool) -> None:
        """Print what is new; JSON when it is whole."""
        self._waiting.clear()
        text = answer_text(answer.text, form)
        if is_last:
            self._answer.grow(text if text.endswith("\n") else text + "\n")
        elif form is not AnswerForm.JSON:
            self._answer.grow(text)
        if is_last and (foot.warning or sys.stderr.isatty()):
            print(foot.text, file=sys.stderr)

    def keep(self, answer: Answer) -> None:
        """Do nothing: what came was printed."""
