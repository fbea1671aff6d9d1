"""What is installed and where things are kept: versions, the journal, the disk, the parts in JupyterLab."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from ..config import home
from ..transfers.database import is_on_network
from ..views.doctor import Check, Verdict
from ..views.quantities import size_text

__all__ = ["check_disk", "check_extensions", "check_journal", "check_versions"]

US = "gemfiles-jupyter"
SERVER_EXTENSION = "gemfiles_jupyter.server"
SHOWN_VERSIONS = ("ipython", "ipykernel", "ipywidgets", "requests", "jupyterlab")
ROOM_BYTES, LEAST_BYTES = 1024**3, 64 * 1024**2
GOOD, DOUBTFUL, BAD = Verdict.GOOD, Verdict.DOUBTFUL, Verdict.BAD


def check_versions() -> Iterator[Check]:
    """Say which versions there are; those that are older than we need are bad."""
    ours = metadata.version(US)
    there = {name: version for name in SHOWN_VERSIONS if (version := _version(name))}
    said = [
        f"{US} {ours}",
        f"Python {platform.python_version()}",
        *(f"{name} {it}" for name, it in there.items()),
    ]
    needed = _needed()
    old = [
        f"{name}>={least}"
        for name, least in needed.items()
        if (version := _version(name)) is None or _numbers(version) < _numbers(least)
    ]
    fix = f"pip install {' '.join(repr(item) for item in old)}" if old else ""
    yield Check("versions", BAD if old else GOOD, ", ".join(said), fix)


def check_journal() -> Iterator[Check]:
    """Say where transfers are remembered, and whether that works."""
    folder = home()
    place, near = _shown(folder), _nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=near):
            pass
    except OSError:
        fix = "Set GEMFILES_HOME to a folder that you may write to."
        yield Check("journal", DOUBTFUL, f"{place} can't be written: transfers are forgotten at the end", fix)
        return
    journal = folder / "journal.db"
    if os.name == "posix" and journal.exists() and journal.stat().st_mode & 0o077:
        yield Check(
            "journal", DOUBTFUL, f"in {place}, where others may read it", "chmod 600 journal.db there."
        )
        return
    network = ", on a network file system (slower, and safe)" if is_on_network(near) else ""
    yield Check("journal", GOOD, f"in {place}{network}")


def check_disk() -> Iterator[Check]:
    """Say how much room there is for the journal, for what a browser sends, and for the offline server."""
    free = shutil.disk_usage(_nearest(home())).free
    verdict = BAD if free < LEAST_BYTES else DOUBTFUL if free < ROOM_BYTES else GOOD
    fix = "" if verdict is GOOD else "Free some, or set GEMFILES_HOME to another disk."
    yield Check("disk", verdict, f"{size_text(free)} free", fix)


def check_extensions() -> Iterator[Check]:
    """Say whether the panel and its server part are where this environment's JupyterLab looks."""
    if find_spec("jupyterlab") is None:
        yield Check("JupyterLab", GOOD, "not in this environment; the panel needs it, the magics do not")
        return
    yield _lab_extension()
    yield _server_extension()


def _lab_extension() -> Check:
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    places = [Path(place) / US for place in jupyter_path("labextensions")]
    if not any((place / "package.json").is_file() for place in places):
        return Check(
            "panel", DOUBTFUL, "not installed in JupyterLab", f"pip install {US}, then reload the page."
        )
    disabled: dict[str, bool] = {}
    for place in reversed(jupyter_config_path()):
        names = _json(Path(place) / "labconfig" / "page_config.json").get("disabledExtensions")
        if isinstance(names, list):  # as older versions wrote it
            names = dict.fromkeys(names, True)
        disabled |= names if isinstance(names, dict) else {}
    if disabled.get(US):
        return Check("panel", DOUBTFUL, "installed, but disabled", f"jupyter labextension enable {US}")
    return Check("panel", GOOD, "installed in JupyterLab")


def _server_extension() -> Check:
    from jupyter_core.paths import jupyter_config_path

    state: bool | None = None
    for place in reversed(jupyter_config_path()):
        folder = Path(place)
        files = sorted(folder.glob("jupyter_server_config.d/*.json"))
        for path in [folder / "jupyter_server_config.json", *files]:
            server = _json(path).get("ServerApp")
            named = server.get("jpserver_extensions", {}) if isinstance(server, dict) else {}
            state = named.get(SERVER_EXTENSION, state) if isinstance(named, dict) else state
    fix = f"jupyter server extension enable {SERVER_EXTENSION}, then start the server again."
    if state is None:
        return Check("server part", DOUBTFUL, "not installed; the panel needs it", fix)
    return Check(
        "server part", GOOD if state else DOUBTFUL, "enabled" if state else "disabled", "" if state else fix
    )


def _json(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _needed() -> dict[str, str]:
    """Return the least version of each package that we need, from our own metadata."""
    found = (re.match(r"([\w.-]+)>=([\d.]+)$", line) for line in metadata.requires(US) or ())
    return {match[1]: match[2] for match in found if match}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"[\d.]*", version)
    return tuple(int(part) for part in (match[0] if match else "").split(".") if part)


def _nearest(folder: Path) -> Path:
    """Return a folder, or the nearest above it that is there."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), Path(folder.anchor or "."))


def _shown(folder: Path) -> str:
    """Return a folder as it may stand in a notebook that others read."""
    if os.environ.get("GEMFILES_HOME", "").strip():
        return "$GEMFILES_HOME"
    try:
        return f"~/{folder.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return "Jupyter's data folder"
