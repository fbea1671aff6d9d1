"""Remembers which variables hold files, after each cell, so that `%gemfiles restore` can bring them back."""

from __future__ import annotations

import sqlite3
from typing import Any

from ..transfers.bindings import Binding, Bindings
from ..workspace.variables import bindings_of
from ..workspace.workspace import known_workspace
from .cells import notebook_identity

__all__ = ["VariableMemory"]


class VariableMemory:
    """Watches the variables of one shell; costs a look at each variable a cell, and a write when one changed.

    What an earlier kernel bound stays remembered until this one binds the same name.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._known: dict[str, Binding] = {}
        self._callback = self._look  # one object: IPython 7 takes back only the very same

    def start(self) -> None:
        """Look after every cell from now on."""
        self._shell.events.register("post_run_cell", self._callback)

    def stop(self) -> None:
        """Look no more."""
        self._shell.events.unregister("post_run_cell", self._callback)

    def _look(self, *_: object) -> None:
        workspace = known_workspace()
        if workspace is None:  # nothing of ours can be there yet
            return
        now = bindings_of(self._shell.user_ns)
        if now == self._known:
            return
        endpoint = workspace.client.endpoint
        notebook = notebook_identity(self._shell)
        changed = [binding for name, binding in now.items() if self._known.get(name) != binding]
        try:
            bindings = Bindings(
                workspace.journal.database, endpoint.place, endpoint.key_fingerprint, notebook
            )
            bindings.change(changed, self._known.keys() - now.keys())
        except sqlite3.Error:  # a journal that can't be written now is no reason to disturb a cell
            return
        self._known = now
