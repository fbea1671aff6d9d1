"""A button that uploads, for forms."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Tuple, Unicode

from ..client.models import File
from ..views.panel_summary import button_summary
from ..views.view import View
from .home import Home

__all__ = ["UploadButton"]


class UploadButton(Home):
    """Where `ipywidgets.FileUpload` would stand: files of any size, whose values are files with Gemini.

    Parameters
    ----------
    accept
        Kinds of files that are wanted, such as ``"video/*"`` or ``".pdf,.txt"``.
    multiple
        Whether it keeps more than one; else each takes the place of the one before.
    description
        What the button says.

    Examples
    --------
    >>> button = gf.UploadButton(accept=".pdf")  # doctest: +SKIP
    >>> button.observe(lambda change: print(change.new), "value")  # doctest: +SKIP
    """

    description = Unicode("Upload", help="What the button says.").tag(sync=True)
    disabled = Bool(help="Whether it takes no files.").tag(sync=True)
    value = Tuple(help="The files that were uploaded here, each a File that a prompt may use.")

    def __init__(self, *, accept: str = "", multiple: bool = False, **traits: Any) -> None:
        super().__init__(_kind="button", accept=accept, multiple=multiple, **traits)

    def static_view(self) -> View:
        """Return what it holds."""
        return button_summary(self.description, self.value)

    def _has_arrived(self, file: File) -> None:
        others = [other for other in self.value if other.name != file.name] if self.multiple else []
        self.value = (*others, file)
        super()._has_arrived(file)
