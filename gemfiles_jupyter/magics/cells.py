"""The notebook as a document: which one it is, and a new cell below."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

__all__ = ["notebook_identity", "offer_cell"]

# The folder at the beginning: a cell may change to another.
_STARTED_IN = str(Path.cwd())


def notebook_identity(shell: Any) -> str:
    """Return what tells this notebook from others of this user; a path, which is never shown.

    Jupyter Server says it to the kernel, and so does VS Code. Elsewhere (a terminal, nbclient, Colab with
    its machine for each notebook) it is the folder that the kernel was started in.
    """
    said = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    return str(Path(str(said)).absolute()) if said else _STARTED_IN


def offer_cell(shell: Any, code: str) -> bool:
    """Put code into a new cell below, not run; return whether the front end has a place for it.

    What can't ask a question (nbclient, papermill) has nobody to read a new cell either. In a
    terminal it is the next prompt's text, unless that is plain.
    """
    if getattr(shell, "pt_app", None):
        shell.set_next_input(code)
        return True
    kernel = getattr(shell, "kernel", None)
    if not getattr(kernel, "_allow_stdin", False):
        return False
    shell.set_next_input(code)
    return True
