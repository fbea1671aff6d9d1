"""The options that say which stored files are meant, the same for every verb that takes many."""

from __future__ import annotations

import argparse

from ..selection import STATES, Selection
from ..storage import uploaded_here
from ..workspace import Workspace
from .parsing import seconds

__all__ = ["FILE", "FILES", "add_selection", "selection_of"]

FILE = "variable, display name, files/ID or URI"
FILES = f"{FILE}; or a pattern such as *.pdf"


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Declare the filters."""
    parser.add_argument(
        "--type",
        dest="kinds",
        action="append",
        default=[],
        metavar="TYPE",
        help="only video, audio, pdf, png, ... or text/*; may be repeated",
    )
    parser.add_argument(
        "--state",
        dest="states",
        action="append",
        choices=list(STATES),
        default=[],
        help="only files in this state; may be repeated",
    )
    parser.add_argument(
        "--older", type=seconds, metavar="TIME", help="only what was stored so long ago: 90s, 10m, 24h"
    )
    parser.add_argument("--younger", type=seconds, metavar="TIME", help="only what was stored since then")
    parser.add_argument(
        "--mine", dest="is_mine", action="store_true", help="only what you uploaded from this machine"
    )


def selection_of(chosen: argparse.Namespace, workspace: Workspace, *patterns: str) -> Selection:
    """Return what the line asks for."""
    return Selection(
        patterns,
        tuple(chosen.kinds),
        tuple(chosen.states),
        chosen.older,
        chosen.younger,
        uploaded_here(workspace) if chosen.is_mine else None,
    )
