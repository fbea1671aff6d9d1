"""``%gemfiles``: what is stored, for how long, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import KeyTyped
from ..workspace.verbs import VERBS
from ..workspace.verbs.key import typed_keys
from ..workspace.verbs.parsing import VerbParser
from ..workspace.verbs.verb import add_verbs
from .desk import NotebookDesk
from .key_input import erase_from_history
from .notebook import Notebook

__all__ = ["PARSER", "run"]

PARSER = VerbParser(
    prog="%gemfiles",
    description="List, show, remove and await stored files, and all around them; alone it lists.",
)
add_verbs(PARSER, VERBS).add_parser("help", help="show this")


def run(notebook: Notebook, line: str, make_panel: Callable[[], object]) -> object:
    """Do what the verb says; bare ``%gemfiles`` lists."""
    words = notebook.words(line, PARSER) or ["ls"]
    if words == ["help"]:
        PARSER.print_help()
        return None
    try:
        chosen = PARSER.parse_args(words)
    except KeyTyped as error:
        is_gone = erase_from_history(notebook.shell, typed_keys(words[1:]))
        done = "It is out of IPython's history now" if is_gone else "It is in IPython's history still"
        raise KeyTyped(
            error.message, hint=f"{done}; delete it from the cell, then run %gemfiles key alone: it asks."
        ) from None
    return notebook.shown(chosen.verb.run(chosen, NotebookDesk(notebook, make_panel)))
