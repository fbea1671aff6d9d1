"""The variables of a notebook: which one holds which file, names for new ones, and having them back."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from ..client.models import File
from ..errors import FileUnavailable, GemfilesError
from ..transfers.bindings import Binding, Bindings
from ..transfers.entries import REMOVED
from .renewal import Renewer, remembered
from .results import FileList, as_file, held_files
from .storage import each
from .workspace import Workspace

__all__ = ["Outcome", "Restored", "bindings_of", "free_name", "holders", "restored"]

LONGEST_NAME = 40


class Outcome(str, Enum):
    """What became of a variable that was to be restored."""

    BOUND = "bound"
    KEPT = "kept"  # the name holds something else now
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Restored:
    """One variable of a notebook, and what it is to hold again.

    Attributes
    ----------
    value
        What to bind; None where nothing is.
    missing
        Why each file that is not there is not, in a sentence.
    """

    variable: str
    outcome: Outcome
    value: File | FileList | None = None
    missing: tuple[str, ...] = ()


def holders(variables: Mapping[str, object]) -> dict[str, str]:
    """Return what holds each file, by file name: ``lecture``, or ``notes[2]`` of a list."""
    found: dict[str, str] = {}
    public = {name: value for name, value in variables.items() if not name.startswith("_")}
    for name, value in public.items():
        if file := as_file(value):
            found.setdefault(file.name, name)
    for name, value in public.items():
        for position, file in enumerate(held_files(value) if isinstance(value, list) else ()):
            found.setdefault(file.name, f"{name}[{position}]")
    return found


def bindings_of(variables: Mapping[str, object]) -> dict[str, Binding]:
    """Return the variables that hold files, the way the journal remembers them."""
    return {
        name: Binding(name, tuple(file.name for file in files), isinstance(value, list))
        for name, value in variables.items()
        if not name.startswith("_") and (files := held_files(value)) and all(map(_is_stored, files))
    }


def free_name(file: File, variables: Mapping[str, object]) -> str:
    """Return a variable's name for a file, from its own: the one that holds it, else a new one."""
    base = _identifier(file.label.rpartition("/")[2])
    name, number = base, 1
    while not _is_free(name, file, variables):
        number += 1
        name = f"{base}_{number}"
    return name


def restored(
    workspace: Workspace,
    notebook: str,
    variables: Mapping[str, object],
    renewer: Renewer | None = None,
    only: Collection[str] = (),
) -> list[Restored]:
    """Return what the variables of a notebook held, as it is stored now.

    Parameters
    ----------
    variables
        What the notebook has now; a name that holds something else is left alone.
    renewer
        Sends again what has expired, if that is wanted.
    only
        These variables; none for all.
    """
    endpoint = workspace.client.endpoint
    known = Bindings(workspace.journal.database, endpoint.place, endpoint.key_fingerprint, notebook).all()
    wanted = [binding for binding in known if not only or binding.variable in only]
    names = [name for binding in wanted for name in binding.file_names]
    found = dict(zip(names, each(lambda name: _found(workspace, name), names), strict=True))
    return [_restored(workspace, binding, variables, found, renewer) for binding in wanted]


def _restored(
    workspace: Workspace,
    binding: Binding,
    variables: Mapping[str, object],
    found: Mapping[str, File | GemfilesError],
    renewer: Renewer | None,
) -> Restored:
    held = variables.get(binding.variable)
    if held is not None and tuple(file.name for file in held_files(held)) != binding.file_names:
        kind = type(held).__name__
        return Restored(binding.variable, Outcome.KEPT, missing=(f"it holds a value of type {kind} now",))
    files: list[File] = []
    missing: list[str] = []
    for name in binding.file_names:
        file = found[name]
        if isinstance(file, FileUnavailable):
            file = _renewed(workspace, name, renewer)
        if isinstance(file, File):
            files.append(file)
        else:
            missing.append(file.message)
    if not files:
        return Restored(binding.variable, Outcome.LOST, missing=tuple(missing))
    value = FileList(files) if binding.is_list else files[0]
    return Restored(binding.variable, Outcome.BOUND, value, tuple(missing))


def _found(workspace: Workspace, name: str) -> File | GemfilesError:
    try:
        return workspace.client.files.get(name)
    except GemfilesError as error:
        return error


def _renewed(workspace: Workspace, name: str, renewer: Renewer | None) -> File | GemfilesError:
    """Send a file again that is gone, or say why it is not there."""
    entry = workspace.journal.of_file(name)
    file = remembered(entry) if entry else File(name)
    if renewer:
        try:
            return renewer.renew(file, "the service does not have it any more")
        except GemfilesError as error:
            return error
    left = file.expires_in(workspace.now())
    what = "is gone" if left is None or left.total_seconds() > 0 else "has expired"
    if entry and entry.phase == REMOVED:
        what = "was deleted"
    return FileUnavailable(f"{file.label} {what}", status=404)


def _is_stored(file: File) -> bool:
    """Whether the service has it: a link is only an address."""
    return file.name.startswith("files/")


def _identifier(label: str) -> str:
    """Return ``week_3_notes`` for ``week 3: notes.pdf``."""
    stem = label.rpartition(".")[0] or label
    stem = unicodedata.normalize("NFKC", stem)  # as Python reads names
    word = re.sub(r"\W+", "_", stem)[:LONGEST_NAME].strip("_")
    if not word or not word.isidentifier():  # 3-tides.mp4
        word = f"file_{word}".rstrip("_")
    return word if word.isidentifier() else "file"


def _is_free(name: str, file: File, variables: Mapping[str, object]) -> bool:
    if keyword.iskeyword(name) or hasattr(builtins, name):
        return False
    held = variables.get(name)
    return held is None or (isinstance(held, File) and held.name == file.name)
