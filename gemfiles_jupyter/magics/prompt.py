"""``%gemprompt`` and ``%%gemprompt``: a prompt with files in it, and its answer as it comes."""

from __future__ import annotations

import re

from ..views.answers import AnswerForm
from ..workspace.verbs.parsing import VerbParser
from ..workspace.verbs.prompts import add_prompt, ask
from .answers import NotebookStage
from .desk import NotebookDesk
from .notebook import Notebook

__all__ = ["PARSER", "run"]

PARSER = VerbParser(
    prog="%%gemprompt",
    description="Ask a model. {name} puts a file (or the text of a variable) at that place, and\n"
    "{name|start=0:30,end=2:10,fps=2} a section of a video; everything else in braces is\n"
    "left alone, and {{name}} gives {name}. As %gemprompt, the text follows the options.",
    epilog="Examples:\n"
    "  %%gemprompt -o summary\n"
    "  Summarise {lecture} in five points.\n\n"
    "  answer = %gemprompt -m gemini-2.5-pro What is said in {lecture|start=1:30}?",
)
add_prompt(
    PARSER,
    list(AnswerForm),
    "variable that holds what the JSON is to look like: a JSON schema (dict), a pydantic model,\n"
    "list[Model]; or a JSON file",
)
PARSER.instead_of_words = "The text goes below, with {name} where a file is meant; or --files A,B."
PARSER.add_argument("-o", dest="variable", metavar="NAME", help="variable for the answer, or for its objects")

# Options whose values are variables, or lists of them, rather than texts.
_OF_OBJECTS = ("--schema", "--files", "--stores")
# One word of a line as a shell sees it; what is in quotes holds together.
_WORD = re.compile(r"""\s*((?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)(?=\s|\Z)""")
_IS_OPTION = re.compile(r"--?[A-Za-z]")


def run(notebook: Notebook, line: str, cell: str | None) -> object:
    """Send a cell, or what follows the options of a line, as a prompt; show and return what comes of it."""
    options, text = _parted(line) if cell is None else (line, cell)
    chosen = PARSER.parse_args(notebook.words(options, PARSER, of_objects=_OF_OBJECTS))
    if chosen.variable:
        notebook.check_bindable(chosen.variable)
    answered = ask(chosen, text, NotebookDesk(notebook), NotebookStage(notebook))
    if answered is None:
        return None
    if chosen.variable:
        notebook.bind(chosen.variable, answered.value)
    return notebook.shown(answered.value)


def _parted(line: str) -> tuple[str, str]:
    """Part a line into its options and the text, which stays as it was typed, quotes and all."""
    with_value = PARSER.options_with_value()
    end = 0
    while match := _WORD.match(line, end):
        word = match[1]
        if word == "--":
            return line[:end], _text(line[match.end() :])
        if not _IS_OPTION.match(word):
            break
        end = match.end()
        if word in with_value and (value := _WORD.match(line, end)):
            end = value.end()
    return line[:end], _text(line[end:])


def _text(rest: str) -> str:
    """Return a text without the semicolon at its end, which is IPython's or stands behind a question."""
    return rest.strip().removesuffix(";")
