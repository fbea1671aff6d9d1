"""Uploads of every process: show, pause, go on, give up."""

from __future__ import annotations

import argparse
from functools import partial

from ...transfers.entries import Request
from ...views.rows import asked_view
from ...views.tables import transfers_view
from ...views.view import fragment, lines
from ..results import FileList
from ..workspace import current_workspace
from .desk import Desk
from .verb import Verb

__all__ = ["TRANSFER_VERBS"]


def _declare_transfers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", dest="is_all", action="store_true", help="those that have ended too")


def _transfers(chosen: argparse.Namespace, desk: Desk) -> None:
    desk.finish(transfers_view(current_workspace().transfers(is_open=not chosen.is_all)))


def _declare_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "transfers", nargs="*", metavar="TRANSFER", help="id or name from `transfers`; default: all"
    )


def _pause(chosen: argparse.Namespace, desk: Desk) -> None:
    desk.finish(asked_view(current_workspace().ask_transfers(chosen.transfers, Request.PAUSE), "pause"))


def _cancel(chosen: argparse.Namespace, desk: Desk) -> None:
    desk.finish(asked_view(current_workspace().ask_transfers(chosen.transfers, Request.CANCEL), "cancel"))


def _resume(chosen: argparse.Namespace, desk: Desk) -> FileList | None:
    workspace = current_workspace()
    show = partial(desk.follow, is_offline=workspace.is_offline)
    files, entries = workspace.resume(chosen.transfers, show)
    if not entries:
        desk.finish(lines([fragment("There is nothing to resume.")]))
        return None
    for entry in entries:
        file = next((file for file in files if file.display_name == entry.display_name), None)
        if entry.variable and file:
            desk.bind(entry.variable, file)
    return files


TRANSFER_VERBS = (
    Verb("transfers", "uploads of every process: under way, paused, ended", _transfers, _declare_transfers),
    Verb("pause", "pause uploads, wherever they run", _pause, _declare_names),
    Verb("resume", "go on with uploads that were paused or interrupted", _resume, _declare_names),
    Verb("cancel", "give uploads up", _cancel, _declare_names),
)
