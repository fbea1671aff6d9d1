"""An answer in the output of a cell: what it waits for, how it grows, how it stands at the end."""

from __future__ import annotations

from ..client.models import File
from ..client.prompts import Answer
from ..views.answers import AnswerForm, Foot, answer_bundle
from ..views.rows import not_ready_view, waiting_view
from .notebook import Notebook

__all__ = ["NotebookStage"]


class NotebookStage:
    """One place in the output: the line that waits gives way to the answer."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._live = notebook.live()
        self._awaited: tuple[File, float] | None = None

    def waiting(self, file: File, waited_seconds: float) -> None:
        """Show that a file of the prompt is still being processed."""
        self._awaited = (file, waited_seconds)
        self._live.update(waiting_view(file, waited_seconds), (file.name, int(waited_seconds) // 10))

    def give_up(self) -> None:
        """Let the line that waits say that it waits no more."""
        if self._awaited:
            self._live.finish(not_ready_view(*self._awaited))

    def show(self, answer: Answer, form: AnswerForm, foot: Foot, *, is_last: bool) -> None:
        """Show an answer, at most a few times a second."""
        self._awaited = None
        self._live.show(answer_bundle(answer.text, form, foot), is_last=is_last)

    def keep(self, answer: Answer) -> None:
        """Keep an answer that is not the cell's result in ``_``."""
        self._notebook.keep(answer)
