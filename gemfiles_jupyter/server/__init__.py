"""The Jupyter Server extension: the panel's transfers and files over REST and Jupyter events."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .extension import GemfilesExtension

__all__ = ["_jupyter_server_extension_points"]


def _jupyter_server_extension_points() -> list[dict[str, str | type[GemfilesExtension]]]:
    """Say what a Jupyter server loads: it calls this by name."""
    from .extension import GemfilesExtension

    return [{"module": "gemfiles_jupyter.server", "app": GemfilesExtension}]
