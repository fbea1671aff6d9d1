"""Stored files: list, show, await."""

from __future__ import annotations

import argparse

from ...client.files import DEFAULT_WAIT_SECONDS
from ...client.models import File
from ...views.records import file_record
from ...views.tables import file_view, files_view
from ..results import FileList
from ..selection import ORDERS, in_order
from ..storage import files_meant
from ..variables import holders
from ..workspace import current_workspace
from .desk import Desk
from .parsing import seconds
from .selecting import FILE, FILES, add_selection, selection_of
from .verb import Verb
from .waiting import shown_waiting

__all__ = ["FILE_VERBS"]


def _declare_ls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", help="only these, such as *.pdf or video/*")
    add_selection(parser)
    parser.add_argument(
        "--sort",
        choices=ORDERS,
        default="age",
        help="age (default, newest first), name, size (biggest first), expires (next first), type",
    )
    parser.add_argument("--reverse", dest="is_reversed", action="store_true", help="the other way round")


def _ls(chosen: argparse.Namespace, desk: Desk) -> FileList:
    workspace = current_workspace()
    references = [reference for token in chosen.patterns for reference in desk.references(token)]
    patterns = (item.name if isinstance(item, File) else item for item in references)
    meant = selection_of(chosen, workspace, *patterns)
    files = in_order(
        meant.of(workspace.files(), workspace.now()), chosen.sort, is_reversed=chosen.is_reversed
    )
    view = files_view(files, now=workspace.now(), variables=holders(desk.variables), note=workspace.note)
    desk.finish(view, map(file_record, files))
    return FileList(files)


def _declare_info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=FILE)


def _info(chosen: argparse.Namespace, desk: Desk) -> File:
    workspace = current_workspace()
    file = workspace.find(desk.reference(chosen.file))
    variable = holders(desk.variables).get(file.name, "")
    view = file_view(file, now=workspace.now(), variable=variable, note=workspace.note)
    desk.finish(view, [file_record(file)])
    return file


def _declare_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILES)
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=DEFAULT_WAIT_SECONDS,
        metavar="TIME",
        help="90s, 10m (default), 1h",
    )


def _wait(chosen: argparse.Namespace, desk: Desk) -> File | FileList:
    workspace = current_workspace()
    on_poll = shown_waiting(desk)
    references = [reference for token in chosen.files for reference in desk.references(token)]
    ready = []
    for before in files_meant(workspace, references):
        after = workspace.wait(before, timeout_seconds=chosen.timeout, on_poll=on_poll)
        desk.replace(before, after)
        ready.append(after)
    desk.finish(files_view(ready, now=workspace.now(), note=workspace.note), map(file_record, ready))
    return ready[0] if len(ready) == 1 else FileList(ready)


FILE_VERBS = (
    Verb("ls", "list stored files", _ls, _declare_ls, has_records=True),
    Verb("info", "show one file", _info, _declare_info, has_records=True),
    Verb("wait", "wait until files are ACTIVE", _wait, _declare_wait, has_records=True),
)
