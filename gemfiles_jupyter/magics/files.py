"""``%gemfiles``: what is stored, for how long, and what to do with it."""

from __future__ import annotations

import argparse
from functools import partial

from ..client.models import File
from ..errors import InvalidUsage
from ..transfers.entries import Request
from ..views.rows import OFFLINE, asked_view, removed_view, waiting_view
from ..views.tables import file_view, files_view, transfers_view
from ..views.view import fragment, lines
from ..workspace import offline
from ..workspace.results import FileList
from ..workspace.store_verbs import add_store
from ..workspace.verbs import (
    CONFIRM,
    VerbParser,
    add_info,
    add_ls,
    add_offline,
    add_rm,
    add_transfer_names,
    add_transfers,
    add_wait,
)
from ..workspace.workspace import Workspace, current_workspace
from . import stores
from .notebook import Notebook, split

__all__ = ["PARSER", "run"]

PARSER = VerbParser(prog="%gemfiles", description="List, show, remove and await stored files.")
_verbs = PARSER.add_subparsers(dest="verb", metavar="VERB", parser_class=VerbParser)
add_ls(_verbs.add_parser("ls", help="list stored files (also what bare %%gemfiles does)"))
add_info(_verbs.add_parser("info", help="show one file"))
add_rm(_verbs.add_parser("rm", help="delete files"))
add_wait(_verbs.add_parser("wait", help="wait until files are ACTIVE"))
add_offline(_verbs.add_parser("offline", help="the offline server: status, start, stop"))
add_transfers(_verbs.add_parser("transfers", help="uploads of every process: under way, paused, ended"))
for _name, _help in (
    ("pause", "pause uploads, wherever they run"),
    ("resume", "go on with uploads that were paused or interrupted"),
    ("cancel", "give uploads up"),
):
    add_transfer_names(_verbs.add_parser(_name, help=_help))
add_store(
    _verbs.add_parser("store", help="file search stores: documents that a prompt can search"),
    "path, pattern, folder, or $variable",
)
_verbs.add_parser("help", help="show this")


def run(notebook: Notebook, line: str) -> object:
    """Do what the verb says; bare ``%gemfiles`` lists."""
    words = split(line) or ["ls"]
    if words == ["help"]:
        PARSER.print_help()
        return None
    chosen = PARSER.parse_args(words)
    if chosen.verb == "offline":
        _offline(notebook, chosen.action)
        return None
    if chosen.verb == "store":
        return stores.run(notebook, chosen)
    verb = {
        "ls": _ls,
        "info": _info,
        "rm": _rm,
        "wait": _wait,
        "transfers": _transfers,
        "pause": _ask,
        "cancel": _ask,
        "resume": _resume,
    }[chosen.verb]
    return verb(notebook, current_workspace(), chosen)


def _ls(notebook: Notebook, workspace: Workspace, chosen: argparse.Namespace) -> object:
    files = workspace.files(chosen.pattern)
    view = files_view(files, now=workspace.now(), variables=notebook.holders(), note=_note(workspace))
    notebook.live().finish(view)
    return notebook.shown(FileList(files))


def _info(notebook: Notebook, workspace: Workspace, chosen: argparse.Namespace) -> object:
    file = workspace.find(_named(notebook, chosen.file))
    notebook.live().finish(file_view(file, now=workspace.now(), note=_note(workspace)))
    return notebook.shown(file)


def _rm(notebook: Notebook, workspace: Workspace, chosen: argparse.Namespace) -> None:
    names = [_named(notebook, reference) for reference in chosen.files]
    files = workspace.to_remove(names, is_all=chosen.is_all)
    question, statement = CONFIRM.format(len(files)), f"This deletes {len(files)} files."
    # One file that was named exactly is meant; more is asked about.
    if (chosen.is_all or len(files) > 1) and not chosen.is_sure and not notebook.confirm(question, statement):
        notebook.live().finish(lines([fragment("Nothing was deleted.")]))
        return
    for file in files:
        workspace.remove(file)
    notebook.live().finish(removed_view(files, is_offline=workspace.is_offline))


def _wait(notebook: Notebook, workspace: Workspace, chosen: argparse.Namespace) -> object:
    live = notebook.live()
    ready = []
    for reference in chosen.files:
        name = _named(notebook, reference)

        def on_poll(file: File, waited: float) -> None:
            live.update(waiting_view(file, waited), int(waited) // 10)

        file = workspace.wait(workspace.find(name), timeout_seconds=chosen.timeout, on_poll=on_poll)
        if isinstance(name, File) and isinstance(notebook.variables.get(reference), File):
            notebook.bind(reference, file)  # the variable held the file as it was before
        ready.append(file)
    live.finish(files_view(ready, now=workspace.now(), note=_note(workspace)))
    return notebook.shown(ready[0] if len(ready) == 1 else FileList(ready))


def _transfers(notebook: Notebook, workspace: Workspace, chosen: argparse.Namespace) -> None:
    notebook.live().finish(transfers_view(workspace.transfers(is_open=not chosen.is_all)))


def _ask(notebook: Notebook, workspace: Workspace, chosen: argparse.Namespace) -> None:
    asked = workspace.ask_transfers(chosen.transfers, Request(chosen.verb))
    notebook.live().finish(asked_view(asked, chosen.verb))


def _resume(notebook: Notebook, workspace: Workspace, chosen: argparse.Namespace) -> object:
    live = notebook.live()
    show = partial(live.follow, is_offline=workspace.is_offline)
    files, entries = workspace.resume(chosen.transfers, show)
    if not entries:
        live.finish(lines([fragment("There is nothing to resume.")]))
        return None
    for entry in entries:
        file = next((file for file in files if file.display_name == entry.display_name), None)
        if entry.variable and file and notebook.is_bindable(entry.variable):
            notebook.bind(entry.variable, file)
    return notebook.shown(files)


def _offline(notebook: Notebook, action: str) -> None:
    texts = {"status": offline.status, "start": offline.start, "stop": offline.stop}
    notebook.live().finish(lines([fragment(texts[action]())]))


def _named(notebook: Notebook, reference: str) -> str | File:
    """Return the file a variable holds, else the reference itself."""
    value = notebook.variables.get(reference)
    if isinstance(value, File):
        return value
    resolved = notebook.resolve(reference)
    if not isinstance(resolved, (str, File)):
        raise InvalidUsage(f"{reference} holds no file.")
    return resolved


def _note(workspace: Workspace) -> str:
    return OFFLINE if workspace.is_offline else ""
