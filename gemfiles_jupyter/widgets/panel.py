"""The panel of files and transfers as a widget."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import TimeoutError as NotInTime
from pathlib import Path
from typing import Any

from traitlets import Tuple

from ..client.models import File
from ..errors import GemfilesError
from ..views.panel_summary import panel_summary
from ..views.view import View
from ..workspace.results import FileList
from .home import Home

__all__ = ["Panel"]

# To have the present files in the saved form is no reason to keep a cell waiting.
SUMMARY_SECONDS = 3.0


class Panel(Home):
    """The files with Gemini in a notebook: upload, see, select, delete, bind to variables.

    A saved notebook keeps a summary of the files, as text and HTML. Inside of a box it keeps what the box
    says of itself, which is one line: what is to be read later stands best by itself.

    Parameters
    ----------
    accept
        Kinds of files that are wanted, such as ``"video/*"`` or ``".pdf,.txt"``.
    multiple
        Whether more than one at a time is taken.
    on_upload
        Called with each `File` that was uploaded here, once a prompt may use it; never while a cell runs.

    Examples
    --------
    >>> panel = gf.Panel(accept="video/*", on_upload=print)  # doctest: +SKIP
    >>> panel.observe(lambda change: show(panel.files), "selected")  # doctest: +SKIP
    """

    selected = Tuple(help="Names of the selected files, such as files/abc123.", read_only=True)

    def __init__(
        self,
        *,
        accept: str = "",
        multiple: bool = True,
        on_upload: Callable[[File], object] | None = None,
        **traits: Any,
    ) -> None:
        super().__init__(_kind="panel", accept=accept, multiple=multiple, **traits)
        if on_upload:
            self.on_upload(on_upload)

    @property
    def files(self) -> FileList:
        """The selected files."""
        return FileList([self._kernel.panel.file(name) for name in self.selected])

    def upload(self, *sources: str | Path) -> None:
        """Begin to upload files that the kernel can read, as if they were dropped here."""
        found = [(Path(source), Path(source).name) for source in sources]
        for transfer in self._kernel.panel.start(found):
            self._expect(transfer)

    def on_upload(self, callback: Callable[[File], object], remove: bool = False) -> None:
        """Have a function called with each file that was uploaded here, or no more."""
        self._arrivals.register_callback(callback, remove=remove)

    def static_view(self) -> View:
        """Return the files as they are now."""
        try:
            listed = self._kernel.service.submit(self._kernel.panel.listing.listed).result(SUMMARY_SECONDS)
        except (GemfilesError, NotInTime):
            return panel_summary((), None)
        return panel_summary([item.file for item in listed.files], listed.now)

    def _on_message(self, widget: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content.get("kind") == "select":
            self.set_trait("selected", tuple(str(name) for name in content.get("names", ())))
        else:
            super()._on_message(widget, content, buffers)
