"""What runs in the browser, built from ``labextension/src/widget``."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from ..errors import GemfilesError

__all__ = ["code", "code_id", "loader"]

_FOLDER = Path(__file__).parent / "static"


@cache
def loader() -> str:
    """Return what a notebook's state carries: a small module that asks this kernel for the rest.

    Raises
    ------
    GemfilesError
        It was not built.
    """
    return _read("loader.js").decode()


@cache
def code() -> bytes:
    """Return the module that draws the panel, with its styles."""
    return _read("panel.js")


@cache
def code_id() -> str:
    """Return what tells one build from another, so that a page loads each only once."""
    return hashlib.sha256(code()).hexdigest()[:16]


def _read(name: str) -> bytes:
    try:
        return (_FOLDER / name).read_bytes()
    except FileNotFoundError:
        raise GemfilesError(
            "The panel is not built in this copy of gemfiles-jupyter.",
            hint="Run `pip install .` in its folder, or install a wheel.",
        ) from None
