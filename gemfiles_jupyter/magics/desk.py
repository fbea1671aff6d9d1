"""The notebook as the verbs see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..client.models import File
from ..errors import InvalidUsage
from ..keys import Secret
from ..transfers.progress import Progress
from ..transfers.sources import SourceSpec
from ..views.view import View
from ..workspace.results import FileList, as_file, held_files
from ..workspace.stores import Store
from .cells import notebook_identity, offer_cell
from .key_input import asked_key
from .live import show
from .notebook import Notebook
from .upload import specs_of

__all__ = ["NotebookDesk"]


class NotebookDesk:
    """Variables and output of the cell that runs.

    Parameters
    ----------
    make_panel
        Returns the panel, where the line may ask for one.
    """

    def __init__(self, notebook: Notebook, make_panel: Callable[[], object] | None = None) -> None:
        self._notebook = notebook
        self._make_panel = make_panel
        self._live = notebook.live()

    @property
    def variables(self) -> Mapping[str, object]:
        """What the notebook has."""
        return self._notebook.variables

    @property
    def assigned(self) -> str:
        """The variable that takes the value of the line."""
        return self._notebook.assigned_name()

    @property
    def is_lasting(self) -> bool:
        """Yes: a kernel remembers until it ends."""
        return True

    @property
    def notebook(self) -> str:
        """What tells this notebook from others."""
        return notebook_identity(self._notebook.shell)

    def update(self, view: View, step: object) -> None:
        """Show a state on the way."""
        self._live.update(view, step)

    def follow(self, batch: tuple[Progress, ...], *, is_offline: bool) -> None:
        """Show where uploads stand."""
        self._live.follow(batch, is_offline=is_offline)

    def finish(self, view: View, records: Iterable[Mapping[str, object]] = ()) -> None:  # noqa: ARG002
        """Show the end; records are for programs, and a cell has its value."""
        self._live.finish(view)

    def confirm(self, question: str, statement: str) -> bool:
        """Ask below the cell."""
        return self._notebook.confirm(question, statement)

    def ask_key(self) -> Secret:
        """Ask below the cell, in a field that shows nothing and is not saved."""
        return asked_key()

    def reference(self, token: str) -> File | str:
        """Return the file of a variable, else the word itself."""
        value = self._value(token)
        if isinstance(value, Store):
            raise InvalidUsage(f"{token} holds a store, not a file.")
        return value

    def references(self, token: str) -> Sequence[File | str]:
        """Return the files of a variable, one or a list, else the word itself."""
        value = self.variables.get(token) or self._notebook.resolve(token)
        return held_files(value) or [self.reference(token)]

    def store(self, token: str) -> Store:
        """Return the store of a variable, else the one of that name."""
        value = self._value(token)
        return value if isinstance(value, Store) else Store.get(str(value))

    def sources(self, token: str) -> Sequence[SourceSpec]:
        """Return what a path or ``$variable`` names."""
        return specs_of(self._notebook, token)

    def bind(self, variable: str, value: File | FileList) -> bool:
        """Put files into a variable that is free or ours."""
        is_bindable = self._notebook.is_bindable(variable)
        if is_bindable:
            self._notebook.bind(variable, value)
        return is_bindable

    def replace(self, old: File, new: File) -> None:
        """Let every variable that holds the old file hold the new one."""
        self._notebook.follow(old, new)

    def panel(self) -> object:
        """Show the panel below the cell."""
        if not getattr(self._notebook.shell, "kernel", None):
            raise InvalidUsage("A panel needs a notebook.", hint="%gemfiles and %gemfiles transfers list.")
        assert self._make_panel, "only %gemfiles asks for it"
        panel = self._make_panel()
        show(panel)
        return panel

    def offer(self, code: str) -> bool:
        """Put code into a new cell below, where the front end can do that."""
        return offer_cell(self._notebook.shell, code)

    def _value(self, token: str) -> str | Store | File:
        """Return a variable's store or file, else the word itself."""
        value = self._notebook.variables.get(token)
        if isinstance(value, Store) or (value := as_file(value)):
            return value
        resolved = self._notebook.resolve(token)
        resolved = as_file(resolved) or resolved
        if not isinstance(resolved, (str, Store, File)):
            raise InvalidUsage(f"{token} holds neither a file nor a store.")
        return resolved
