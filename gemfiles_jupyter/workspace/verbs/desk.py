"""What a front end does for the verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ...client.models import File
from ...keys import Secret
from ...transfers.progress import Progress
from ...transfers.sources import SourceSpec
from ...views.view import View
from ..results import FileList
from ..stores import Store

__all__ = ["Desk"]


class Desk(Protocol):
    """A notebook or a terminal: it knows its variables, shows views and asks."""

    @property
    def variables(self) -> Mapping[str, object]:
        """What the notebook has; nothing in a terminal."""

    @property
    def assigned(self) -> str:
        """The variable that takes the value of the line; empty where none does."""

    @property
    def is_lasting(self) -> bool:
        """Whether this process lives on after the line, so that what it remembers is of use."""

    @property
    def notebook(self) -> str:
        """What tells this notebook from others, never to be shown; empty in a terminal."""

    def update(self, view: View, step: object) -> None:
        """Show a state on the way; where nothing can be redrawn, only when its step is new."""

    def follow(self, batch: tuple[Progress, ...], *, is_offline: bool) -> None:
        """Show where uploads stand, and at last how they ended."""

    def finish(self, view: View, records: Iterable[Mapping[str, object]] = ()) -> None:
        """Show the end; to a program that asked for JSON lines, the records instead."""

    def confirm(self, question: str, statement: str) -> bool:
        """Ask the user; where there is no one to ask, fail with the statement."""

    def ask_key(self) -> Secret:
        """Ask for a key without showing it; where there is no one to ask, fail and say what else to do."""

    def reference(self, token: str) -> File | str:
        """Return the file that a variable holds, else the word itself, which may name a stored file."""

    def references(self, token: str) -> Sequence[File | str]:
        """Return the files of a variable that holds one or a list of them, else the word itself."""

    def store(self, token: str) -> Store:
        """Return the store that a word of the line means."""

    def sources(self, token: str) -> Sequence[SourceSpec]:
        """Return what a word of the line names for upload."""

    def bind(self, variable: str, value: File | FileList) -> bool:
        """Put files into a variable, unless that holds something else; return whether it was done."""

    def replace(self, old: File, new: File) -> None:
        """Let what holds a file hold the one that took its place."""

    def panel(self) -> object:
        """Show the panel, and return it."""

    def offer(self, code: str) -> bool:
        """Put code into a new cell, not run; return whether there is a place for it."""
