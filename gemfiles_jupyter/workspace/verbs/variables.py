"""Variables for stored files: bind one that was made elsewhere, have all back after a restart."""

from __future__ import annotations

import argparse
from functools import partial

from ...client.models import File
from ...errors import InvalidUsage
from ...views.storage import bound_line, kept_line, lost_line
from ...views.view import Fragment, fragment, lines
from ..results import held_files
from ..variables import Outcome, Restored, free_name, restored
from ..workspace import current_workspace
from .desk import Desk
from .verb import Verb

__all__ = ["RESTORE_VERB", "USE_VERB"]


def _declare_use(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="display name, files/ID or URI")
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="variable; by default after the file's own name"
    )


def _use(chosen: argparse.Namespace, desk: Desk) -> File:
    workspace = current_workspace()
    file = workspace.find(desk.reference(chosen.file))
    name = chosen.name or desk.assigned or free_name(file, desk.variables)
    if name != desk.assigned and not desk.bind(name, file):
        raise InvalidUsage(_why_not(name, desk), hint="Choose another name.")
    desk.finish(lines([_with_note(bound_line(name, [file]), workspace.note)]))
    return file


def _declare_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="variables; default: all of this notebook")
    parser.add_argument(
        "--renew",
        dest="is_renewing",
        action="store_true",
        help="send again what has expired, from its source",
    )


def _restore(chosen: argparse.Namespace, desk: Desk) -> None:
    workspace = current_workspace()
    show = partial(desk.follow, is_offline=workspace.is_offline)
    renewer = workspace.renewer(show, desk.replace) if chosen.is_renewing else None
    found = restored(workspace, desk.notebook, desk.variables, renewer, chosen.names)
    unknown = [name for name in chosen.names if name not in {item.variable for item in found}]
    if unknown:
        raise InvalidUsage(
            f"{unknown[0]} held no file in this notebook.",
            hint="%gemfiles use FILE NAME binds a stored file.",
        )
    if not found:
        hint = "No variable of this notebook held a file; %gemfiles use FILE NAME binds one."
        desk.finish(lines([_with_note(fragment(hint), workspace.note)]))
        return
    rows = [_line(item, desk) for item in found]
    if renewer is None and any(why.endswith("has expired") for item in found for why in item.missing):
        rows.append(fragment("%gemfiles restore --renew sends again what has expired.", is_dim=True))
    if workspace.note:
        rows.append(fragment(workspace.note, is_dim=True))
    desk.finish(lines(rows))


def _line(item: Restored, desk: Desk) -> Fragment:
    if item.outcome is Outcome.KEPT:
        return kept_line(item.variable, item.missing[0])
    if item.value is None:
        return lost_line(item.variable, item.missing)
    desk.bind(item.variable, item.value)
    is_list = isinstance(item.value, list)
    return bound_line(item.variable, held_files(item.value), item.missing, is_list=is_list)


def _why_not(name: str, desk: Desk) -> str:
    if name in desk.variables:
        return f"{name} already holds a value of type {type(desk.variables[name]).__name__}."
    return f"{name} is not a name for a variable."


def _with_note(line: Fragment, note: str) -> Fragment:
    return line + fragment(f" · {note}" if note else "")


USE_VERB = Verb("use", "bind a stored file to a variable", _use, _declare_use, needs_variables=True)
RESTORE_VERB = Verb(
    "restore",
    "bind this notebook's variables again after a restart",
    _restore,
    _declare_restore,
    needs_variables=True,
)
