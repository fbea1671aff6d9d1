"""What a front end does for the verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ...client.models import File
from ...transfers.progress import Progress
from ...transfers.sources import SourceSpec
from ...views.view import View
from ..stores import Store

__all__ = ["Desk"]


class Desk(Protocol):
    """A notebook or a terminal: it knows its variables, shows views and asks."""

    def update(self, view: View, step: object) -> None:
        """Show a state on the way; where nothing can be redrawn, only when its step is new."""

    def follow(self, batch: tuple[Progress, ...], *, is_offline: bool) -> None:
        """Show where uploads stand, and at last how they ended."""

    def finish(self, view: View, records: Iterable[Mapping[str, object]] = ()) -> None:
        """Show the end; to a program that asked for JSON lines, the records instead."""

    def confirm(self, question: str, statement: str) -> bool:
        """Ask the user; where there is no one to ask, fail with the statement."""

    def reference(self, token: str) -> File | str:
        """Return the file that a variable holds, else the word itself, which may name a stored file."""

    def store(self, token: str) -> Store:
        """Return the store that a word of the line means."""

    def sources(self, token: str) -> Sequence[SourceSpec]:
        """Return what a word of the line names for upload."""

    def holders(self) -> Mapping[str, str]:
        """Return the variable that holds each file, by file name."""

    def bind(self, variable: str, file: File) -> bool:
        """Put a file into a variable, unless that holds something else; return whether it was done."""

    def replace(self, old: File, new: File) -> None:
        """Let what holds a file hold the one that took its place."""
