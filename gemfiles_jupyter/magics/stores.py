"""``%gemfiles store``: file search stores in a notebook."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..client.models import File
from ..errors import InvalidUsage
from ..transfers.sources import SourceSpec
from ..views.view import View
from ..workspace.store_verbs import run_store
from ..workspace.stores import Store
from ..workspace.workspace import current_workspace
from .notebook import Notebook
from .upload import specs_of

__all__ = ["run"]


def run(notebook: Notebook, chosen: argparse.Namespace) -> object:
    """Do what the verb says; give back the store that it was about."""
    return notebook.shown(run_store(chosen, NotebookDesk(notebook)))


class NotebookDesk:
    """The notebook as the store's verbs see it."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._live = notebook.live()

    def update(self, view: View, step: object) -> None:
        """Show a state on the way."""
        self._live.update(view, step)

    def finish(self, view: View) -> None:
        """Show the end."""
        self._live.finish(view)

    def confirm(self, question: str, statement: str) -> bool:
        """Ask below the cell."""
        return self._notebook.confirm(question, statement)

    def store(self, token: str) -> Store:
        """Return the store of a variable, else the one of that name."""
        value = self._value(token)
        return value if isinstance(value, Store) else Store.get(str(value))

    def file(self, token: str) -> File:
        """Return the file of a variable, else the one of that name."""
        value = self._value(token)
        return value if isinstance(value, File) else current_workspace().find(str(value))

    def sources(self, token: str) -> Sequence[SourceSpec]:
        """Return what a path or ``$variable`` names."""
        return specs_of(token, self._notebook.resolve(token))

    def _value(self, token: str) -> object:
        """Return a variable's store or file, else the word itself."""
        value = self._notebook.variables.get(token)
        if isinstance(value, (Store, File)):
            return value
        resolved = self._notebook.resolve(token)
        if not isinstance(resolved, (str, Store, File)):
            raise InvalidUsage(f"{token} holds neither a store nor a file.")
        return resolved
