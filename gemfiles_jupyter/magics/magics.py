"""The magics that IPython sees; each only parses, and hands over to its own module."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)

from . import files, prompt, upload
from .errors import short_errors
from .notebook import Notebook
from .settings import Settings

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["GemfilesMagics"]


@magics_class
class GemfilesMagics(Settings, Magics):
    """Files with Gemini: upload, manage, prompt; these are defaults of their options."""

    def __init__(self, shell: InteractiveShell, make_panel: Callable[[], object]) -> None:
        super().__init__(shell=shell)
        self._make_panel = make_panel

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    @short_errors
    def gemupload(
        self, line: str, cell: str | None = None, local_ns: dict[str, object] | None = None
    ) -> object:
        """Upload files and wait until a prompt may use them; ``%gemupload --help`` has the options."""
        return upload.run(Notebook(self.shell, local_ns), line, cell)

    @no_var_expand
    @needs_local_scope
    @line_magic
    @short_errors
    def gemfiles(self, line: str, local_ns: dict[str, object] | None = None) -> object:
        """List, show, remove and await stored files; ``%gemfiles help`` has the verbs."""
        return files.run(Notebook(self.shell, local_ns), line, self._make_panel)

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    @short_errors
    def gemprompt(
        self, line: str, cell: str | None = None, local_ns: dict[str, object] | None = None
    ) -> object:
        """Ask a model; ``{name}`` of a file puts it there. ``%%gemprompt --help`` has the options."""
        return prompt.run(Notebook(self.shell, local_ns), line, cell)


for _magic, _parser in (
    ("gemupload", upload.PARSER),
    ("gemfiles", files.PARSER),
    ("gemprompt", prompt.PARSER),
):
    getattr(GemfilesMagics, _magic).__doc__ = _parser.format_help()
