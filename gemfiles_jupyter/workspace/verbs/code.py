"""``code``: plain google-genai code for stored files."""

from __future__ import annotations

import argparse

from ...config import DEFAULT_MODEL
from ...views.storage import code_view
from ...views.view import fragment, lines
from ..snippets import genai_code
from ..storage import files_meant
from ..variables import holders
from ..workspace import current_workspace
from .desk import Desk
from .selecting import FILES
from .verb import Verb

__all__ = ["CODE_VERB"]


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES)
    parser.add_argument("-m", "--model", default=DEFAULT_MODEL, help=f"default: {DEFAULT_MODEL}")


def _code(chosen: argparse.Namespace, desk: Desk) -> None:
    workspace = current_workspace()
    references = [reference for token in chosen.files for reference in desk.references(token)]
    code = genai_code(
        files_meant(workspace, references),
        chosen.model,
        taken=desk.variables,
        held_by=holders(desk.variables),
        is_offline=workspace.is_offline,
    )
    if desk.offer(code):
        desk.finish(lines([fragment("The next cell has the code; run it when you like.", is_dim=True)]))
    else:
        desk.finish(code_view(code))


CODE_VERB = Verb("code", "plain google-genai code for stored files", _code, _declare)
