"""Run the tutorials as a newcomer would: no key, an empty home of their own."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from gemfiles_jupyter.offline import launcher


def pytest_configure(config: pytest.Config) -> None:
    """Set the home before a kernel starts; tests/conftest.py does the same when both are run."""
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GEMFILES_OFFLINE"):
        os.environ.pop(name, None)
    if "GEMFILES_HOME" not in os.environ:
        os.environ["GEMFILES_HOME"] = tempfile.mkdtemp(prefix="gemfiles-home-")
        config.add_cleanup(_remove_home)


def _remove_home() -> None:
    home = Path(os.environ.pop("GEMFILES_HOME"))
    launcher.stop(home)
    shutil.rmtree(home, ignore_errors=True)
