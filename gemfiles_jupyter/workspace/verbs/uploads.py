"""What an upload can be told, the same for magic and command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext

from ...client.files import DEFAULT_WAIT_SECONDS
from ...transfers.reuse import ReusePolicy
from ...transfers.sources import Source, SourceSpec, expand
from ...transfers.transfer import TransferOptions
from ...views.preflight import plan_records, plan_view
from ...views.view import View
from ..cluster import dask_executor
from ..dry_run import Plan, plan
from ..results import FileList
from ..workspace import OnProgress, current_workspace
from .parsing import positive, seconds

__all__ = [
    "add_folders",
    "add_upload",
    "add_waiting",
    "chosen_sources",
    "dry_run",
    "send",
    "transfer_options",
]

Finish = Callable[[View, Iterable[Mapping[str, object]]], None]


def add_upload(parser: argparse.ArgumentParser, sources_help: str) -> None:
    """Declare the arguments of ``upload``."""
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=sources_help)
    parser.add_argument("--name", metavar="TEXT", help="display name, instead of the file's own")
    parser.add_argument("--id", metavar="ID", help="id to ask for: files/ID")
    parser.add_argument("--mime", metavar="TYPE", help="MIME type, instead of recognising it")
    parser.add_argument(
        "--reuse",
        choices=[policy.value for policy in ReusePolicy],
        default=ReusePolicy.AUTO.value,
        help="use a stored file with the same content instead of sending it again: auto (default), "
        "always (even if its type differs or it soon expires), never",
    )
    add_waiting(parser, "it is ACTIVE")
    parser.add_argument(
        "-j",
        dest="workers",
        type=positive,
        metavar="N",
        help="uploads at a time; by default few for big files and many for small ones",
    )
    add_folders(parser)
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="have the workers of a Dask cluster read and send the files: paths that they share, or URLs; "
        "-j is then how many parcels of up to 16 files are out at a time",
    )
    parser.add_argument("--force", action="store_true", help="try even what the service is known to refuse")
    parser.add_argument(
        "--dry-run",
        dest="is_dry_run",
        action="store_true",
        help="send nothing; show what would be sent, reused and refused",
    )
    parser.add_argument("-q", dest="is_quiet", action="store_true", help="show errors only")


def add_folders(parser: argparse.ArgumentParser) -> None:
    """Declare which files of a folder are meant."""
    parser.add_argument(
        "-r", dest="is_recursive", action="store_true", help="folders stand for the folders below them too"
    )
    parser.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="only these files of a folder"
    )
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="all files of a folder but these"
    )


def add_waiting(parser: argparse.ArgumentParser, until: str) -> None:
    """Declare whether to wait, and for how long."""
    parser.add_argument(
        "--no-wait", dest="is_waiting", action="store_false", help=f"do not wait until {until}"
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=DEFAULT_WAIT_SECONDS,
        metavar="TIME",
        help="how long to wait for that: 90s, 10m (default), 1h",
    )


def transfer_options(chosen: argparse.Namespace) -> TransferOptions:
    """Return the options of an upload from its parsed arguments."""
    return TransferOptions(
        display_name=chosen.name,
        id=chosen.id,
        mime_type=chosen.mime,
        is_waiting=chosen.is_waiting,
        timeout_seconds=chosen.timeout,
        workers=chosen.workers,
        is_forced=chosen.force,
        reuse=ReusePolicy(chosen.reuse),
    )


def chosen_sources(chosen: argparse.Namespace, specs: Sequence[SourceSpec]) -> tuple[Source, ...]:
    """Return the sources that a parsed line means."""
    return expand(specs, is_recursive=chosen.is_recursive, include=chosen.include, exclude=chosen.exclude)


def send(
    chosen: argparse.Namespace, sources: Sequence[Source], options: TransferOptions, show: OnProgress
) -> FileList:
    """Upload sources as a parsed line means it: from here, or by the workers of a cluster."""
    with dask_executor(chosen.dask) if chosen.dask else nullcontext() as executor:
        return current_workspace().upload(sources, options, show, executor=executor)


def dry_run(sources: Sequence[Source], options: TransferOptions, finish: Finish) -> Plan:
    """Show what an upload would do, and send nothing.

    Raises
    ------
    QuotaExceeded
        All together do not fit; the table was shown.
    """
    workspace = current_workspace()
    made = plan(workspace.client, workspace.journal, sources, options)
    view = plan_view(made.rows, made.tokens, now=workspace.now(), note=workspace.note)
    finish(view, plan_records(made.rows, made.tokens))
    if made.problem:
        raise made.problem
    return made
