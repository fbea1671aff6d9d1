"""``%gemupload``: send files, show how it goes, give back what a prompt can use."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..client.models import File
from ..errors import InvalidUsage, SourceNotFound
from ..transfers.addresses import is_address, kept_address, local_path
from ..transfers.mime import guess_mime
from ..transfers.paths import exists, shown_path
from ..transfers.sources import BytesSource, Source, SourceSpec
from ..transfers.values import Named
from ..workspace.links import link
from ..workspace.results import FileList
from ..workspace.verbs.parsing import VerbParser
from ..workspace.verbs.uploads import add_upload, chosen_sources, dry_run, send, transfer_options
from ..workspace.workspace import current_workspace
from .notebook import Notebook

__all__ = ["PARSER", "run", "specs_of"]

PARSER = VerbParser(
    prog="%gemupload",
    description="Upload files and wait until a prompt may use them.\n"
    "%%gemupload NAME.ext makes a text file of the cell.",
    epilog="Examples:\n"
    "  lecture = %gemupload lecture.mp4\n"
    "  %gemupload lecture << lecture.mp4\n"
    "  notes = %gemupload notes/*.pdf --exclude 'draft*'\n"
    "  week = %gemupload $folder/week-{n}/*.md\n"
    "  %gemupload $figure --name 'Tides in May' -v plot",
)
add_upload(
    PARSER,
    "path, pattern, folder, URL (https, s3, gs, ...), or $variable (a path, bytes, an open file, a PIL "
    "image, a figure, a DataFrame, a list or dict of these)",
)
PARSER.add_argument(
    "--link",
    dest="is_link",
    action="store_true",
    help="hand public https URLs to prompts; nothing is uploaded",
)
PARSER.add_argument("-v", dest="variable", metavar="NAME", help="variable for the result")

_TEXT_TYPES = ("text/", "application/json")


def run(notebook: Notebook, line: str, cell: str | None = None) -> object:
    """Upload what the line names; one file gives a `File`, several give a `FileList`.

    Parameters
    ----------
    cell
        The text below ``%%gemupload``, which is uploaded under the name in the line.
    """
    chosen = PARSER.parse_args(_as_option(notebook.words(line, PARSER)))
    if chosen.variable:
        notebook.check_bindable(chosen.variable)
    if chosen.is_link:
        return _linked(notebook, chosen)
    if cell is None:
        specs = [spec for token in chosen.sources for spec in specs_of(notebook, token)]
    else:
        specs = [_cell_source(chosen, cell, notebook)]
    sources = chosen_sources(chosen, specs)
    variable = chosen.variable or notebook.assigned_name()
    options = replace(transfer_options(chosen), variable=variable)
    if chosen.is_dry_run:
        dry_run(sources, options, lambda view, _: notebook.live().finish(view))
        return None
    live = notebook.live(is_quiet=chosen.is_quiet)
    show = partial(live.follow, variable=variable, is_offline=current_workspace().is_offline)
    files = send(chosen, sources, options, show)
    result = files[0] if _is_single(specs, sources) and not files.failed else files
    if chosen.variable:
        notebook.bind(chosen.variable, result)
    return notebook.shown(result) if not chosen.is_quiet else result


def _linked(notebook: Notebook, chosen: argparse.Namespace) -> File | FileList:
    """Return files that stand for addresses on the web; the service fetches them when it is asked."""
    addresses = [notebook.text(token) for token in chosen.sources]
    files = FileList(link(address, chosen.mime, name=chosen.name) for address in addresses)
    result = files[0] if len(files) == 1 else files
    if chosen.variable:
        notebook.bind(chosen.variable, result)
    return result


def specs_of(notebook: Notebook, token: str) -> list[SourceSpec]:
    """Return what a word of the line names for upload: a path as it is, or a variable's value."""
    value = notebook.resolve(token)
    if value is token:
        if not exists(Path(token)):
            _check_meant(notebook, token)
        return [token]
    return [Named(value, token.strip("${}"))]


def _as_option(words: list[str]) -> list[str]:
    """Read ``x << a.mp4``, as magics for SQL taught people, as ``-v x a.mp4``."""
    if "<<" not in words[1:]:
        return words
    at = words.index("<<", 1)
    if "-v" in words:
        raise InvalidUsage("The variable is named twice.", hint=f"Leave out -v, or {words[at - 1]} <<.")
    return [*words[: at - 1], f"-v={words[at - 1]}", *words[at + 1 :]]


def _check_meant(notebook: Notebook, word: str) -> None:
    """Say how to name what looks like a variable, or a part of one, where there is no such file."""
    if word == "#":
        raise InvalidUsage("The line of a magic takes no comment.", hint="Put it on a line of its own.")
    if word.isidentifier() and word in notebook.variables:
        raise SourceNotFound(f"There is no file {word}.", hint=f"For the variable write ${word}.")
    if name := re.match(r"\$[^\W\d]\w*", word):
        notebook.resolve(name[0])
    expression = re.fullmatch(r"\$([^\W\d]\w*[.\[(].*)|\{([^\W\d]\w*[.\[(].*)\}", word)
    if expression:
        it = expression[1] or expression[2]
        raise InvalidUsage(
            f"{word} is more than the name of a variable.", hint=f"Give it a name first: source = {it}"
        )


def _cell_source(chosen: argparse.Namespace, cell: str, notebook: Notebook) -> BytesSource:
    """Return a cell's text as a file; the name says of which type."""
    if len(chosen.sources) != 1:
        raise InvalidUsage(
            "%%gemupload makes one file of the cell.", hint="Give one name: %%gemupload notes.md"
        )
    name = notebook.text(chosen.sources[0])
    data = cell.encode("utf-8", "replace")
    if not (chosen.mime or guess_mime(name, data)).startswith(_TEXT_TYPES) and not chosen.force:
        raise InvalidUsage(
            f"{name} is not the name of a text file, and a cell is text.",
            hint="Call it NAME.txt, NAME.md or NAME.py, or say what it is with --mime.",
        )
    return BytesSource(data, shown_path(name))


def _is_single(specs: Sequence[SourceSpec], sources: Sequence[Source]) -> bool:
    """Whether the user named one thing: a folder, pattern or list gives a list even of one file."""
    if len(specs) != 1 or len(sources) != 1:
        return False
    value = specs[0].value if isinstance(specs[0], Named) else specs[0]
    if isinstance(value, (str, os.PathLike)):
        place = local_path(os.fspath(value))
        if is_address(place):
            return sources[0].place == kept_address(place)
        return Path(place).expanduser().is_file()
    return not isinstance(value, (list, tuple, Mapping))
