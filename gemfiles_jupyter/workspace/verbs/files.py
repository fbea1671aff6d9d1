"""Stored files: list, show, remove, await."""

from __future__ import annotations

import argparse

from ...client.files import DEFAULT_WAIT_SECONDS
from ...client.models import File
from ...views.records import file_record
from ...views.rows import removed_view, waiting_view
from ...views.tables import file_view, files_view
from ...views.view import fragment, lines
from ..results import FileList
from ..workspace import current_workspace
from .desk import Desk
from .parsing import seconds
from .verb import Verb

__all__ = ["FILE_VERBS"]

FILE = "variable, display name, files/ID or URI"


def _declare_ls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pattern", nargs="?", metavar="PATTERN", help="only these, such as *.pdf or video/*")


def _ls(chosen: argparse.Namespace, desk: Desk) -> FileList:
    workspace = current_workspace()
    files = workspace.files(chosen.pattern)
    view = files_view(files, now=workspace.now(), variables=desk.holders(), note=workspace.note)
    desk.finish(view, map(file_record, files))
    return FileList(files)


def _declare_info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=FILE)


def _info(chosen: argparse.Namespace, desk: Desk) -> File:
    workspace = current_workspace()
    file = workspace.find(desk.reference(chosen.file))
    desk.finish(file_view(file, now=workspace.now(), note=workspace.note), [file_record(file)])
    return file


def _declare_rm(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help=FILE)
    parser.add_argument("--all", dest="is_all", action="store_true", help="every stored file of this key")
    parser.add_argument("-y", dest="is_sure", action="store_true", help="do not ask")


def _rm(chosen: argparse.Namespace, desk: Desk) -> None:
    workspace = current_workspace()
    files = workspace.to_remove([desk.reference(token) for token in chosen.files], is_all=chosen.is_all)
    # One file that was named exactly is meant; more is asked about.
    if (chosen.is_all or len(files) > 1) and not chosen.is_sure:
        question = f"Delete {len(files)} files? They can't be brought back. [y/N] "
        if not desk.confirm(question, f"This deletes {len(files)} files."):
            desk.finish(lines([fragment("Nothing was deleted.")]))
            return
    for file in files:
        workspace.remove(file)
    desk.finish(removed_view(files, is_offline=workspace.is_offline), map(file_record, files))


def _declare_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help=FILE)
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=DEFAULT_WAIT_SECONDS,
        metavar="TIME",
        help="90s, 10m (default), 1h",
    )


def _wait(chosen: argparse.Namespace, desk: Desk) -> File | FileList:
    workspace = current_workspace()

    def on_poll(file: File, waited: float) -> None:
        desk.update(waiting_view(file, waited), int(waited) // 10)

    ready = []
    for token in chosen.files:
        before = workspace.find(desk.reference(token))
        after = workspace.wait(before, timeout_seconds=chosen.timeout, on_poll=on_poll)
        desk.replace(before, after)
        ready.append(after)
    desk.finish(files_view(ready, now=workspace.now(), note=workspace.note), map(file_record, ready))
    return ready[0] if len(ready) == 1 else FileList(ready)


FILE_VERBS = (
    Verb("ls", "list stored files", _ls, _declare_ls, has_records=True),
    Verb("info", "show one file", _info, _declare_info, has_records=True),
    Verb("rm", "delete files", _rm, _declare_rm, has_records=True),
    Verb("wait", "wait until files are ACTIVE", _wait, _declare_wait, has_records=True),
)
