"""``panel``: files and transfers below the cell, to be clicked on."""

from __future__ import annotations

import argparse

from .desk import Desk
from .verb import Verb

__all__ = ["PANEL_VERB"]


def _panel(_: argparse.Namespace, desk: Desk) -> object:
    return desk.panel()


PANEL_VERB = Verb("panel", "files and transfers in a panel below the cell", _panel, needs_variables=True)
