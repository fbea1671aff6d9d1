"""``rm``: delete stored files, never many of them unasked."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from ...client.models import File
from ...errors import GemfilesError, InvalidUsage
from ...safe_text import safe_text
from ...views.quantities import count_text, size_text
from ...views.records import file_record
from ...views.rows import removed_view
from ...views.storage import removing_view
from ...views.tables import files_view
from ...views.view import fragment, lines
from ...views.widths import short
from ..storage import files_meant, remove_files
from ..variables import holders
from ..workspace import Workspace, current_workspace
from .desk import Desk
from .selecting import FILES, add_selection, selection_of
from .verb import Verb

__all__ = ["RM_VERB"]

NAMED = 4
# What is over sooner needs no sign of life.
QUIET_SECONDS = 1.0


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help=FILES)
    parser.add_argument("--all", dest="is_all", action="store_true", help="every stored file of this key")
    add_selection(parser)
    parser.add_argument(
        "--dry-run", dest="is_rehearsal", action="store_true", help="show what would be deleted, and end"
    )
    parser.add_argument("-y", dest="is_sure", action="store_true", help="do not ask")


def _rm(chosen: argparse.Namespace, desk: Desk) -> None:
    workspace = current_workspace()
    files = _meant(workspace, chosen, desk)
    if chosen.is_rehearsal:
        note = " · ".join(filter(None, ["nothing was deleted", workspace.note]))
        view = files_view(files, now=workspace.now(), variables=holders(desk.variables), note=note)
        desk.finish(view, map(file_record, files))
        return
    # One file that was named is meant; what a filter found is asked about, even if it is one.
    is_named = len(files) == 1 and bool(chosen.files)
    if files and not is_named and not chosen.is_sure and not _is_agreed(files, desk):
        desk.finish(lines([fragment("Nothing was deleted.")]))
        return
    _remove(workspace, files, desk)


def _meant(workspace: Workspace, chosen: argparse.Namespace, desk: Desk) -> list[File]:
    selection = selection_of(chosen, workspace)
    is_named = bool(chosen.files)
    if (chosen.is_all and is_named) or not (chosen.is_all or is_named or selection.has_filter):
        raise InvalidUsage("Say which files, or --all.", hint="%gemfiles ls shows what is stored.")
    references = [reference for token in chosen.files for reference in desk.references(token)]
    return files_meant(workspace, references, selection)


def _is_agreed(files: Sequence[File], desk: Desk) -> bool:
    count = count_text(len(files), "file")
    names = ", ".join(safe_text(short(file.label)) for file in files[:NAMED])
    more = ", …" if len(files) > NAMED else ""
    what = f"{count}, {size_text(sum(file.size_bytes or 0 for file in files))}: {names}{more}"
    question = f"Delete {what}? They can't be brought back. [y/N] "
    return desk.confirm(question, f"This deletes {what}.")


def _remove(workspace: Workspace, files: Sequence[File], desk: Desk) -> None:
    began = time.monotonic()

    def on_progress(done: int) -> None:
        if time.monotonic() - began > QUIET_SECONDS:
            desk.update(removing_view(done, len(files)), 10 * done // len(files))

    removals = remove_files(workspace, files, on_progress)
    gone = [removal.file for removal in removals if not removal.error]
    failed = [(removal.file.label, str(removal.error)) for removal in removals if removal.error]
    if len(removals) == 1 and removals[0].error:
        raise removals[0].error
    desk.finish(removed_view(gone, failed, is_offline=workspace.is_offline), map(file_record, gone))
    if failed:
        raise GemfilesError(
            f"{len(failed)} of {len(files)} files were not deleted.", hint="Each line above says why."
        )


RM_VERB = Verb("rm", "delete files", _rm, _declare, has_records=True)
