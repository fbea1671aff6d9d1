"""``%gemupload``: send files, show how it goes, give back what a prompt can use."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

from ..errors import InvalidUsage
from ..transfers.sources import SourceSpec
from ..workspace.results import FileList
from ..workspace.verbs.parsing import VerbParser
from ..workspace.verbs.uploads import add_upload, transfer_options
from ..workspace.workspace import current_workspace
from .notebook import Notebook, split

__all__ = ["PARSER", "run", "specs_of"]

PARSER = VerbParser(
    prog="%gemupload",
    description="Upload files and wait until a prompt may use them.",
    epilog="Examples:\n"
    "  lecture = %gemupload lecture.mp4\n"
    "  notes = %gemupload notes/*.pdf --exclude 'draft*'\n"
    "  %gemupload $png_bytes --name plot.png -v plot",
)
add_upload(PARSER, "path, pattern, folder, or $variable (str, Path, bytes, BytesIO, a list of these)")
PARSER.add_argument("-v", dest="variable", metavar="NAME", help="variable for the result")


def run(notebook: Notebook, line: str) -> object:
    """Upload what the line names; one file gives a `File`, several give a `FileList`."""
    chosen = PARSER.parse_args(split(line))
    specs = [spec for token in chosen.sources for spec in specs_of(token, notebook.resolve(token))]
    if chosen.variable:
        notebook.check_bindable(chosen.variable)
    files = _upload(notebook, chosen, specs)
    result = files[0] if len(files) == 1 and _is_single(specs) and not files.failed else files
    if chosen.variable:
        notebook.bind(chosen.variable, result)
    return notebook.shown(result) if not chosen.is_quiet else result


def _upload(notebook: Notebook, chosen: argparse.Namespace, specs: list[SourceSpec]) -> FileList:
    workspace = current_workspace()
    variable = chosen.variable or notebook.assigned_name()
    live = notebook.live(is_quiet=chosen.is_quiet)
    show = partial(live.follow, variable=variable, is_offline=workspace.is_offline)
    return workspace.upload(
        specs,
        replace(transfer_options(chosen), variable=variable),
        show,
        is_recursive=chosen.is_recursive,
        include=chosen.include,
        exclude=chosen.exclude,
    )


def specs_of(token: str, value: object) -> list[SourceSpec]:
    """Return what can be uploaded of the value that a word of the line stands for."""
    items = value if isinstance(value, (list, tuple)) else [value]
    for item in items:
        if not isinstance(item, (str, os.PathLike, bytes, bytearray, memoryview, BytesIO)):
            raise InvalidUsage(
                f"{token} is of type {type(item).__name__}, which can't be uploaded.",
                hint="Give a path, bytes, or a list of these.",
            )
    return list(items)


def _is_single(specs: list[SourceSpec]) -> bool:
    """Whether the user named one thing: a folder or pattern gives a list even if it holds one file."""
    if len(specs) != 1:
        return False
    spec = specs[0]
    return not isinstance(spec, (str, os.PathLike)) or Path(spec).expanduser().is_file()
