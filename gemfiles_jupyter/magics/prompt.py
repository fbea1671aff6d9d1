"""``%%gemprompt``: a prompt with files in it, and its answer as it comes."""

from __future__ import annotations

from functools import partial

from ..client.models import File
from ..client.prompts import Answer, PromptOptions
from ..errors import BadResponse
from ..safe_text import safe_lines
from ..workspace.stores import Store
from ..workspace.verbs.parsing import VerbParser
from ..workspace.verbs.prompts import add_prompt
from ..workspace.workspace import Workspace, current_workspace
from .notebook import Notebook, split

__all__ = ["PARSER", "run"]

PARSER = VerbParser(
    prog="%%gemprompt",
    description="Ask a model. {name} puts a file (or the text of a variable) at that place;\n"
    "everything else in braces is left alone, and {{name}} gives {name}.",
    epilog="Example:\n  %%gemprompt -o summary\n  Summarise {lecture} in five points.",
)
add_prompt(PARSER)
PARSER.add_argument("-o", dest="variable", metavar="NAME", help="variable for the answer")
PARSER.add_argument(
    "-f",
    dest="form",
    choices=("markdown", "text"),
    default="markdown",
    help="how to show it: markdown (default) or text",
)


def run(notebook: Notebook, line: str, cell: str) -> object:
    """Send the cell as a prompt, and show the answer."""
    chosen = PARSER.parse_args(split(line))
    if chosen.variable:
        notebook.check_bindable(chosen.variable)
    workspace = current_workspace()
    first = [_file(notebook, workspace, reference) for reference in chosen.files]
    renewer = workspace.renewer(
        partial(notebook.live().follow, is_offline=workspace.is_offline), notebook.follow
    )
    parts = workspace.compose(cell, notebook.variables, first, renewer)
    stores = tuple(_store_name(notebook, reference) for reference in chosen.stores)
    options = PromptOptions(chosen.model, chosen.system, chosen.temperature, stores)
    live = notebook.live()
    answer: Answer | None = None
    answers = (
        workspace.stream(parts, options, renewer)
        if chosen.is_streaming
        else [workspace.ask(parts, options, renewer)]
    )
    try:
        for answer in answers:
            live.show(_bundle(answer, chosen.form), is_last=False)
    finally:
        if answer:
            live.show(_bundle(answer, chosen.form), is_last=True)
    if answer is None:
        raise BadResponse("The service sent no answer.", hint="Run the cell again.")
    if chosen.variable:
        notebook.bind(chosen.variable, answer)
    return notebook.shown(answer)


def _file(notebook: Notebook, workspace: Workspace, reference: str) -> File:
    value = notebook.variables.get(reference)
    return value if isinstance(value, File) else workspace.find(reference)


def _store_name(notebook: Notebook, reference: str) -> str:
    value = notebook.variables.get(reference)
    return (value if isinstance(value, Store) else Store.get(reference)).name


def _bundle(answer: Answer, form: str) -> dict[str, str]:
    bundle = {"text/plain": safe_lines(answer.text)}
    return bundle if form == "text" else {**bundle, "text/markdown": answer.text}
