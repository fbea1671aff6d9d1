"""``%gemfiles``: what is stored, for how long, and what to do with it."""

from __future__ import annotations

from ..workspace.verbs import VERBS
from ..workspace.verbs.parsing import VerbParser
from ..workspace.verbs.verb import add_verbs
from .desk import NotebookDesk
from .notebook import Notebook, split

__all__ = ["PARSER", "run"]

PARSER = VerbParser(
    prog="%gemfiles",
    description="List, show, remove and await stored files, and all around them; alone it lists.",
)
add_verbs(PARSER, VERBS).add_parser("help", help="show this")


def run(notebook: Notebook, line: str) -> object:
    """Do what the verb says; bare ``%gemfiles`` lists."""
    words = split(line) or ["ls"]
    if words == ["help"]:
        PARSER.print_help()
        return None
    chosen = PARSER.parse_args(words)
    return notebook.shown(chosen.verb.run(chosen, NotebookDesk(notebook)))
