"""Which file a path of the file browser means; nothing outside its root, and nothing hidden."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_core.paths import is_hidden, jupyter_config_dir, jupyter_runtime_dir
from jupyter_server.utils import to_os_path

from ..config import home
from ..errors import SourceNotFound, SourceRefused

__all__ = ["confined", "shown_name"]


def confined(api_path: str, root: Path, *, allows_hidden: bool) -> Path:
    """Return the file, all links followed.

    Parameters
    ----------
    api_path
        As the contents API names it, with slashes and relative to the root.
    root
        The folder that the file browser shows.
    allows_hidden
        The contents manager serves hidden files too.

    Raises
    ------
    SourceNotFound
        There is no such file, or it is hidden, or not below the root: which one is not told.
    SourceRefused
        It is a folder, or on a drive that is not this server's disk.
    """
    name = shown_name(api_path)
    missing = SourceNotFound(
        f"There is no file {name} in the file browser.", hint="Refresh the file browser."
    )
    parts = [part for part in api_path.split("/") if part]
    if "\x00" in api_path or not parts or ".." in parts or (os.name == "nt" and "\\" in api_path):
        raise missing
    real_root = Path(os.path.realpath(root))
    path = Path(to_os_path(api_path, str(real_root)))  # type: ignore[arg-type]
    if ":" in parts[0] and (os.name == "nt" or not os.path.lexists(path)):
        raise SourceRefused(
            f"{name} is on the drive {parts[0].partition(':')[0]}, which this server can't read.",
            hint="Download it, and drop it here.",
        )
    try:
        real = Path(os.path.realpath(path, strict=True))
    except (OSError, ValueError):
        raise missing from None
    if not _is_below(real, real_root) or any(_is_below(real, place) for place in _private()):
        raise missing
    if not allows_hidden and any(is_hidden(str(each), str(real_root)) for each in (path, real)):
        raise missing
    if real.is_dir():
        raise SourceRefused(f"{name} is a folder.", hint="Open it, and choose the files in it.")
    if not real.is_file():
        raise SourceRefused(f"{name} is not a regular file.", hint="Copy its content into one first.")
    return real


def shown_name(api_path: str) -> str:
    """Return what the file browser calls a file."""
    return api_path.rstrip("/").rpartition("/")[2]


def _is_below(path: Path, folder: Path) -> bool:
    """Whether a path is in a folder; compared by whole names, as ``root-2`` is not below ``root``."""
    return path != folder and folder in path.parents


def _private() -> list[Path]:
    """Return the folders that hold tokens, password hashes and upload URLs."""
    places = (jupyter_runtime_dir(), jupyter_config_dir(), str(home()))
    return [Path(os.path.realpath(place)) for place in places]
