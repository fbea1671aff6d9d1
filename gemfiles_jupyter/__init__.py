"""Files with Gemini from a notebook: upload with live progress, prompt with the variable.

``%load_ext gemfiles_jupyter`` in a notebook, or ``import gemfiles_jupyter as gf`` in Python.
Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .client import Client
    from .client.models import File
    from .client.prompts import Answer
    from .errors import GemfilesError
    from .offline.testing import OfflineServer
    from .widgets import Panel, UploadButton
    from .workspace.functions import delete_file, get_file, list_files, upload, upload_many, wait
    from .workspace.links import link
    from .workspace.question_functions import count_tokens, generate
    from .workspace.results import FileList
    from .workspace.stores import Store

__all__ = [
    "Answer",
    "Client",
    "File",
    "FileList",
    "GemfilesError",
    "OfflineServer",
    "Panel",
    "Store",
    "UploadButton",
    "count_tokens",
    "delete_file",
    "generate",
    "get_file",
    "link",
    "list_files",
    "upload",
    "upload_many",
    "wait",
]

_HOMES = {
    "Answer": ".client.prompts",
    "Client": ".client",
    "File": ".client.models",
    "FileList": ".workspace.results",
    "GemfilesError": ".errors",
    "OfflineServer": ".offline.testing",
    "Panel": ".widgets",
    "Store": ".workspace.stores",
    "link": ".workspace.links",
    "UploadButton": ".widgets",
    "count_tokens": ".workspace.question_functions",
    "generate": ".workspace.question_functions",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("gemfiles-jupyter")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES.get(name, ".workspace.functions"), __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics: what ``%load_ext gemfiles_jupyter`` calls."""
    from .magics import load

    load(shell, _make_panel)  # front ends do not know of each other


def _make_panel() -> Panel:
    from .widgets import Panel

    return Panel()


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Remove what loading added."""
    from .magics import unload

    unload(shell)
